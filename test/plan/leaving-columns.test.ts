import { expect, test } from 'vitest';
import type { Row } from '../../lib/pipelines/row.ts';
import { readTable, tableText } from '../../lib/pipelines/table.ts';
import { withLeavingColumns } from '../../lib/plan/leaving-columns.ts';
import { digestOf, makePlan } from '../../lib/plan/plan.ts';
import { labelTable, labelTableComment } from '../../lib/render/labels/label-tables.ts';
import { vectorTables } from '../../lib/render/vector-tables.ts';

const aRow = (cells: Row['cells'], { stem = 's1', pipeline = 'nvl_a' } = {}): Row => ({
  stem,
  pipeline,
  about: stem,
  mark: '',
  cells,
});

test.each<[string, Row, Row, Row['cells']]>([
  ['the same', aRow({ c_a: '1' }), aRow({ c_a: '1' }), { c_a: '1' }],
  ['another value', aRow({ c_a: '1' }), aRow({ c_a: '2' }), { c_a: '2' }],
  ['a value that is empty now', aRow({ c_a: '1' }), aRow({ c_a: '' }), { c_a: '' }],
  ['a column that is no longer read', aRow({ c_a: '1', c_b: '2' }), aRow({ c_a: '3' }), { c_a: '3', c_b: '2' }],
  ['an empty one that is no longer read', aRow({ c_a: '1', c_b: '' }), aRow({ c_a: '3' }), { c_a: '3' }],
  ['another task', aRow({ c_b: '2' }, { stem: 's2' }), aRow({ c_a: '3' }), { c_a: '3' }],
  ['another pipeline of the task', aRow({ c_b: '2' }, { pipeline: 'nvl_b' }), aRow({ c_a: '3' }), { c_a: '3' }],
])('what the labels of before read: %s', (_, before, row, cells) => {
  const given = { rows: [row], before: [before], wereByValue: new Set<string>() };
  expect(withLeavingColumns(given)).toEqual([{ ...row, cells }]);
});

test('while labels that were made value by value become one object, a row says that both read it', () => {
  const row = aRow({ c_a: '1' });
  const fileWith = (rows: string) => `# nvl:nvl_a a\n# Columns: c_a a string\n${rows}[sources.nvl_a]\n`;
  const [byValue, asObject] = [
    fileWith(''),
    fileWith(`${labelTableComment(labelTable([{ key: 'a', column: 'c_a' }]))}\n`),
  ];
  const live = { text: byValue, table: tableText([row]), rows: [row] };
  const loaded = { digest: digestOf(byValue), table: digestOf(live.table) };
  const edit = makePlan({ rendered: { text: asObject, rows: [row], former: [] }, live, loaded });
  const both = [...vectorTables({ text: asObject, rows: edit.rows }).values()];
  expect(both.map((text) => text.split('\n').length)).toEqual([3, 3]);
  const next = makePlan({
    rendered: { text: asObject, rows: [row, aRow({ c_a: '2' }, { stem: 's2' })], former: [] },
    live: { text: asObject, table: edit.table },
    loaded: { digest: edit.digest, table: edit.tableDigest },
  });
  const after = [...vectorTables({ text: asObject, rows: next.rows }).values()];
  expect(after.map((text) => text.split('\n').length)).toEqual([2, 4]);
});

const [OLD, NEW] = ['# nvl:nvl_a a\n[sources.nvl_a]\n', '# nvl:nvl_a a\n[sources.nvl_a]\nkey = 1\n'];

test('an edit of the labels takes two writes only where something else changes, and the old labels find their columns', () => {
  const [before, after] = [tableText([aRow({ c_a: '1' })]), [aRow({ c_b: '2' })]];
  const edit = makePlan({
    rendered: { text: NEW, rows: after, former: [] },
    live: { text: OLD, table: before },
    loaded: { digest: digestOf(OLD), table: digestOf(before) },
  });
  expect(readTable(edit.table)).toEqual({ rows: [aRow({ c_a: '1', c_b: '2' })] });
  const live = { text: NEW, table: edit.table };
  const loaded = { digest: edit.digest, table: edit.tableDigest };
  const next = makePlan({ rendered: { text: NEW, rows: after, former: [] }, live, loaded });
  expect(next).toMatchObject({ swap: false, write: false, prove: false, reload: false });
  expect(next.changes.tasks).toEqual([]);
  const more = [...after, aRow({ c_b: '3' }, { stem: 's2' })];
  const later = makePlan({ rendered: { text: NEW, rows: more, former: [] }, live, loaded });
  expect(later).toMatchObject({ write: true, table: tableText(more) });
});
