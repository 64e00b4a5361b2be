import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode, NvlError } from '../errors.ts';
import { type DemoJob, groupOf, namespaceOf } from './allocation.ts';
import type { DemoNode } from './node.ts';

/** A delivered event, as the demo's sink writes it. */
export type DemoEvent = {
  message: string;
  nomad: Record<string, string>;
  [field: string]: unknown;
};

export type Tally = {
  /** The node, each line written on which counts. */
  node: DemoNode;
  /** The newest event that fits; undefined when none has come. */
  latest: (fits: (event: DemoEvent) => boolean) => DemoEvent | undefined;
  /** Waits for one; `what` names it for the error `demoStuck`, which comes after `timeoutMs`. */
  waitFor: (wait: { what: string; fits: (event: DemoEvent) => boolean }) => Promise<DemoEvent>;
  /** Waits until every written line was delivered, or none more comes. */
  settle: () => Promise<void>;
  counts: () => Counts;
};

export type Counts = { written: number; delivered: number; lost: number; repeated: number; mislabelled: number };

const POLL_MS = 50;

/**
 * Counts every line that is written on the node against what arrives in the sink's file: each has to come once, under
 * the labels of its own task.
 */
export const createTally = ({
  node,
  deliveredFile,
  timeoutMs = 15_000,
  signal,
}: {
  node: DemoNode;
  deliveredFile: string;
  timeoutMs?: number;
  signal: AbortSignal;
}): Tally => {
  const jobs = new Map<string, DemoJob>();
  const written = new Map<string, number>();
  const arrived = new Map<string, number>();
  const events: DemoEvent[] = [];
  const reader = createLineReader(deliveredFile);
  let mislabelled = 0;

  const poll = async (): Promise<void> => {
    for (const line of await reader.next()) {
      const event = JSON.parse(line) as DemoEvent;
      const { alloc_id = '', task_name = '', stream = '' } = event.nomad ?? {};
      add(arrived, keyOf({ id: alloc_id, task: task_name, stream, line: event.message }));
      if (!isLabelled({ event, job: jobs.get(alloc_id), node })) mislabelled += 1;
      events.push(event);
    }
  };

  const waitUntil = async (isSo: () => boolean): Promise<boolean> => {
    const end = Date.now() + timeoutMs;
    for (;;) {
      await poll();
      if (isSo()) return true;
      if (Date.now() >= end) return false;
      await sleep(POLL_MS, undefined, { signal });
    }
  };

  const counts = (): Counts => {
    let [lost, repeated] = [0, 0];
    for (const [key, count] of written) lost += Math.max(0, count - (arrived.get(key) ?? 0));
    for (const [key, count] of arrived) repeated += Math.max(0, count - (written.get(key) ?? 0));
    return { written: sum(written), delivered: sum(arrived), lost, repeated, mislabelled };
  };

  return {
    node: {
      ...node,
      startJob: async (job) => {
        const ids = await node.startJob(job);
        for (const id of ids) jobs.set(id, job);
        return ids;
      },
      writeLines: (write) => {
        const { id, task, stream = 'stdout', lines } = write;
        node.writeLines(write);
        for (const line of lines) add(written, keyOf({ id, task, stream, line }));
      },
    },
    latest: (fits) => events.findLast(fits),
    waitFor: async ({ what, fits }) => {
      let found: DemoEvent | undefined;
      const isThere = await waitUntil(() => {
        found = events.findLast(fits);
        return found !== undefined;
      });
      if (isThere && found !== undefined) return found;
      throw new NvlError('demoStuck', { message: `${what} did not come within ${timeoutMs / 1000} s` });
    },
    settle: async () => {
      await waitUntil(() => counts().lost === 0);
    },
    counts,
  };
};

const keyOf = (line: { id: string; task: string; stream: string; line: string }): string =>
  JSON.stringify([line.id, line.task, line.stream, line.line]);

const add = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

const sum = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((total, one) => total + one, 0);

const isLabelled = ({ event, job, node }: { event: DemoEvent; job: DemoJob | undefined; node: DemoNode }): boolean => {
  if (job === undefined) return false;
  const { namespace, job_name, group_name, node_name, task_name } = event.nomad;
  return (
    namespace === namespaceOf(job) &&
    job_name === job.id &&
    group_name === groupOf(job) &&
    node_name === node.nodeName &&
    job.tasks.some(({ name }) => name === task_name)
  );
};

/** Reads a file that grows: whole lines only, each once. */
const createLineReader = (file: string) => {
  let offset = 0;
  let rest = Buffer.alloc(0);
  return {
    next: async (): Promise<string[]> => {
      try {
        const handle = await open(file);
        try {
          const { size } = await handle.stat();
          const chunk = Buffer.alloc(Math.max(0, size - offset));
          const { bytesRead } = await handle.read(chunk, 0, chunk.length, offset);
          offset += bytesRead;
          rest = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
        } finally {
          await handle.close();
        }
      } catch (error) {
        if (hasCode(error, 'ENOENT')) return [];
        throw error;
      }
      const end = rest.lastIndexOf('\n') + 1;
      const lines = rest.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
      rest = rest.subarray(end);
      return lines;
    },
  };
};
