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
// plain,parse_logfmt,logfmt --rounds 3 --only nvl,bare --quick --write]`. --write puts the result into docs/benchmarks.md.
const { values } = parseArgs({
  options: {
    tasks: { type: 'string' },
    bytes: { type: 'string' },
    parse: { type: 'string', default: 'plain,parse_logfmt,logfmt' },
    rounds: { type: 'string' },
    backlog: { type: 'string' },
    minutes: { type: 'string', default: '120' },
    only: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
const backlogMb = Number(values.backlog ?? (values.quick ? 12 : 150));
const settings = {
  shares: values.quick ? [0.2] : [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5],
  stepMs: values.quick ? 1_000 : 3_000,
  timeoutMs: values.quick ? 15_000 : 120_000,
};
const loads = listOf(values.parse).flatMap((parse) =>
  listOf(values.tasks ?? (values.quick ? '1' : '1,100')).flatMap((tasks) =>
    listOf(values.bytes ?? (values.quick ? '256' : '256,512')).map(
      (lineBytes): Load => ({ parse: parse as Parse, tasks: Number(tasks), lineBytes: Number(lineBytes) }),
    ),
  ),
);

/** A parse takes longer than all the rest: less of it lies there. */
const BACKLOG_SHARE: Readonly<Record<Parse, number>> = { plain: 1, parse_logfmt: 0.5, logfmt: 0.2 };
const settingsOf = ({ parse }: Load): ThroughputSettings => ({
  ...settings,
  backlogBytes: backlogMb * 1e6 * BACKLOG_SHARE[parse],
});

/** The 0.4.1 has no way to parse; literals stand beside the plain line alone. */
const takesPart = ({ name }: Contender, { parse }: Load): boolean =>
  parse === 'plain' || !(name.startsWith('nomad-vector-logger') || name === literalLabels.name);

const measureLoad = async ({ load, contenders }: { load: Load; contenders: Contender[] }): Promise<ThroughputRow[]> => {
  const measured = new Map<string, ThroughputFigures[]>();
  for (let round = 1; round <= rounds; round += 1) {
    let yardstick: number | undefined;
    for (const contender of contenders.filter((one) => takesPart(one, load))) {
      if (isOver({ began, minutes: Number(values.minutes) })) continue;
      say(`round ${round}: ${load.tasks} tasks, ${load.lineBytes} bytes, ${load.parse}: ${contender.name}`);
      const figures = await measureThroughput({ contender, load, yardstick, settings: settingsOf(load) }).catch(
        (error: unknown): ThroughputFigures => {
          say(`${contender.name} failed: ${error instanceof Error ? error.message : String(error)}`);
          return {};
        },
      );
      yardstick ??= figures.bytesASecond;
      measured.set(contender.name, [...(measured.get(contender.name) ?? []), figures]);
    }
  }
  return [...measured].map(([contender, all]) => ({ contender, load, figures: medians(all) as ThroughputFigures }));
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
  const rows: ThroughputRow[] = [];
  for (const load of loads) rows.push(...(await measureLoad({ load, contenders })));
  const what =
    `${backlogMb} MB lie there when a contender starts (less where lines are parsed), then live writing, faster every ` +
    `${settings.stepMs / 1_000} s; all sinks are an acknowledging blackhole; medians of ${rounds} ${rounds === 1 ? 'round' : 'rounds'}.`;
  await publish({
    section: throughputReport({ rows, notes: runNotes({ began, what, absent }) }),
    isWritten: values.write,
  });
} finally {
  await rm(folder, { recursive: true, force: true });
}
