import type { DemoAllocation, DemoJob } from './allocation.ts';
import type { LogFiles } from './log-files.ts';
import type { Random } from './random.ts';

/** One allocation of the node, with its log files once it runs. */
export type Listed = { allocation: DemoAllocation; files: LogFiles | undefined };

/** The node's allocations as its Nomad server knows them: each change gives the list a higher index, and wakes who waits for it. */
export type AllocationList = {
  index(): number;
  all(): DemoAllocation[];
  find(id: string): Listed | undefined;
  /** Throws for an id that is not there. */
  get(id: string): Listed;
  /** The next version of a job, pending; the ids of its allocations. */
  addJob(job: DemoJob): string[];
  change(id: string, parts: Partial<DemoAllocation>): void;
  remove(id: string): void;
  /** Waits for an index above `since`, or for an abort. */
  changedSince(since: number, signal: AbortSignal): Promise<void>;
};

export const createAllocationList = ({ random, now }: { random: Random; now: () => Date }): AllocationList => {
  const listed = new Map<string, Listed>();
  const versions = new Map<string, number>();
  const waiting = new Set<() => void>();
  let index = 10;

  const wake = () => {
    for (const resolve of waiting) resolve();
    waiting.clear();
  };
  const get = (id: string): Listed => {
    const found = listed.get(id);
    if (found === undefined) throw new Error(`the demo node has no allocation ${id}`);
    return found;
  };

  return {
    index: () => index,
    all: () => [...listed.values()].map(({ allocation }) => allocation),
    find: (id) => listed.get(id),
    get,
    addJob: (job) => {
      const version = (versions.get(job.id) ?? -1) + 1;
      versions.set(job.id, version);
      index += 1;
      const added = Array.from({ length: job.count ?? 1 }, (_, position) =>
        aPendingAllocation({ job, version, position, createIndex: index, createdAt: now(), random }),
      );
      for (const allocation of added) listed.set(allocation.id, { allocation, files: undefined });
      wake();
      return added.map(({ id }) => id);
    },
    change: (id, parts) => {
      index += 1;
      Object.assign(get(id).allocation, parts, { modifyIndex: index, modifiedAt: now() });
      wake();
    },
    remove: (id) => {
      listed.delete(id);
      index += 1;
      wake();
    },
    changedSince: async (since, signal) => {
      while (index <= since && !signal.aborted) {
        await new Promise<void>((resolve) => {
          waiting.add(resolve);
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      }
    },
  };
};

const aPendingAllocation = ({
  job,
  version,
  position,
  createIndex,
  createdAt,
  random,
}: {
  job: DemoJob;
  version: number;
  position: number;
  createIndex: number;
  createdAt: Date;
  random: Random;
}): DemoAllocation => ({
  id: random.uuid(),
  evalId: random.uuid(),
  job,
  index: position,
  version,
  clientStatus: 'pending',
  isAskedToStop: false,
  createIndex,
  modifyIndex: createIndex,
  createdAt,
  modifiedAt: createdAt,
  startedAt: undefined,
  finishedAt: undefined,
  port: random.between(20_000, 32_000),
});
