import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchTask, StandInNode } from './stand-in-node.ts';

/** Tasks that come and go: how many, and what becomes of each. */
export type ShortTasks = {
  tasksAMinute: number;
  seconds: number;
  /** How many lines the task of this number writes, and for how long it does so. */
  each: (number: number) => { lines: number; writingMs: number };
  /** The last line has no newline. */
  isLastBare: boolean;
  /** How long Nomad keeps the folder of a task that has ended. */
  removeAfterMs: number;
};

/** One that came and went, and how many lines it wrote. */
export type RanTask = { task: BenchTask; lines: number };

/** A task is on the node for so long before it writes: pending, then running without a word. */
const [PENDING_MS, STARTING_MS] = [60, 60];

export const shortKeyOf = ({ allocId }: BenchTask): string => `${allocId}:short`;

/** Lets them come one after the other, and gives all of them when the last one has ended. */
export const runShortTasks = async ({ node, short }: { node: StandInNode; short: ShortTasks }): Promise<RanTask[]> => {
  const everyMs = 60_000 / short.tasksAMinute;
  const count = Math.round((short.seconds * 1_000) / everyMs);
  const began = performance.now();
  const ran: Promise<RanTask>[] = [];
  for (let number = 0; number < count; number += 1) {
    await sleep(Math.max(0, began + number * everyMs - performance.now()));
    ran.push(runOne({ node, number, short }));
  }
  return Promise.all(ran);
};

const runOne = async ({ node, number, short }: { node: StandInNode; number: number; short: ShortTasks }) => {
  const { lines, writingMs } = short.each(number);
  const task = node.add({ jobId: `short-${number}` });
  await sleep(PENDING_MS);
  node.run(task);
  await sleep(STARTING_MS);
  for (let line = 1; line <= lines; line += 1) {
    const end = short.isLastBare && line === lines ? '' : '\n';
    task.stdout.write(`${shortKeyOf(task)} ${line} ${Date.now()}${end}`);
    if (line < lines) await sleep(writingMs / lines);
  }
  node.finish(task);
  if (short.removeAfterMs === 0) node.removeFolder(task);
  else setTimeout(() => node.removeFolder(task), short.removeAfterMs).unref();
  return { task, lines };
};
