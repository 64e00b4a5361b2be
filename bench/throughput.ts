import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isAbsent, vector } from '../test/support/programs.ts';
import type { Contender, Parse } from './support/contender.ts';
import { chooseContenders, RARE_ASKERS } from './support/contenders.ts';
import { isOver, listOf, publish, runNotes, say } from './support/report-run.ts';
import {
  type Load,
  measureThroughput,
  type ThroughputFigures,
  type ThroughputSettings,
} from './support/run-throughput.ts';
import { medians } from './support/statistics.ts';
import { type ThroughputRow, throughputReport } from './support/throughput-report.ts';
import { bareSource, literalLabels } from './support/yardsticks.ts';

// How fast lines get through, and what each takes: `npm run bench:throughput [-- --tasks 1,100 --bytes 256,512 --parse
// plain,parse_logfmt,logfmt --rounds 3 --minutes 30 --only nvl,bare --quick --write]`. --write puts the result into docs/benchmarks.md.
const { values } = parseArgs({
  options: {
    tasks: { type: 'string' },
    bytes: { type: 'string' },
    parse: { type: 'string', default: 'plain,parse_logfmt,logfmt' },
    rounds: { type: 'string' },
    backlog: { type: 'string' },
    minutes: { type: 'string', default: '10' },
    only: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

const rounds = Number(values.rounds ?? 1);
const backlogMb = Number(values.backlog ?? (values.quick ? 12 : 120));
const shares = values.quick ? [0.2] : [0.6, 0.8, 0.9, 1, 1.1, 1.25, 1.5];
const settings = { stepMs: values.quick ? 1_000 : 2_000, timeoutMs: 120_000 };
const everyLoad = listOf(values.parse).flatMap((parse) =>
  listOf(values.tasks ?? (values.quick ? '1' : '1,100')).flatMap((tasks) =>
    listOf(values.bytes ?? (values.quick ? '256' : '256,512')).map(
      (lineBytes): Load => ({ parse: parse as Parse, tasks: Number(tasks), lineBytes: Number(lineBytes) }),
    ),
  ),
);
const isSaid = [values.tasks, values.bytes].some((said) => said !== undefined);
/** The sample's program takes so long that it hides what else differs: one load shows that. */
const loads = everyLoad.filter(
  ({ parse, tasks, lineBytes }) => parse !== 'logfmt' || values.quick || isSaid || (tasks === 100 && lineBytes === 256),
);

/** A parse takes longer than all the rest: less of it lies there, and how fast one may write says nothing new. */
const BACKLOG_SHARE: Readonly<Record<Parse, number>> = { plain: 1, parse_logfmt: 0.4, logfmt: 0.15 };
const settingsOf = ({ parse }: Load): ThroughputSettings => ({
  ...settings,
  shares: parse === 'plain' ? shares : [],
  backlogBytes: backlogMb * 1e6 * BACKLOG_SHARE[parse],
});

/**
 * The 0.4.1 has no way to parse; literals stand beside the plain line alone. The limits are about nvl and the yardsticks:
 * one round of the peers, with lines of one length, shows where they stand.
 */
const takesPart = ({ contender, load, round }: { contender: Contender; load: Load; round: number }): boolean => {
  const { name } = contender;
  const isPeer = contender.labels.length > 0 && name !== 'nvl';
  if (isPeer && (round > 1 || load.lineBytes !== loads[0]?.lineBytes)) return false;
  return load.parse === 'plain' || !(name.startsWith('nomad-vector-logger') || name === literalLabels.name);
};

const measureLoad = async ({ load, round, all }: { load: Load; round: number; all: Contender[] }) => {
  const measured: { contender: string; figures: ThroughputFigures }[] = [];
  let yardstick: number | undefined;
  for (const contender of all.filter((one) => takesPart({ contender: one, load, round }))) {
    say(`round ${round}: ${load.tasks} tasks, ${load.lineBytes} bytes, ${load.parse}: ${contender.name}`);
    const figures = await measureThroughput({ contender, load, yardstick, settings: settingsOf(load) }).catch(
      (error: unknown): ThroughputFigures => {
        say(`${contender.name} failed: ${error instanceof Error ? error.message : String(error)}`);
        return {};
      },
    );
    yardstick ??= figures.bytesASecond;
    measured.push({ contender: contender.name, figures });
  }
  return measured;
};

/** Round by round, so that each load has its first before any has its second, until the time is over. */
const measureAll = async (all: Contender[]): Promise<ThroughputRow[]> => {
  const found = loads.map((load) => ({ load, figures: new Map<string, ThroughputFigures[]>() }));
  for (let round = 1; round <= rounds; round += 1) {
    for (const { load, figures } of found) {
      if (isOver({ began, minutes: Number(values.minutes) })) continue;
      for (const one of await measureLoad({ load, round, all }))
        figures.set(one.contender, [...(figures.get(one.contender) ?? []), one.figures]);
    }
  }
  return found.flatMap(({ load, figures }) =>
    [...figures].map(([contender, each]) => ({ contender, load, figures: medians(each) as ThroughputFigures })),
  );
};

const began = Date.now();
const folder = await mkdtemp(join(tmpdir(), 'nvl-bench-program-'));
try {
  if (isAbsent(vector)) throw new Error(`bench:throughput needs Vector: ${vector.absent}`);
  const { contenders, absent } = chooseContenders({
    folder,
    yardsticks: [bareSource, literalLabels],
    only: listOf(values.only),
    leaveOut: values.quick ? RARE_ASKERS : ['pure Vector, as shipped'],
  });
  const rows = await measureAll(contenders);
  const what =
    `${backlogMb} MB lie there when a contender starts (less where lines are parsed), then live writing, faster every ` +
    `${settings.stepMs / 1_000} s; all sinks are an acknowledging blackhole; ${rounds === 1 ? 'one round' : `medians of at most ${rounds} rounds`}.`;
  await publish({
    section: throughputReport({ rows, notes: runNotes({ began, what, absent }) }),
    isWritten: values.write,
  });
} finally {
  await rm(folder, { recursive: true, force: true });
}
