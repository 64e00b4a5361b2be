import type { Config } from '../config/config.ts';
import { NvlError } from '../errors.ts';
import { objectOf } from '../json.ts';
import { askSocket, STATUS_PATH } from '../serve/ask-socket.ts';
import { type AskedTasks, makeStatus } from '../status/make-status.ts';
import { statusQuestion } from '../status/question.ts';
import { type NodeStatus, STATUS_SCHEMA } from '../status/status.ts';
import { statusInState } from './status-in-state.ts';

type Asking = { config: Config; asked?: AskedTasks /** How many tasks are listed. */; limit?: number | undefined };

/**
 * What the daemon of an output root knows; where none answers, what its state says. Throws `statusUnanswered` where there is neither, or
 * the daemon cannot be asked.
 */
export const nodeStatus = async (asking: Asking & { signal: AbortSignal }): Promise<NodeStatus> =>
  (await fromDaemon(asking)) ?? (await fromState(asking));

const fromDaemon = async ({
  config,
  asked = {},
  limit,
  signal,
}: Asking & { signal: AbortSignal }): Promise<NodeStatus | undefined> => {
  const query = statusQuestion({ asked, limit });
  const answer = await askSocket({ folder: config.root, question: `${STATUS_PATH}?${query}`, signal });
  if (answer === undefined) return undefined;
  const read: unknown = answer.status === 200 ? JSON.parse(answer.text) : undefined;
  if (objectOf(read).schema === STATUS_SCHEMA) return read as NodeStatus;
  throw new NvlError('statusUnanswered', {
    message: 'the nvl that runs answers in another form than this one reads',
    facts: { root: config.root, said: answer.text.slice(0, MOST_SAID_BYTES) },
    advice: 'ask with the nvl that runs: it may be of another version',
  });
};

const MOST_SAID_BYTES = 200;

const fromState = async ({ config, asked = {} }: Asking): Promise<NodeStatus> => {
  const held = await statusInState(config);
  if (held !== undefined) return makeStatus({ held, asked });
  throw new NvlError('statusUnanswered', {
    message: 'no nvl runs on this output root, and none has left a state there',
    facts: { root: config.root },
    advice: 'name the root of the nvl that runs with --root, or its configuration with -c',
  });
};
