import { type Limit, limitsTable } from './limits.ts';
import type { Section } from './page.ts';
import type { ListCost } from './run-list.ts';
import { figure, markdownTable, mib, times } from './table.ts';

/** What a list costs, the limits, and what it costs at least. Pure. */
export const listReport = ({ rows, notes }: { rows: readonly ListCost[]; notes: readonly string[] }): Section => ({
  name: 'list',
  text: [
    ...notes,
    limitsTable(listLimits(rows)),
    'nvl, processor time of a look:',
    costTable(rows),
    "The least, with all of V8's compilers: receive and unpack the same answer, and look at each byte once.",
    leastTable(rows),
  ].join('\n\n'),
  plots: {},
});

/** A node of 30,000 finished and 300 running allocations. */
const LARGE = 30_300;

/** The limits of nvl, with what was measured. Pure. */
export const listLimits = (rows: readonly ListCost[]): Limit[] => {
  const large = rows.find(({ allocations }) => allocations === LARGE);
  const name = `${figure(LARGE)} allocations`;
  return [
    {
      what: `${name}: nvl's memory at most`,
      atMost: 150e6,
      measured: large?.highestBytes,
      write: (bytes) => figure(bytes === undefined ? undefined : bytes / 1e6, { unit: ' MB' }),
    },
    {
      what: `${name}: one change, of what was received and passed over once, and the parse of what changed`,
      atMost: 3,
      measured: large && changeOfReceived(large),
      write: times,
    },
  ];
};

const changeOfReceived = ({ changeMs, bare, parseChangedMs }: ListCost): number =>
  changeMs / (bare.receiveMs + parseChangedMs);

const ms = (value: number) => figure(value, { digits: value < 10 ? 1 : 0, unit: ' ms' });

const costTable = (rows: readonly ListCost[]): string =>
  markdownTable([
    ['allocations', 'list', 'first look', 'unchanged', 'one change', 'taken in', 'resident', 'at most'],
    ...rows.map((row) => [
      figure(row.allocations),
      figure(row.bytes / 1e6, { digits: 1, unit: ' MB' }),
      ...[row.firstMs, row.unchangedMs, row.changeMs, row.tookMs].map(ms),
      ...[row.settledBytes, row.highestBytes].map(mib),
    ]),
  ]);

const leastTable = (rows: readonly ListCost[]): string =>
  markdownTable([
    [
      'allocations',
      'parse of all',
      'parse of one',
      'one pass',
      'received, one pass',
      'change: × pass + parse',
      'the same, received',
    ],
    ...rows.map((row) => [
      figure(row.allocations),
      ms(row.bare.parseMs),
      figure(row.parseChangedMs, { digits: 2, unit: ' ms' }),
      ...[row.bare.passMs, row.bare.receiveMs].map(ms),
      times(row.changeMs / (row.bare.passMs + row.parseChangedMs)),
      times(changeOfReceived(row)),
    ]),
  ]);
