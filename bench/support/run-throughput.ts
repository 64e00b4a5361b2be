import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contender, Parse, RunningContender } from './contender.ts';
import { type Lines, makeLines, startWriter, writeBytes } from './load.ts';
import { cpuSeconds, peakBytes } from './proc.ts';
import type { BenchTask } from './stand-in-node.ts';
import { readTicks, type Tick } from './vector-log.ts';
import { withContender } from './with-contender.ts';

/** What a node's tasks write: how many of them, lines of which length, and whether they are parsed. */
export type Load = { tasks: number; lineBytes: number; parse: Parse };

export type ThroughputFigures = {
  /** How fast what lay there already was read, and what each event took of the processor. */
  bytesASecond?: number;
  cpuMicrosecondsAnEvent?: number;
  peakBytes?: number;
  /**
   * The highest rate of live writing at which it was never half a second behind. Whoever falls behind at a steady rate does
   * so for good, and loses its first line when Nomad has rotated all ten files meanwhile.
   */
  keptUpBytesASecond?: number;
  written?: number;
  /** Written and never counted by the sink; below nothing where more came than was written. */
  lost?: number;
};

export type ThroughputSettings = {
  backlogBytes: number;
  /** Rates of live writing from slow to fast, as shares of how fast the yardstick reads what lies there. */
  shares: readonly number[];
  stepMs: number;
  /** How long the backlog may take. */
  timeoutMs: number;
};

/** No rotation takes a file away while it is read: what is measured is speed, not Nomad's limits. */
const MAX_FILE_BYTES = 64 * 2 ** 20;

/** Each of the contenders writes to this one: it counts and throws away. */
const blackhole = ({ inputs }: { inputs: string[] }): string => `
[sinks.delivered]
type = "blackhole"
inputs = ${JSON.stringify(inputs)}
print_interval_secs = 1
acknowledgements.enabled = true
`;

/** One contender under one load: first what lies there already, then a ramp of live writing. */
export const measureThroughput = async ({
  contender,
  load,
  yardstick,
  settings,
}: {
  contender: Contender;
  load: Load;
  /** What the ramp's shares are of, in bytes a second; how fast this contender itself reads if undefined. */
  yardstick: number | undefined;
  settings: ThroughputSettings;
}): Promise<ThroughputFigures> => {
  const lines = makeLines(load);
  let backlog = 0;
  return withContender({
    contender,
    tasks: load.tasks,
    parse: load.parse,
    maxBytes: MAX_FILE_BYTES,
    sinkTo: blackhole,
    prepare: (tasks) => {
      backlog = writeBytes({ tasks, lines, bytes: settings.backlogBytes });
    },
    use: async ({ tasks, running }) => {
      const meter = startMeter(running);
      try {
        await waitForRest({ meter, expected: backlog, timeoutMs: settings.timeoutMs });
        const read = speedOf({ ticks: meter.ticks(), total: backlog, lines, cpuAt: meter.cpuAt });
        const lostOfBacklog = backlog - (meter.ticks().at(-1)?.events ?? 0);
        const whole = yardstick ?? read.bytesASecond ?? 0;
        const rates = settings.shares.map((share) => share * whole);
        const live = await climb({ tasks, meter, lines, rates, settings });
        return {
          ...read,
          ...live,
          peakBytes: peakBytes(running.vectorPid()),
          written: backlog + live.written,
          lost: live.lost + lostOfBacklog,
        };
      } finally {
        meter.stop();
      }
    },
  });
};

/** Counts what came, and what Vector took for it, over time. */
type Meter = { ticks: () => Tick[]; cpuAt: (atMs: number) => number; stop: () => void };

const startMeter = (running: RunningContender): Meter => {
  const samples: { atMs: number; seconds: number }[] = [];
  const sample = () => samples.push({ atMs: Date.now(), seconds: cpuSeconds(running.vectorPid()) });
  sample();
  const timer = setInterval(sample, 100);
  return {
    ticks: () => readTicks(readFileSync(running.log, 'utf8')),
    cpuAt: (atMs) => interpolate({ samples, atMs }),
    stop: () => clearInterval(timer),
  };
};

