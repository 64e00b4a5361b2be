import { setTimeout as sleep } from 'node:timers/promises';
import { type Claim, countLines } from '../../test/support/count-lines.ts';
import { fileSink, readDelivered } from '../../test/support/vector.ts';
import { type Contender, LABELS } from './contender.ts';
import { peakBytes, useOf } from './proc.ts';
import type { BenchTask, StandInNode } from './stand-in-node.ts';
import { p50, p99 } from './statistics.ts';
import { createTail } from './tail.ts';
import { withContender } from './with-contender.ts';

export type ShortFigures = {
  tasks?: number;
  written?: number;
  lost?: number;
  repeated?: number;
  unlabelled?: number;
  mislabelled?: number;
  /** From its writing until Vector read it. */
  firstLineP50Ms?: number;
  firstLineP99Ms?: number;
  /** From the end of the last task until the last line came. */
  restMs?: number;
  vectorPeakBytes?: number;
  vectorCpuSeconds?: number;
  daemonPeakBytes?: number;
  daemonCpuSeconds?: number;
};

export type ShortSettings = {
  tasksAMinute: number;
  seconds: number;
  linesEach: number;
  /** Tasks that run all the time beside the short ones. */
  standing: number;
  /** How long nothing may come before no more is waited for. */
  quietMs: number;
};

/** One task is on the node for so long: pending, running without a word, running and writing. */
const [PENDING_MS, STARTING_MS, WRITING_MS] = [60, 60, 200];

/** Short tasks come and go; each folder is gone the moment that its task ends, as on a node beyond `gc_max_allocs`. */
export const measureShort = ({
  contender,
  settings,
}: {
  contender: Contender;
  settings: ShortSettings;
}): Promise<ShortFigures> =>
  withContender({
    contender,
    tasks: settings.standing,
    sinkTo: withComparableLabels,
    use: async ({ node, tasks: standing, running, delivered }) => {
      const arrivals = countArrivals(delivered);
      try {
        await waitForFirst({ standing, arrivals, quietMs: settings.quietMs });
        const ran = await runShortTasks({ node, settings });
        const endedAt = Date.now();
        const written = ran.length * settings.linesEach;
        await waitForQuiet({ arrivals, expected: written, quietMs: settings.quietMs });
        const claims = ran.map((task) => claimOf({ task, contender, lines: settings.linesEach }));
        const events = (await readDelivered(delivered)).filter((line) => line.includes(':short '));
        const { firstLineMs, ...count } = countLines({ claims, events }).all;
        const [first, last] = [p50(firstLineMs), p99(firstLineMs)];
        return {
          tasks: ran.length,
          ...count,
          ...(first !== undefined && last !== undefined && { firstLineP50Ms: first, firstLineP99Ms: last }),
          restMs: Math.max(0, arrivals.lastAt() - endedAt),
          vectorPeakBytes: peakBytes(running.vectorPid()),
          vectorCpuSeconds: useOf(running.vectorPid()).cpuSeconds,
          ...(running.daemonPid !== undefined && daemonUse(running.daemonPid)),
        };
      } finally {
        arrivals.close();
      }
    },
  });

const daemonUse = (pid: number) => {
  const { cpuSeconds, childrenCpuSeconds } = useOf(pid);
  return { daemonPeakBytes: peakBytes(pid), daemonCpuSeconds: cpuSeconds + childrenCpuSeconds };
};

/** Peers have labels beside the seven: those are no fault. */
const withComparableLabels = ({ file, inputs }: { file: string; inputs: string[] }): string => `
[transforms.comparable]
type = "remap"
inputs = ${JSON.stringify(inputs)}
source = '''
.nomad = filter(object(.nomad) ?? {}) -> |key, _value| { includes(${JSON.stringify(LABELS)}, key) }
'''
${fileSink({ id: 'delivered', inputs: ['comparable'], file })}`;

const keyOf = ({ allocId }: BenchTask): string => `${allocId}:short`;

const claimOf = ({ task, contender, lines }: { task: BenchTask; contender: Contender; lines: number }): Claim => {
  const labels = Object.entries({ ...task.labels, stream: 'stdout' }).filter(([name]) =>
    contender.labels.includes(name),
  );
  return { key: keyOf(task), lines, headers: 0, labels: Object.fromEntries(labels) };
};

type Arrivals = { short: () => number; standing: () => number; lastAt: () => number; close: () => void };

const countArrivals = (file: string): Arrivals => {
  const tail = createTail(file);
  const counts = { short: 0, standing: 0 };
  let last = Date.now();
  const look = () => {
    for (const line of tail.read()) {
      const isShort = line.includes(':short ');
      counts[isShort ? 'short' : 'standing'] += 1;
      if (isShort) last = Date.now();
    }
    return counts;
  };
  return { short: () => look().short, standing: () => look().standing, lastAt: () => last, close: tail.close };
};

/** A contender counts as up when a line of a task that was there before it has come. */
const waitForFirst = async ({
  standing,
  arrivals,
  quietMs,
}: {
  standing: BenchTask[];
  arrivals: Arrivals;
  quietMs: number;
}) => {
  for (const end = Date.now() + quietMs * 3; arrivals.standing() === 0; await sleep(500)) {
    if (Date.now() > end) throw new Error('no line of a task that was there before came');
    standing[0]?.stdout.write(`${standing[0].allocId}:standing 1 ${Date.now()}\n`);
  }
};

const waitForQuiet = async ({
  arrivals,
  expected,
  quietMs,
}: {
  arrivals: Arrivals;
  expected: number;
  quietMs: number;
}) => {
  const began = Date.now();
  while (arrivals.short() < expected && Date.now() - Math.max(began, arrivals.lastAt()) < quietMs) await sleep(50);
  // Long enough for a line to come twice.
  await sleep(Math.min(2_000, quietMs));
};

const runShortTasks = async ({
  node,
  settings,
}: {
  node: StandInNode;
  settings: ShortSettings;
}): Promise<BenchTask[]> => {
  const everyMs = 60_000 / settings.tasksAMinute;
  const count = Math.round((settings.seconds * 1_000) / everyMs);
  const began = performance.now();
  const ran: Promise<BenchTask>[] = [];
  for (let number = 0; number < count; number += 1) {
    await sleep(Math.max(0, began + number * everyMs - performance.now()));
    ran.push(runOne({ node, number, lines: settings.linesEach }));
  }
  return Promise.all(ran);
};

const runOne = async ({ node, number, lines }: { node: StandInNode; number: number; lines: number }) => {
  const task = node.add({ jobId: `short-${number}` });
  await sleep(PENDING_MS);
  node.run(task);
  await sleep(STARTING_MS);
  for (let line = 1; line <= lines; line += 1) {
    task.stdout.write(`${keyOf(task)} ${line} ${Date.now()}\n`);
    if (line < lines) await sleep(WRITING_MS / lines);
  }
  node.finish(task);
  node.removeFolder(task);
  return task;
};
