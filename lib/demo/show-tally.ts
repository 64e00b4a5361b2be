import { setTimeout as sleep } from 'node:timers/promises';
import { NvlError } from '../errors.ts';
import { type DemoJob, groupOf, namespaceOf } from './allocation.ts';
import { createLineReader } from './line-reader.ts';
import type { DemoNode } from './node.ts';
import { OFFSET } from './show-templates.ts';
import { createWrittenLines, type WrittenLine, type WrittenLines } from './written-lines.ts';

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
  timeoutMs = 45_000,
  signal,
}: {
  node: DemoNode;
  deliveredFile: string;
  timeoutMs?: number;
  signal: AbortSignal;
}): Tally => {
  const jobs = new Map<string, DemoJob>();
  const written = createWrittenLines();
  const arrived = new Set<WrittenLine>();
  const events: DemoEvent[] = [];
  const reader = createLineReader(deliveredFile);
  let mislabelled = 0;

  const poll = async (): Promise<void> => {
    for (const line of await reader.next()) {
      // One without any labels is wrongly labelled, too.
      const event = { nomad: {}, ...JSON.parse(line) } as DemoEvent;
      const found = written.find(event);
      if (found !== undefined) arrived.add(found);
      if (!isLabelled({ event, job: jobs.get(event.nomad.alloc_id ?? ''), node })) mislabelled += 1;
      events.push(event);
    }
  };

  const counts = (): Counts => {
    const lines = written.all();
    const delivered = events.length;
    const lost = lines.filter((line) => !arrived.has(line)).length;
    return { written: lines.length, delivered, lost, repeated: delivered - (lines.length - lost), mislabelled };
  };

  return {
    node: watchedNode({ node, onStart: (id, job) => jobs.set(id, job), onWrite: written.add }),
    lineOf: (event) => written.find(event)?.text ?? '',
    latest: (fits) => events.findLast(fits),
    waitFor: async ({ what, fits }) => {
      const isThere = () => events.some(fits);
      await waitUntil({ poll, isSo: isThere, timeoutMs, signal });
      const found = events.findLast(fits);
      if (found !== undefined) return found;
      throw new NvlError('demoStuck', { message: `${what} did not come within ${timeoutMs / 1000} s` });
    },
    settle: () => waitUntil({ poll, isSo: () => counts().lost === 0, timeoutMs }),
    counts,
  };
};

/** The node, and what is done on it is told. */
const watchedNode = ({
  node,
  onStart,
  onWrite,
}: {
  node: DemoNode;
  onStart: (allocId: string, job: DemoJob) => void;
  onWrite: WrittenLines['add'];
}): DemoNode => ({
  ...node,
  startJob: async (job) => {
    const ids = await node.startJob(job);
    for (const id of ids) onStart(id, job);
    return ids;
  },
  writeLines: (write) => {
    node.writeLines(write);
    onWrite(write);
  },
});

/** Or until `timeoutMs` have passed. */
const waitUntil = async ({
  poll,
  isSo,
  timeoutMs,
  signal,
}: {
  poll: () => Promise<void>;
  isSo: () => boolean;
  timeoutMs: number;
  signal?: AbortSignal;
}): Promise<void> => {
  const end = Date.now() + timeoutMs;
  for (;;) {
    await poll();
    if (isSo() || Date.now() >= end) return;
    await sleep(POLL_MS, undefined, signal === undefined ? {} : { signal });
  }
};

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
