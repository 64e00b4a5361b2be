import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writePackage } from '../test/support/package.ts';
import { listReport } from './support/list-report.ts';
import { listOf, publish, runNotes, say } from './support/report-run.ts';
import { type ListCost, runList } from './support/run-list.ts';
import { figure } from './support/table.ts';

// What Nomad's list costs nvl, beside what it costs at least: `npm run bench:list [-- --sizes 30,300,3000,30300 --looks 3 --quick
// --write]`. Of each size, 300 allocations run at most, and all others have finished. --write puts the result into docs/benchmarks.md.
const { values } = parseArgs({
  options: {
    sizes: { type: 'string' },
    running: { type: 'string', default: '300' },
    looks: { type: 'string' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

const began = Date.now();
const looks = Number(values.looks ?? (values.quick ? 1 : 3));
const folder = await mkdtemp(join(tmpdir(), 'nvl-bench-list-'));
try {
  const program = writePackage(join(folder, 'package'));
  const rows: ListCost[] = [];
  for (const allocations of listOf(values.sizes ?? (values.quick ? '30,300' : '30,300,3000,30300')).map(Number)) {
    say(`${allocations} allocations`);
    const running = Math.min(allocations, Number(values.running));
    rows.push(await runList({ program, allocations, running, looks }));
  }
  const what =
    `processor time of the whole process, medians of ${looks} looks; of each size ${figure(Number(values.running))} allocations run ` +
    'at most, and all others have finished. No Vector runs.';
  await publish({
    section: listReport({ rows, notes: runNotes({ began, what, absent: [] }) }),
    isWritten: values.write,
  });
} finally {
  await rm(folder, { recursive: true, force: true });
}
