import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogStream } from '../link-name.ts';
import { type DemoJob, toAnswer } from './allocation.ts';
import { type AllocationList, createAllocationList } from './allocation-list.ts';
import { agentSelf, nodeAnswer } from './answers.ts';
import { createLogFiles } from './log-files.ts';
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

export type DemoNodeOptions = {
  /** The node's alone; made when needed. */
  dataDir: string;
  /** Equal seeds give equal ids for equal calls. */
  seed: number;
  nodeName?: string;
  /** How long an allocation is pending, and takes to stop: on a real node raw_exec tasks first write 100 to 140 ms later. */
  pause?: (signal: AbortSignal) => Promise<unknown>;
  now?: () => Date;
};

export const createDemoNode = async ({
  dataDir,
  seed,
  nodeName = 'demo-node',
  pause = (signal) => sleep(120, undefined, { signal }),
  now = () => new Date(),
}: DemoNodeOptions): Promise<DemoNode> => {
  const random = createRandom(seed);
  const node = { id: random.uuid(), name: nodeName };
  const allocDir = join(dataDir, 'alloc');
  const list = createAllocationList({ random, now });
  const closing = new AbortController();
  const passTime = () => pause(closing.signal).catch(() => {});
  const server = await serveList({ list, node, dataDir });
  return {
    address: server.address,
    nodeId: node.id,
    nodeName,
    allocDir,
    startJob: async (job) => {
      const ids = list.addJob(job);
      await passTime();
      for (const id of ids) {
        list.get(id).files = createLogFiles({ allocDir, id, tasks: job.tasks });
        list.change(id, { clientStatus: 'running', startedAt: now() });
      }
      return ids;
    },
    stopAllocation: async (id) => {
      list.change(id, { isAskedToStop: true });
      await passTime();
      list.change(id, { clientStatus: 'complete', finishedAt: now() });
    },
    finishAllocation: (id, { exitCode = 0 } = {}) => {
      list.change(id, { clientStatus: exitCode === 0 ? 'complete' : 'failed', finishedAt: now() });
    },
    removeAllocation: (id) => {
      list.get(id).files?.remove();
      list.remove(id);
    },
    writeLines: ({ id, task, stream = 'stdout', lines, isLastBare = false }) => {
      list.get(id).files?.write({ task, stream, lines, isLastBare });
    },
    close: async () => {
      closing.abort();
      await server.close();
    },
  };
};

/** Answers over HTTP what Nomad's agent and servers would say of the list. */
const serveList = async ({
  list,
  node,
  dataDir,
}: {
  list: AllocationList;
  node: { id: string; name: string };
  dataDir: string;
}) => {
  const identity = () => ({ ...node, dataDir, address: server.address });
  const server = await serve({
    agentSelf: () => agentSelf(identity()),
    node: (id) => (id === node.id ? nodeAnswer(identity()) : undefined),
    allocations: (id) => (id === node.id ? list.all().map((allocation) => toAnswer({ allocation, node })) : []),
    allocation: (id) => {
      const found = list.find(id);
      return found && toAnswer({ allocation: found.allocation, node });
    },
    index: list.index,
    changedSince: list.changedSince,
  });
  return server;
};
