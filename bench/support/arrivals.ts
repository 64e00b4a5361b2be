import { setTimeout as sleep } from 'node:timers/promises';
import { findLine } from '../../test/support/count-lines.ts';
import type { BenchTask } from './stand-in-node.ts';
import { createTail } from './tail.ts';

/** What comes at the sink, as it comes. */
export type Arrivals = {
  /** A contender counts as up when a line of a task that was there before it has come; rejects when none does. */
  waitForFirst: (waiting: { task: BenchTask | undefined; timeoutMs: number }) => Promise<void>;
  /** Until so many lines have come, or none has for a while; and then long enough for a line to come twice. */
  waitForRest: (waiting: { expected: number; quietMs: number }) => Promise<void>;
  /** When the last one came that had not come before. */
  lastAt: () => number;
  close: () => void;
};

const PROBE = ':probe ';

/** Whether it is a line that only shows that a contender is up, and is not counted. */
export const isProbe = (line: string): boolean => line.includes(PROBE);

const [LOOK_MS, TWICE_MS] = [250, 2_000];

export const startArrivals = (file: string): Arrivals => {
  const tail = createTail(file);
  const came = new Set<string>();
  let [hasProbe, last] = [false, Date.now()];
  const look = () => {
    const before = came.size;
    for (const text of tail.read()) {
      const line = findLine(text);
      if (isProbe(text)) hasProbe = true;
      else if (line !== undefined) came.add(`${line.key} ${line.number}`);
    }
    if (came.size > before) last = Date.now();
  };
  const timer = setInterval(look, LOOK_MS);
  return {
    waitForFirst: async ({ task, timeoutMs }) => {
      for (const end = Date.now() + timeoutMs; !hasProbe; await sleep(500)) {
        if (Date.now() > end) throw new Error('no line of a task that was there before came');
        task?.stdout.write(`${task.allocId}${PROBE}1 ${Date.now()}\n`);
      }
    },
    waitForRest: async ({ expected, quietMs }) => {
      const began = Date.now();
      const isQuiet = () => Date.now() - Math.max(began, last) >= quietMs;
      for (look(); came.size < expected && !isQuiet(); look()) await sleep(50);
      await sleep(Math.min(TWICE_MS, quietMs));
    },
    lastAt: () => last,
    close: () => {
      clearInterval(timer);
      tail.close();
    },
  };
};
