import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Row } from '../../lib/pipelines/row.ts';
import { readTable, tableText } from '../../lib/pipelines/table.ts';
import { strings } from '../safe/support/values.ts';

const aRow = ({ stem = 'nvl_50d107cb_web_0a1b2c3d', pipeline = 'p', ...rest }: Partial<Row> = {}): Row => ({
  stem,
  pipeline,
  about: '',
  mark: '',
  cells: { c_a: 'x' },
  ...rest,
});

const HEAD = 'task,pipeline,mark,skip,about,c_a\n';
const NO_CELLS = 'task,pipeline,mark,skip,about\n".tasks","","1 tasks","",""\n';
const count = (tasks: number): string => `".tasks","","${tasks} tasks","","",""\n`;

test.each([
  ['no task', [], `task,pipeline,mark,skip,about\n".tasks","","0 tasks","",""\n`],
  ['one without cells', [aRow({ stem: 'a', cells: {} })], `${NO_CELLS}"a","p","","",""\n`],
  [
    'rows by their stems, with each column that one has',
    [
      aRow({ stem: 'b', cells: { c_b: '2', c_a: '1' } }),
      aRow({ stem: 'a', mark: 'm', about: 'web', cells: { c_c: '3' } }),
    ],
    'task,pipeline,mark,skip,about,c_a,c_b,c_c\n".tasks","","2 tasks","","","","",""\n"a","p","m","","web","","","3"\n"b","p","","","","1","2",""\n',
  ],
  [
    'a task that moves, in both of its pipelines',
    [aRow({ stem: 'a', pipeline: 'q', skip: { 'stdout.0': '12' } }), aRow({ stem: 'a' })],
    `${HEAD}${count(2)}"a","p","","","","x"\n"a","q","","{""stdout.0"":""12""}","","x"\n`,
  ],
  [
    'quotes',
    [aRow({ stem: 'a', cells: { c_a: 'say "x", y\n' } })],
    `${HEAD}${count(1)}"a","p","","","","say ""x"", y\n"\n`,
  ],
] as const)('a table: %s', (_, rows, text) => expect(tableText(rows)).toBe(text));

test.each([
  ['two rows of one stem in one pipeline', [aRow(), aRow()], /one row for each stem/],
  ['an empty stem', [aRow({ stem: '' })], /one row for each stem/],
  ['a dot in a stem', [aRow({ stem: 'a.b' })], /one row for each stem/],
  ['half a surrogate pair', [aRow({ cells: { c_a: 'a\ud83d' } })], /surrogate pair/],
  ['a column that would change the header', [aRow({ cells: { 'c_a"': 'x' } })], /no name of a column/],
] as const)('no table: %s', (_, rows, message) => expect(() => tableText(rows)).toThrow(message));

const anyRows = fc
  .uniqueArray(
    fc.record({
      stem: fc.string({ unit: fc.constantFrom(...'nvl_01ab'), minLength: 1, maxLength: 12 }),
      pipeline: fc.constantFrom('p', 'q'),
      about: fc.constantFrom('', ...strings),
      skip: fc.option(
        fc.dictionary(fc.constantFrom('stdout.0', 'stderr.7'), fc.constantFrom('0', '12345678901234567890'), {
          minKeys: 1,
        }),
        { nil: undefined },
      ),
      mark: fc.oneof(fc.constantFrom('', ...strings), fc.string({ unit: 'binary' })),
      cells: fc.dictionary(
        fc.constantFrom('c_a', 'c_b', 'c_b2', 'c_job_id_0a1b2c3d', 'c_z'),
        fc.oneof(fc.constantFrom(...strings), fc.string({ unit: 'binary' })),
        { maxKeys: 5, noNullPrototype: true },
      ),
    }),
    { selector: ({ stem }) => stem, maxLength: 6 },
  )
  .map((rows) =>
    rows.filter(({ mark, about, cells }) =>
      [mark, about, ...Object.values(cells)].every((text) => text.isWellFormed()),
    ),
  )
  .map((rows) => rows.map(({ skip, ...row }): Row => (skip === undefined ? row : { ...row, skip })));

/** In the order of their stems, without what an empty cell does not say. */
const asRead = (rows: readonly Row[]): Row[] =>
  rows
    .map((row) => ({ ...row, cells: Object.fromEntries(Object.entries(row.cells).filter(([, cell]) => cell !== '')) }))
    .sort((one, other) => (one.stem < other.stem ? -1 : 1));

test('what was written is read exactly, whatever it holds', () => {
  fc.assert(
    fc.property(anyRows, (rows) => {
      expect(readTable(tableText(rows))).toEqual({ rows: asRead(rows) });
    }),
  );
});

test('a table that is cut off anywhere is a fault, and no table with fewer rows', () => {
  fc.assert(
    fc.property(anyRows, (rows) => {
      const text = tableText(rows);
      for (let end = 0; end < text.length; end += 1) expect(readTable(text.slice(0, end))).toHaveProperty('fault');
    }),
    { numRuns: 30 },
  );
});

test.each([
  ['nothing', ''],
  ['a page', '<html>\n</html>\n'],
  ['another header', 'task,c_a\n"a","b"\n'],
  ['a column by its place', `task,pipeline,mark,skip,about,c0\n${count(0)}`],
  ['columns out of order', 'task,pipeline,mark,skip,about,c_b,c_a\n".tasks","","0 tasks","","","",""\n'],
  ['cells without quotes', `${HEAD}${count(1)}a,p,,,,b\n`],
  ['a row too wide', `${HEAD}${count(1)}"a","p","","","","b","c"\n`],
  ['rows out of order', `${HEAD}${count(2)}"b","p","","","",""\n"a","p","","","",""\n`],
  ['a row twice', `${HEAD}${count(2)}"a","p","","","",""\n"a","p","","","",""\n`],
  ['no count', `${HEAD}"a","p","","","",""\n`],
  ['text behind it', `${HEAD}${count(0)}x`],
])('no table of nvl: %s', (_, text) => expect(readTable(text)).toHaveProperty('fault'));

test('a cell of a mebibyte is read', () => {
  const rows = [aRow({ cells: { c_a: '"x'.repeat(524_288) } })];
  expect(readTable(tableText(rows))).toEqual({ rows });
});

test('the line of a row that is in a table already is not made again, as long as the columns are the same', () => {
  const row = aRow({ stem: 'a', cells: { c_a: 'x' } });
  const first = tableText([row]);
  const quoted = vi.spyOn(String.prototype, 'isWellFormed');
  onTestFinished(() => quoted.mockRestore());
  const one = aRow({ stem: 'b', cells: { c_a: 'y' } });
  const two = tableText([row, one]);
  const ofOne = quoted.mock.calls.length;
  tableText([row, one, aRow({ stem: 'c', cells: { c_a: 'z' } })]);
  // The row that counts the others is new as well.
  expect(quoted.mock.calls.length - ofOne).toBe(ofOne);
  quoted.mockRestore();
  expect(two.split('\n').slice(2, 3)).toEqual(first.split('\n').slice(2, 3));
  const wider = tableText([row, aRow({ stem: 'b', cells: { c_b: 'y' } })]);
  expect(readTable(wider)).toMatchObject({ rows: [{ stem: 'a', cells: { c_a: 'x' } }, { cells: { c_b: 'y' } }] });
});
