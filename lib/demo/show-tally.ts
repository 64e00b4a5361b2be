import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode, NvlError } from '../errors.ts';
import { type DemoJob, groupOf, namespaceOf } from './allocation.ts';
import type { DemoNode } from './node.ts';
import { OFFSET } from './show-templates.ts';

/** A delivered event, as the demo's sink writes it. */
export type DemoEvent = {
  message: string;
  /** Where in its file the line began. */
  [OFFSET]: number;
  nomad: Record<string, string>;
  [field: string]: unknown;
};

export type Tally = {
  /** The node, each line written on which counts. */
  node: DemoNode;
  /** The line as its task wrote it. */
  lineOf: (event: DemoEvent) => string;
  /** The newest event that fits; undefined when none has come. */
  latest: (fits: (event: DemoEvent) => boolean) => DemoEvent | undefined;
  /** Waits for one; `what` names it for the error `demoStuck`, which comes after `timeoutMs`. */
  waitFor: (wait: { what: string; fits: (event: DemoEvent) => boolean }) => Promise<DemoEvent>;
  /** Waits until every written line was delivered, or `timeoutMs` have passed, also when the demo was told to end. */
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
  /** By file, in order. */
  const written = new Map<string, Line[]>();
  const arrived = new Set<Line>();
  const events: DemoEvent[] = [];
  const reader = createLineReader(deliveredFile);
  let [delivered, mislabelled] = [0, 0];

  const poll = async (): Promise<void> => {
    for (const line of await reader.next()) {
      // One without any labels is wrongly labelled, too.
      const event = { nomad: {}, ...JSON.parse(line) } as DemoEvent;
      delivered += 1;
      const found = find(event);
      if (found !== undefined) arrived.add(found);
      if (!isLabelled({ event, job: jobs.get(event.nomad.alloc_id ?? ''), node })) mislabelled += 1;
      events.push(event);
    }
  };

  const waitUntil = async (isSo: () => boolean, options: { signal?: AbortSignal }): Promise<boolean> => {
    const end = Date.now() + timeoutMs;
    for (;;) {
      await poll();
      if (isSo()) return true;
      if (Date.now() >= end) return false;
      await sleep(POLL_MS, undefined, options);
    }
  };

  /** A line that was held back says of itself that it begins where it ends: Vector 0.57 had read it before. */
  const find = (event: DemoEvent): Line | undefined =>
    written.get(fileOf(event.nomad))?.findLast(({ start }) => start <= event[OFFSET]);

  const counts = (): Counts => {
    const lines = [...written.values()].flat();
    const lost = lines.filter((line) => !arrived.has(line)).length;
    return { written: lines.length, delivered, lost, repeated: delivered - (lines.length - lost), mislabelled };
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
        const file = fileOf({ alloc_id: id, task_name: task, stream });
        const before = written.get(file) ?? [];
        for (const text of lines) {
          const last = before.at(-1);
          const start = last === undefined ? 0 : last.start + Buffer.byteLength(last.text) + 1;
          before.push({ start, text });
        }
        written.set(file, before);
      },
    },
    lineOf: (event) => find(event)?.text ?? '',
    latest: (fits) => events.findLast(fits),
    waitFor: async ({ what, fits }) => {
      let found: DemoEvent | undefined;
      const isThere = await waitUntil(
        () => {
          found = events.findLast(fits);
          return found !== undefined;
        },
        { signal },
      );
      if (isThere && found !== undefined) return found;
      throw new NvlError('demoStuck', { message: `${what} did not come within ${timeoutMs / 1000} s` });
    },
    settle: async () => {
      await waitUntil(() => counts().lost === 0, {});
    },
    counts,
  };
};

type Line = { start: number; text: string };

/** Nothing the demo writes is enough for a file to rotate. */
const fileOf = ({ alloc_id, task_name, stream }: Readonly<Record<string, string>>): string =>
  `${alloc_id} ${task_name} ${stream}`;

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
