import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogStream } from '../files/log-files.ts';
import { type DemoAllocation, type DemoJob, toAnswer } from './allocation.ts';
import { agentSelf, nodeAnswer } from './answers.ts';
import { createLogFiles, type LogFiles } from './log-files.ts';
import { createRandom } from './random.ts';
import { serve } from './serve.ts';

/** A simulated Nomad client: allocations that come and go, answered over HTTP, with log files where Nomad keeps them. */
export type DemoNode = {
  /** Of its HTTP server, on 127.0.0.1. */
  address: string;
  nodeId: string;
  nodeName: string;
  allocDir: string;
  /** Starts a job's group and gives the ids of its allocations once they run; the job's next start is its next version. */
  startJob: (job: DemoJob) => Promise<string[]>;
  /** As `nomad job stop` does: asked to stop at once, finished a moment later. */
  stopAllocation: (id: string) => Promise<void>;
  /** The allocation's tasks end by themselves; another code than 0 is a failure. */
  finishAllocation: (id: string, options?: { exitCode?: number }) => void;
  /** As garbage collection does: its folder and its entry are gone. */
  removeAllocation: (id: string) => void;
  writeLines: (write: { id: string; task: string; stream?: LogStream; lines: string[]; isLastBare?: boolean }) => void;
  close: () => Promise<void>;
};

/**
 * `dataDir` is the node's alone and is made when needed. Equal seeds give equal ids for equal calls. `pause` is
 * how long an allocation is pending, and takes to stop: on a real node raw_exec tasks first write 100 to 140 ms later.
 */
export const createDemoNode = async ({
  dataDir,
  seed,
  nodeName = 'demo-node',
  pause = (signal) => sleep(120, undefined, { signal }),
  now = () => new Date(),
}: {
  dataDir: string;
  seed: number;
  nodeName?: string;
  pause?: (signal: AbortSignal) => Promise<unknown>;
  now?: () => Date;
}): Promise<DemoNode> => {
  const random = createRandom(seed);
  const nodeId = random.uuid();
  const allocDir = join(dataDir, 'alloc');
  const allocations = new Map<string, { allocation: DemoAllocation; files: LogFiles | undefined }>();
  const versions = new Map<string, number>();
  const waiting = new Set<() => void>();
  const closing = new AbortController();
  let index = 10;

  const wake = () => {
    for (const resolve of waiting) resolve();
    waiting.clear();
  };
  const entryOf = (id: string) => {
    const entry = allocations.get(id);
    if (entry === undefined) throw new Error(`the demo node has no allocation ${id}`);
    return entry;
  };
  const change = (id: string, parts: Partial<DemoAllocation>) => {
    index += 1;
    Object.assign(entryOf(id).allocation, parts, { modifyIndex: index, modifiedAt: now() });
    wake();
  };
  const passTime = () => pause(closing.signal).catch(() => {});
  const node = () => ({ id: nodeId, name: nodeName });
  const identity = () => ({ ...node(), dataDir, address: server.address });

  const server = await serve({
    agentSelf: () => agentSelf(identity()),
    node: (id) => (id === nodeId ? nodeAnswer(identity()) : undefined),
    allocations: (id) =>
      id === nodeId ? [...allocations.values()].map(({ allocation }) => toAnswer({ allocation, node: node() })) : [],
    allocation: (id) => {
      const entry = allocations.get(id);
      return entry && toAnswer({ allocation: entry.allocation, node: node() });
    },
    index: () => index,
    changedSince: async (since, signal) => {
      while (index <= since && !signal.aborted) {
        await new Promise<void>((resolve) => {
          waiting.add(resolve);
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      }
    },
  });

  const createAllocation = (job: DemoJob, position: number): string => {
    const allocation: DemoAllocation = {
      id: random.uuid(),
      evalId: random.uuid(),
      job,
      index: position,
      version: versions.get(job.id) ?? 0,
      clientStatus: 'pending',
      isAskedToStop: false,
      createIndex: index,
      modifyIndex: index,
      createdAt: now(),
      modifiedAt: now(),
      startedAt: undefined,
      finishedAt: undefined,
      port: random.between(20_000, 32_000),
    };
    allocations.set(allocation.id, { allocation, files: undefined });
    return allocation.id;
  };

  return {
    address: server.address,
    nodeId,
    nodeName,
    allocDir,
    startJob: async (job) => {
      versions.set(job.id, (versions.get(job.id) ?? -1) + 1);
      index += 1;
      const ids = Array.from({ length: job.count ?? 1 }, (_, position) => createAllocation(job, position));
      wake();
      await passTime();
      for (const id of ids) {
        entryOf(id).files = createLogFiles({ allocDir, id, tasks: job.tasks });
        change(id, { clientStatus: 'running', startedAt: now() });
      }
      return ids;
    },
    stopAllocation: async (id) => {
      change(id, { isAskedToStop: true });
      await passTime();
      change(id, { clientStatus: 'complete', finishedAt: now() });
    },
    finishAllocation: (id, { exitCode = 0 } = {}) => {
      change(id, { clientStatus: exitCode === 0 ? 'complete' : 'failed', finishedAt: now() });
    },
    removeAllocation: (id) => {
      entryOf(id).files?.remove();
      allocations.delete(id);
      index += 1;
      wake();
    },
    writeLines: ({ id, task, stream = 'stdout', lines, isLastBare = false }) => {
      entryOf(id).files?.write({ task, stream, lines, isLastBare });
    },
    close: async () => {
      closing.abort();
      await server.close();
    },
  };
};
