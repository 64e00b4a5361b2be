import { numberOf, objectOf, textOf } from '../json.ts';
import type { Allocation } from './allocation.ts';
import type { NomadClient } from './client.ts';
import { KnownList, type TakenAnswer } from './known-list.ts';
import { readNode } from './node.ts';
import type { FollowedSource } from './node-source.ts';

/**
 * What an nvl within an allocation knows of the node: that allocation, by `GET /v1/allocation/:id` alone. It is a list of one, and
 * followed as that of a node is. Of the node it knows the id and the name that the allocation has, and the datacenter it is told.
 */
export const groupSource = ({
  client,
  allocId,
  allocDir,
  datacenter = '',
  over,
  intervalMs,
}: {
  client: Pick<NomadClient, 'followAllocation' | 'allocationExists'>;
  allocId: string;
  /** Its shared folder, as nvl sees it. */
  allocDir: string;
  datacenter?: string | undefined;
  /** Aborts when its tasks have ended, though Nomad does not say so yet. */
  over?: AbortSignal | undefined;
  intervalMs?: number | undefined;
}): FollowedSource => {
  let of = {};
  let overAt: number | undefined;
  const ended = new Promise<TakenAnswer>((resolve) => {
    const onOver = () => {
      overAt = Date.now();
      resolve(OVER);
    };
    if (over?.aborted) onOver();
    else over?.addEventListener('abort', onOver, { once: true });
  });
  const list = new KnownList({
    intervalMs,
    ask: async ({ onElement, ...question }) => {
      const { raw, text, ...answer } = await client.followAllocation(allocId, question);
      if (raw === undefined) return answer;
      const { NodeID, NodeName, ModifyIndex } = objectOf(raw);
      of = { ID: textOf(NodeID), Name: textOf(NodeName) };
      // Nomad counts it up with each change, of the job's too.
      onElement({ digest: numberOf(ModifyIndex), text: () => text });
      return answer;
    },
  });
  return {
    // Nothing is to be found out: what follows the news calls it by this id.
    locate: async () => ({ nodeId: allocId, allocDir }),
    ask: async (options = {}) => {
      await list.take(options);
      const { allocations, ...listed } = list.listed();
      const node = readNode({ ...of, Datacenter: datacenter });
      const known = allocations.map((one) => (overAt === undefined ? one : asEnded({ allocation: one, at: overAt })));
      return { ...listed, allocations: known, node, allocDir, only: allocId };
    },
    follow: (question) => (overAt === undefined ? Promise.race([list.follow(question), ended]) : list.follow(question)),
    // The stream needs `read-job` in every namespace; the configuration refuses it here.
    events: () => {
      throw new Error('one allocation is not followed by events');
    },
    intervalMs: () => list.intervalMs,
    exists: (id, options = {}) => client.allocationExists(id, options),
  };
};

/** News that Nomad does not have. Its index is below any that was seen: what is asked next is asked anew. */
const OVER: TakenAnswer = { index: 1, isEmpty: false, isChanged: true, bytes: 0 };

const asEnded = ({ allocation, at }: { allocation: Allocation; at: number }): Allocation => ({
  ...allocation,
  tasks: allocation.tasks.map((task) => {
    const ended = { ...task.state, state: 'dead', finishedAt: new Date(at).toISOString() };
    return task.state.state === 'dead' ? task : { ...task, state: ended };
  }),
});
