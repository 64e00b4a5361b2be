import { setTimeout as sleep } from 'node:timers/promises';
import { NvlError } from '../errors.ts';
import { type Counts, createLineCount, type LineCount } from './line-count.ts';
import { createLineReader } from './line-reader.ts';
import type { DemoNode } from './node.ts';
import { OFFSET } from './show-templates.ts';

/** A delivered event, as the demo's sink writes it. */
export type DemoEvent = {
  message: string;
  /** Where in its file the line began; of several lines that were joined, each. */
  [OFFSET]: number | number[];
  nomad: Record<string, string>;
  [field: string]: unknown;
};

export type Tally = {
  /** The node, each line written on which counts. */
  node: DemoNode;
  /** The lines that an event was made of, as their task wrote them. */
  linesOf: (event: DemoEvent) => string[];
  /** The newest event that fits; undefined when none has come. */
  latest: (fits: (event: DemoEvent) => boolean) => Promise<DemoEvent | undefined>;
  /** Waits for one; `what` names it for the error `demoStuck`, which comes after `timeoutMs`. */
  waitFor: (wait: { what: string; fits: (event: DemoEvent) => boolean }) => Promise<DemoEvent>;
  /** Waits until every written line was delivered, or `timeoutMs` have passed, also when the demo was told to end. */
  settle: () => Promise<void>;
  /** Takes what comes, until the signal aborts. */
  follow: (signal: AbortSignal) => Promise<void>;
  counts: () => Counts;
};

export const isOfJob =
  (job: string) =>
  ({ nomad }: DemoEvent): boolean =>
    nomad.job_name === job;

const POLL_MS = 50;

/**
 * Counts every line that is written on the node against what arrives in the sink's file: each has to come once, under
 * the labels of its own task.
 */
export const createTally = ({
  node,
  deliveredFile,
  collect = async () => {},
  timeoutMs = 45_000,
  signal,
}: {
  node: DemoNode;
  deliveredFile: string;
  /** What writes that file, where no Vector does by itself. */
  collect?: () => Promise<void>;
  timeoutMs?: number;
  signal: AbortSignal;
}): Tally => {
  const lines = createLineCount(node);
  const events: DemoEvent[] = [];
  const reader = createLineReader(deliveredFile);

  const poll = async (): Promise<void> => {
    await collect();
    for (const line of await reader.next()) {
      // One without any labels is wrongly labelled, too.
      const event = { nomad: {}, ...JSON.parse(line) } as DemoEvent;
      lines.deliver(event);
      events.push(event);
    }
  };
  return {
    node: watchedNode({ node, onStart: lines.start, onWrite: lines.write }),
    linesOf: (event) => lines.find(event).flatMap((line) => line?.text ?? []),
    latest: async (fits) => {
      await poll();
      return events.findLast(fits);
    },
    waitFor: async ({ what, fits }) => {
      const isThere = () => events.some(fits);
      await waitUntil({ poll, isSo: isThere, timeoutMs, signal });
      const found = events.findLast(fits);
      if (found !== undefined) return found;
      throw new NvlError('demoStuck', { message: `${what} did not come within ${timeoutMs / 1000} s` });
    },
    settle: () => waitUntil({ poll, isSo: () => lines.counts().lost === 0, timeoutMs }),
    follow: async (ended) => {
      const unlessEnded = (error: unknown) => {
        if (!ended.aborted) throw error;
      };
      while (!ended.aborted)
        await poll()
          .then(() => sleep(POLL_MS, undefined, { signal: ended }))
          .catch(unlessEnded);
    },
    counts: lines.counts,
  };
};

/** The node, and what is done on it is told. */
const watchedNode = ({
  node,
  onStart,
  onWrite,
}: {
  node: DemoNode;
  onStart: LineCount['start'];
  onWrite: LineCount['write'];
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
