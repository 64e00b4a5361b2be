import { expect, test } from 'vitest';
import type { Row } from '../../lib/pipelines/row.ts';
import { tableText } from '../../lib/pipelines/table.ts';
import { nextTable } from '../../lib/plan/next-table.ts';

const aRow = (stem: string, more: Partial<Row> = {}): Row => ({
  stem,
  pipeline: 'nvl_a',
  about: stem,
  mark: '',
  cells: { c_a: '1' },
  ...more,
});

const LIVE = [aRow('s1'), aRow('s2', { cells: { c_a: '1', c_b: '2' } })];

test.each<[string, { rows: Row[]; former?: Row[]; isEdited?: boolean }, boolean]>([
  ['the same', { rows: LIVE }, true],
  ['the same, read anew', { rows: LIVE.map((row) => ({ ...row, cells: { ...row.cells } })) }, true],
  ['one that went', { rows: LIVE.slice(1) }, true],
  ['all that went', { rows: [] }, true],
  [
    'one that is in another pipeline now, and its row there is not yet written',
    { rows: [aRow('s1', { pipeline: 'nvl_b' })] },
    false,
  ],
  ['one of a pipeline that was left', { rows: LIVE.slice(0, 1), former: LIVE.slice(1) }, true],
  ['a column that is no longer read', { rows: [aRow('s1'), aRow('s2')] }, true],
  ['a column that is new, and empty', { rows: [aRow('s1', { cells: { c_a: '1', c_new: '' } })] }, true],
  ['a column that is new', { rows: [aRow('s1', { cells: { c_a: '1', c_new: 'x' } })] }, false],
  ['another value', { rows: [aRow('s1', { cells: { c_a: '2' } })] }, false],
  ['a value that is empty now', { rows: [aRow('s1', { cells: { c_a: '' } })] }, false],
  ['a mark', { rows: [aRow('s1', { mark: 'why' })] }, false],
  ['a part that another pipeline has delivered', { rows: [aRow('s1', { skip: { 'stdout.0': '7' } })] }, false],
  ['one more', { rows: [...LIVE, aRow('s3')] }, false],
  ['one that went, with another file', { rows: LIVE.slice(1), isEdited: true }, false],
])('what is there already stays: %s', (_, { rows, former = [], isEdited = false }, stays) => {
  const live = { text: tableText(LIVE), rows: LIVE };
  const { text, own } = nextTable({ rows, former, live, isEdited, wereByValue: new Set() });
  expect(text === live.text).toBe(stays);
  if (stays) expect(own).toEqual(LIVE);
  else expect(text).toBe(tableText([...own, ...former]));
});

test('a table that is not there is written, also for no row', () => {
  const live = { text: undefined, rows: [] };
  expect(nextTable({ rows: [], former: [], live, isEdited: false, wereByValue: new Set() }).text).toBe(tableText([]));
});
