import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Row, readTable, writeTable } from '../../lib/pipelines/table.ts';
import { strings } from '../safe/support/values.ts';

const aRow = ({ stem = 'nvl_50d107cb_web_0a1b2c3d', mark = '', cells = ['x'] }: Partial<Row> = {}): Row => ({
  stem,
  mark,
  cells,
});

test.each([
  ['no task', [], 'task,mark,c0\n".tasks","0 tasks",""\n'],
  ['one without cells', [aRow({ stem: 'a', cells: [] })], 'task,mark,c0\n".tasks","1 tasks",""\n"a","",""\n'],
  [
    'rows by their stems, as wide as the widest',
    [aRow({ stem: 'b', cells: ['1', '2'] }), aRow({ stem: 'a', mark: 'm', cells: ['3'] })],
    'task,mark,c0,c1\n".tasks","2 tasks","",""\n"a","m","3",""\n"b","","1","2"\n',
  ],
  [
    'quotes',
    [aRow({ stem: 'a', cells: ['say "x", y\n'] })],
    'task,mark,c0\n".tasks","1 tasks",""\n"a","","say ""x"", y\n"\n',
  ],
] as const)('a table: %s', (_, rows, text) => expect(writeTable(rows)).toBe(text));

test.each([
  ['two rows of one stem', [aRow(), aRow()], /one row for each stem/],
  ['an empty stem', [aRow({ stem: '' })], /one row for each stem/],
  ['a dot in a stem', [aRow({ stem: 'a.b' })], /one row for each stem/],
  ['half a surrogate pair', [aRow({ cells: ['a\ud83d'] })], /surrogate pair/],
] as const)('no table: %s', (_, rows, message) => expect(() => writeTable(rows)).toThrow(message));

const anyRows = fc
  .uniqueArray(
    fc.record({
      stem: fc.string({ unit: fc.constantFrom(...'nvl_01ab'), minLength: 1, maxLength: 12 }),
      mark: fc.oneof(fc.constantFrom('', ...strings), fc.string({ unit: 'binary' })),
      cells: fc.array(fc.oneof(fc.constantFrom(...strings), fc.string({ unit: 'binary' })), { maxLength: 5 }),
    }),
    { selector: ({ stem }) => stem, maxLength: 6 },
  )
  .map((rows) => rows.filter(({ mark, cells }) => [mark, ...cells].every((text) => text.isWellFormed())));

const padded = (rows: readonly Row[]): Row[] => {
  const width = Math.max(1, ...rows.map(({ cells }) => cells.length));
  return rows
    .map((row) => ({ ...row, cells: [...row.cells, ...Array<string>(width - row.cells.length).fill('')] }))
    .sort((one, other) => (one.stem < other.stem ? -1 : 1));
};

test('what was written is read exactly, whatever it holds', () => {
  fc.assert(
    fc.property(anyRows, (rows) => {
      expect(readTable(writeTable(rows))).toEqual({ rows: padded(rows) });
    }),
  );
});

test('a table that is cut off anywhere is a fault, and no table with fewer rows', () => {
  fc.assert(
    fc.property(anyRows, (rows) => {
      const text = writeTable(rows);
      for (let end = 0; end < text.length; end += 1) expect(readTable(text.slice(0, end))).toHaveProperty('fault');
    }),
    { numRuns: 30 },
  );
});

test.each([
  ['nothing', ''],
  ['a page', '<html>\n</html>\n'],
  ['another header', 'task,c0\n"a","b"\n'],
  ['a header without cells', 'task,mark\n".tasks","0 tasks"\n'],
  ['cells without quotes', 'task,mark,c0\n".tasks","1 tasks",""\na,,b\n'],
  ['a row too wide', 'task,mark,c0\n".tasks","1 tasks",""\n"a","","b","c"\n'],
  ['rows out of order', 'task,mark,c0\n".tasks","2 tasks",""\n"b","",""\n"a","",""\n'],
  ['a row twice', 'task,mark,c0\n".tasks","2 tasks",""\n"a","",""\n"a","",""\n'],
  ['no count', 'task,mark,c0\n"a","",""\n'],
  ['text behind it', 'task,mark,c0\n".tasks","0 tasks",""\nx'],
])('no table of nvl: %s', (_, text) => expect(readTable(text)).toHaveProperty('fault'));

test('a cell of a mebibyte is read', () => {
  const rows = [aRow({ cells: ['"x'.repeat(524_288)] })];
  expect(readTable(writeTable(rows))).toEqual({ rows });
});
