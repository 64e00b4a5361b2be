import { expect, test } from 'vitest';
import type { Row } from '../../lib/pipelines/row.ts';
import { readTable, tableText } from '../../lib/pipelines/table.ts';
import { withLeavingColumns } from '../../lib/plan/leaving-columns.ts';
import { digestOf, makePlan } from '../../lib/plan/plan.ts';

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
  expect(withLeavingColumns({ rows: [row], before: [before] })).toEqual([{ ...row, cells }]);
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
