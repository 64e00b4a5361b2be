import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writePackage } from '../test/support/package.ts';
import { listOf, say } from './support/report-run.ts';
import { type ListCost, runList } from './support/run-list.ts';
import { figure, markdownTable, mib, times } from './support/table.ts';

// What Nomad's list costs nvl, beside what it costs at least: `npm run bench:list [-- --sizes 30,300,3000,30300 --looks 3]`.
// Of each size, 300 allocations run at most, and all others have finished. Processor time of the whole process, in ms.
const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '30,300,3000,30300' },
    running: { type: 'string', default: '300' },
    looks: { type: 'string', default: '3' },
  },
});

/** What a node of 30,000 finished and 300 running allocations may cost. */
const LIMITS = { bytes: 150e6, times: 3 };

const folder = await mkdtemp(join(tmpdir(), 'nvl-bench-list-'));
try {
  const program = writePackage(join(folder, 'package'));
  const rows: ListCost[] = [];
  for (const allocations of listOf(values.sizes).map(Number)) {
    say(`${allocations} allocations`);
    const running = Math.min(allocations, Number(values.running));
    rows.push(await runList({ program, allocations, running, looks: Number(values.looks) }));
  }
  process.stdout.write(`${report(rows)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

function report(rows: readonly ListCost[]): string {
  const ms = (value: number) => figure(value, { digits: value < 10 ? 1 : 0, unit: ' ms' });
  const costs = [
    ['allocations', 'list', 'first look', 'unchanged', 'one change', 'taken in', 'resident', 'at most'],
    ...rows.map((row) => [
      figure(row.allocations),
      figure(row.bytes / 1e6, { digits: 1, unit: ' MB' }),
      ...[row.firstMs, row.unchangedMs, row.changeMs, row.tookMs].map(ms),
      ...[row.settledBytes, row.highestBytes].map(mib),
    ]),
  ];
  const limits = [
    [
      'allocations',
      'parse of all',
      'parse of one',
      'one pass',
      'received, one pass',
      'change: × pass + parse',
      'the same, received',
    ],
    ...rows.map(({ allocations, bare, parseChangedMs, changeMs }) => [
      figure(allocations),
      ms(bare.parseMs),
      figure(parseChangedMs, { digits: 2, unit: ' ms' }),
      ...[bare.passMs, bare.receiveMs].map(ms),
      times(changeMs / (bare.passMs + parseChangedMs)),
      times(changeMs / (bare.receiveMs + parseChangedMs)),
    ]),
  ];
  const last = rows.at(-1);
  const highest = last === undefined ? 0 : last.highestBytes / 1e6;
  return [
    'nvl, processor time of a look:',
    markdownTable(costs),
    "The least, with all of V8's compilers: receive and unpack the same answer, and look at each byte once.",
    markdownTable(limits),
    `Limits at 30,300 allocations: ${LIMITS.bytes / 1e6} MB of memory (here ${figure(highest)} MB at most with ${figure(last?.allocations)}), and a change ${LIMITS.times} times what is received and passed over once.`,
  ].join('\n\n');
}
