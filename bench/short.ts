import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isAbsent, vector } from '../test/support/programs.ts';
import { chooseContenders, RARE_ASKERS } from './support/contenders.ts';
import { listOf, publish, runNotes, say } from './support/report-run.ts';
import { measureShort, type ShortSettings } from './support/run-short.ts';
import { type ShortRow, shortReport } from './support/short-report.ts';

// What becomes of the lines of many short tasks: `npm run bench:short [-- --rate 1000 --seconds 60 --lines 10 --only nvl --quick
// --write]`. --write puts the result into docs/benchmarks.md.
const { values } = parseArgs({
  options: {
    rate: { type: 'string' },
    seconds: { type: 'string' },
    lines: { type: 'string', default: '10' },
    standing: { type: 'string', default: '10' },
    only: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

const settings: ShortSettings = {
  tasksAMinute: Number(values.rate ?? (values.quick ? 120 : 1_000)),
  seconds: Number(values.seconds ?? (values.quick ? 3 : 60)),
  linesEach: Number(values.lines),
  standing: Number(values.standing),
  quietMs: values.quick ? 5_000 : 25_000,
};

const began = Date.now();
const folder = await mkdtemp(join(tmpdir(), 'nvl-bench-program-'));
try {
  if (isAbsent(vector)) throw new Error(`bench:short needs Vector: ${vector.absent}`);
  const leaveOut = values.quick ? RARE_ASKERS : [];
  const { contenders, absent } = chooseContenders({ folder, yardsticks: [], only: listOf(values.only), leaveOut });
  const rows: ShortRow[] = [];
  for (const contender of contenders) {
    say(contender.name);
    const figures = await measureShort({ contender, settings }).catch((error: unknown) => {
      say(`${contender.name} failed: ${error instanceof Error ? error.message : String(error)}`);
      return {};
    });
    rows.push({ contender: contender.name, figures });
  }
  const what =
    `${settings.tasksAMinute} tasks a minute for ${settings.seconds} s, ${settings.linesEach} lines each within 0.2 s; ` +
    `each folder is removed as its task ends.`;
  await publish({ section: shortReport({ rows, notes: runNotes({ began, what, absent }) }), isWritten: values.write });
} finally {
  await rm(folder, { recursive: true, force: true });
}
