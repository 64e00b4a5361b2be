import { type Claim, countLines } from '../../test/support/count-lines.ts';
import { fileSink } from '../../test/support/vector.ts';
import { isProbe, startArrivals } from './arrivals.ts';
import { type Contender, LABELS } from './contender.ts';
import { peakBytes, useOf } from './proc.ts';
import { say } from './report-run.ts';
import { type RanTask, runShortTasks, type ShortTasks, shortKeyOf } from './short-tasks.ts';
import type { BenchTask } from './stand-in-node.ts';
import { type StandingLoad, standingKeyOf, startStandingWriters } from './standing-writers.ts';
import { p50, p99 } from './statistics.ts';
import { linesOf } from './tail.ts';
import { withContender } from './with-contender.ts';

export type ShortFigures = {
  tasks?: number;
  written?: number;
  lost?: number;
  /** Tasks that lost some lines, and not all: whoever took a file has all that is in it. */
  partlyLost?: number;
  repeated?: number;
  unlabelled?: number;
  mislabelled?: number;
  /** Events that hold no whole line of any task. */
  foreign?: number;
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
  short: ShortTasks;
  /** Tasks that run all the time beside the short ones. */
  standing: number;
  /** What those write; nothing if undefined. */
  load?: StandingLoad;
  /** Where a log file ends and the next one begins. */
  maxBytes?: number;
  /** How long nothing may come before no more is waited for. */
  quietMs: number;
  /** Leaves the contender's folder where it is, and says where. */
  keep?: boolean;
};

/** Short tasks come and go beside those that stay: what becomes of each line. */
export const measureShort = ({
  contender,
  settings: { short, standing: tasks, load, quietMs, keep = false, ...settings },
}: {
  contender: Contender;
  settings: ShortSettings;
}): Promise<ShortFigures> =>
  withContender({
    contender,
    tasks,
    ...settings,
    keep,
    sinkTo: withComparableLabels,
    use: async ({ node, tasks: standing, running, delivered }) => {
      const arrivals = startArrivals(delivered);
      const writers = load && startStandingWriters({ tasks: standing, load });
      try {
        await arrivals.waitForFirst({ task: standing.at(-1), timeoutMs: quietMs * 3 });
        const ran = await runShortTasks({ node, short });
        const endedAt = Date.now();
        const claims = claimsOf({ ran, stayed: writers?.stop() ?? new Map(), contender });
        const expected = claims.reduce((sum, { lines }) => sum + lines, 0);
        await arrivals.waitForRest({ expected, quietMs });
        return {
          tasks: ran.length,
          ...judge({ claims, delivered }),
          restMs: Math.max(0, arrivals.lastAt() - endedAt),
          vectorPeakBytes: peakBytes(running.vectorPid()),
          vectorCpuSeconds: useOf(running.vectorPid()).cpuSeconds,
          ...(running.daemonPid !== undefined && daemonUse(running.daemonPid)),
        };
      } finally {
        writers?.stop();
        arrivals.close();
      }
    },
  });

/** Each task that went wrong is named, as far as that is of use. */
const MOST_NAMED = 10;

const judge = ({ claims, delivered }: { claims: Claim[]; delivered: string }): ShortFigures => {
  const { byKey, all, unknown } = countLines({ claims, events: countedLines(delivered) });
  const wrong = [...byKey].filter(([, one]) => one.lost + one.repeated + one.unlabelled + one.mislabelled > 0);
  for (const [key, { firstLineMs, ...count }] of wrong.slice(0, MOST_NAMED)) say(`${key} ${JSON.stringify(count)}`);
  for (const event of unknown.slice(0, MOST_NAMED)) say(`no line of any task: ${event.slice(0, 300)}`);
  const { firstLineMs, ...count } = all;
  const times = [...byKey].flatMap(([key, one]) => (key.endsWith(':short') ? one.firstLineMs : []));
  const [first, last] = [p50(times), p99(times)];
  return {
    ...count,
    partlyLost: [...byKey.values()].filter(({ lost, written }) => lost > 0 && lost < written).length,
    foreign: unknown.length,
    ...(first !== undefined && last !== undefined && { firstLineP50Ms: first, firstLineP99Ms: last }),
  };
};

function* countedLines(delivered: string) {
  for (const line of linesOf(delivered)) if (!isProbe(line)) yield line;
}

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

const claimsOf = ({
  ran,
  stayed,
  contender,
}: {
  ran: RanTask[];
  stayed: Map<BenchTask, number>;
  contender: Contender;
}): Claim[] => {
  const claimOf = ({ task, key, lines }: RanTask & { key: string }): Claim => {
    const labels = Object.entries({ ...task.labels, stream: 'stdout' }).filter(([name]) =>
      contender.labels.includes(name),
    );
    return { key, lines, headers: 0, labels: Object.fromEntries(labels) };
  };
  return [
    ...ran.map((one) => claimOf({ ...one, key: shortKeyOf(one.task) })),
    ...[...stayed].map(([task, lines]) => claimOf({ task, lines, key: standingKeyOf(task) })),
  ];
};
