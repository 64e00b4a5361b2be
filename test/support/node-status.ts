import { askSocket, STATUS_PATH } from '../../lib/serve/ask-socket.ts';
import type { NodeStatus } from '../../lib/status/status.ts';

/** What the daemon of an output root says of its node, without a program in between; undefined where none answers. */
export const nodeStatusOf = async ({ root }: { root: string }): Promise<NodeStatus | undefined> => {
  const answer = await askSocket({ folder: root, question: STATUS_PATH }).catch(() => undefined);
  return answer === undefined ? undefined : (JSON.parse(answer.text) as NodeStatus);
};

/** The process of the Vector that this daemon runs. Throws where none runs. */
export const vectorPidOf = async ({ root }: { root: string }): Promise<number> => {
  const pid = (await nodeStatusOf({ root }))?.vector.pid ?? undefined;
  if (pid === undefined) throw new Error('no Vector runs');
  return pid;
};
