import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isAbsent, vector } from '../test/support/programs.ts';
import { chooseContenders, RARE_ASKERS } from './support/contenders.ts';
import { isOver, listOf, publish, runNotes, say } from './support/report-run.ts';
import { measureScale, type ScaleSettings } from './support/run-scale.ts';
import { type ScaleRow, scaleReport } from './support/scale-report.ts';
import { bareSource } from './support/yardsticks.ts';

// What a node of N tasks costs: `npm run bench:scale [-- --sizes 1,100,1000 --only nvl,bare --quick --write]`. --write puts the
// result into docs/benchmarks.md; --quick shows within a minute that all of it works.
const { values } = parseArgs({
  options: {
    sizes: { type: 'string' },
    only: { type: 'string', default: '' },
    'new-tasks': { type: 'string' },
    window: { type: 'string' },
    settle: { type: 'string' },
    lines: { type: 'string', default: '10' },
    minutes: { type: 'string', default: '120' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

const sizes = listOf(values.sizes ?? (values.quick ? '1,10' : '1,10,100,1000,3000')).map(Number);
const windowMs = Number(values.window ?? (values.quick ? 2 : 30)) * 1_000;
const settings: ScaleSettings = {
  settleMs: Number(values.settle ?? (values.quick ? 0.5 : 15)) * 1_000,
  windowMs,
  newTasks: Number(values['new-tasks'] ?? (values.quick ? 2 : 30)),
  newTasksMs: 60_000,
  linesASecond: Number(values.lines),
  readyMs: 180_000,
  lineMs: 20_000,
};

const began = Date.now();
const folder = await mkdtemp(join(tmpdir(), 'nvl-bench-program-'));
try {
  if (isAbsent(vector)) throw new Error(`bench:scale needs Vector: ${vector.absent}`);
  const { contenders, absent } = chooseContenders({
    folder,
    yardsticks: [bareSource],
    only: listOf(values.only),
    leaveOut: values.quick ? RARE_ASKERS : [],
  });
  const rows: ScaleRow[] = [];
  for (const tasks of sizes) {
    for (const contender of contenders) {
      if (isOver({ began, minutes: Number(values.minutes) })) continue;
      say(`${tasks} tasks: ${contender.name}`);
      const figures = await measureScale({ contender, tasks, settings }).catch((error: unknown) => {
        say(`${contender.name} failed: ${error instanceof Error ? error.message : String(error)}`);
        return {};
      });
      rows.push({ contender: contender.name, tasks, figures });
    }
  }
  const what =
    `each task two files, idle for ${windowMs / 1_000} s, then up to ${settings.newTasks} more tasks one by one ` +
    `while the others write ${settings.linesASecond} lines a second together.`;
  await publish({ section: scaleReport({ rows, notes: runNotes({ began, what, absent }) }), isWritten: values.write });
} finally {
  await rm(folder, { recursive: true, force: true });
}
