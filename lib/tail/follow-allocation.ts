import { backoffMs, pause } from '../backoff.ts';
import { shortIdOf } from '../context/id.ts';
import { NvlError } from '../errors.ts';
import type { Allocation } from '../nomad/allocation.ts';
import type { NomadClient } from '../nomad/client.ts';
import { type Node, readNode } from '../nomad/node.ts';
import { readAllocation } from '../nomad/read-allocation.ts';
import { followTask } from './follow-task.ts';
import { type FollowedAllocation, hasTaskStarted } from './followed-allocation.ts';
import { inSlot } from './slots.ts';
import type { TailDeps } from './tail.ts';

/** Shows what the tasks of an allocation write. What fails of it is told, tried again, and nothing to any other. */
export const followAllocation = async (
  { watched, isNew }: { watched: FollowedAllocation; isNew: boolean },
  deps: TailDeps,
): Promise<void> => {
  const first = watched.now();
  const allocation = await readPatiently({ watched, deps });
  if (allocation === undefined) return;
  const node = await deps.nodeOf(allocation);
  const tasks = allocation.tasks.filter(({ name }) => deps.task === undefined || name === deps.task);
  await Promise.all(
    tasks.map((task) => {
      const isNewTask = isNew || !hasTaskStarted(first, task.name);
      return followTask({ allocation, task, node, watched, isNew: isNewTask }, deps);
    }),
  );
};

const readPatiently = async ({
  watched,
  deps: { client, signal, follows, troubles, questions, onUnread },
}: {
  watched: FollowedAllocation;
  deps: TailDeps;
}): Promise<Allocation | undefined> => {
  const { id, name } = watched.now();
  const at = { about: `${name || 'allocation'} ${shortIdOf(id)}`, part: 'allocation' };
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      const found = readAllocation(await inSlot({ slots: questions, signal }, () => client.allocation(id, { signal })));
      if (found === undefined) throw unreadable();
      troubles.settle(at);
      return found;
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!(error instanceof NvlError)) throw error;
      onUnread();
      troubles.add({ ...at, error });
      if (!follows || watched.now().isGone) return undefined;
      await pause(backoffMs({ attempt, random: Math.random() }), signal);
    }
  }
  return undefined;
};

const unreadable = (): NvlError =>
  new NvlError('nomadRefused', {
    message: 'Nomad tells nothing of this allocation',
    facts: { needs: 'the capability read-job in its namespace' },
  });

/**
 * Reads nodes, each once. A token that may read a job need not be one that may read nodes: then a node is what its allocations say of it, its id and its
 * name.
 */
export const createNodeReader = ({ client, signal }: { client: NomadClient; signal: AbortSignal }) => {
  const known = new Map<string, Promise<{ node: Node; isWhole: boolean }>>();
  return ({ nodeId, nodeName }: Pick<Allocation, 'nodeId' | 'nodeName'>) => {
    const found =
      known.get(nodeId) ??
      client.node(nodeId, { signal }).then(
        (raw) => ({ node: readNode(raw), isWhole: true }),
        () => ({ node: readNode({ ID: nodeId, Name: nodeName }), isWhole: false }),
      );
    known.set(nodeId, found);
    return found;
  };
};