/** The value at a moment, on a straight line between the two samples around it. Pure. */
export const interpolate = ({
  samples,
  atMs,
}: {
  samples: readonly { atMs: number; seconds: number }[];
  atMs: number;
}): number => {
  const before = samples.findLast((sample) => sample.atMs <= atMs) ?? samples[0];
  const after = samples.find((sample) => sample.atMs > atMs) ?? samples.at(-1);
  if (before === undefined || after === undefined) return 0;
  if (after.atMs <= before.atMs) return before.seconds;
  return before.seconds + ((after.seconds - before.seconds) * (atMs - before.atMs)) / (after.atMs - before.atMs);
};

/** A busy Vector says nothing for seconds, and then all that it owes at once: what counts is the time between. */
const STILL_MS = 10_000;

/** Whether nothing came for so long, after something had. Pure. */
export const isStill = (ticks: readonly Tick[]): boolean => {
  const last = ticks.at(-1);
  const since = ticks.find(({ events }) => events === last?.events);
  return last !== undefined && since !== undefined && last.events > 0 && last.atMs - since.atMs >= STILL_MS;
};

/** Until all has come, or nothing more did for some seconds. */
const waitForRest = async ({ meter, expected, timeoutMs }: { meter: Meter; expected: number; timeoutMs: number }) => {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(250)) {
    const ticks = meter.ticks();
    if ((ticks.at(-1)?.events ?? 0) >= expected || isStill(ticks)) return;
  }
};

/** From the first count above nothing to the last that is not yet all. Pure. */
export const speedOf = ({
  ticks,
  total,
  lines,
  cpuAt,
}: {
  ticks: readonly Tick[];
  total: number;
  lines: Pick<Lines, 'lineBytes'>;
  cpuAt: (atMs: number) => number;
}): ThroughputFigures => {
  const busy = ticks.filter((tick, index) => tick.events > 0 && tick.events !== ticks[index - 1]?.events);
  const whole = busy.filter(({ events }) => events < total);
  // What is read within two seconds has no other ends than the count before it and its last.
  const still = ticks[ticks.findIndex(({ events }) => events > 0) - 1];
  const [from, to] = whole.length > 1 ? [whole[0], whole.at(-1)] : [still ?? busy[0], busy.at(-1)];
  if (from === undefined || to === undefined || to.events === from.events) return {};
  const events = to.events - from.events;
  return {
    bytesASecond: (events * lines.lineBytes * 1_000) / (to.atMs - from.atMs),
    cpuMicrosecondsAnEvent: ((cpuAt(to.atMs) - cpuAt(from.atMs)) * 1e6) / events,
  };
};

const BEHIND_S = 0.5;

/** Faster and faster, until it is behind at the end of a step. */
const climb = async ({
  tasks,
  meter,
  lines,
  rates,
  settings,
}: {
  tasks: readonly BenchTask[];
  meter: Meter;
  lines: Lines;
  rates: readonly number[];
  settings: ThroughputSettings;
}) => {
  const before = meter.ticks().at(-1)?.events ?? 0;
  const writer = startWriter({ tasks, lines });
  let kept: number | undefined;
  try {
    for (const rate of rates) {
      writer.setRate(rate);
      await sleep(settings.stepMs);
      const tick = meter.ticks().at(-1);
      const behind = tick === undefined ? 0 : writer.writtenAt(tick.atMs) - (tick.events - before);
      if (behind * lines.lineBytes > rate * BEHIND_S) break;
      kept = rate;
    }
  } finally {
    writer.stop();
  }
  const written = writer.stop();
  await waitForRest({ meter, expected: before + written, timeoutMs: settings.timeoutMs });
  const came = (meter.ticks().at(-1)?.events ?? 0) - before;
  return { ...(kept !== undefined && { keptUpBytesASecond: kept }), written, lost: written - came };
};
