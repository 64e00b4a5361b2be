import { expect, test } from 'vitest';
import type { Row } from '../../lib/pipelines/row.ts';
import { tableText } from '../../lib/pipelines/table.ts';
import { firstLines, tableDiff } from '../../lib/plan/table-diff.ts';

const aRow = (stem: string, ...cells: string[]): Row => ({
  stem,
  pipeline: 'nvl_a',
  about: 'd / shop',
  mark: '',
  cells: Object.fromEntries(cells.map((cell, at) => [`c_${at}`, cell])),
});
const diff = (before: readonly Row[] | undefined, after: readonly Row[]): string =>
  tableDiff({ before: before && tableText(before), after: tableText(after), name: 'tasks.csv' });
const changed = (text: string): string[] => text.split('\n').filter((line) => /^[-+](?![-+])/.test(line));

test('no change is no diff, nor is one more column for others', () => {
  expect(diff([aRow('s1', 'x')], [aRow('s1', 'x')])).toBe('');
  expect(changed(diff([aRow('s1', 'x')], [aRow('s1', 'x'), aRow('s2', 'y', 'z')]))).toEqual([
    '+"s2","nvl_a","","","d / shop","y","z"',
  ]);
  expect(diff(undefined, [])).toBe('');
});

test('rows that come, go and change, and nothing else', () => {
  const text = diff(
    [aRow('s1', 'x'), aRow('s2', 'x'), aRow('s3', 'x')],
    [aRow('s2', 'x'), aRow('s3', 'y'), aRow('s4')],
  );
  expect(changed(text).map((line) => line.slice(0, 5))).toEqual(['-"s1"', '-"s3"', '+"s3"', '+"s4"']);
  expect(text).toMatch(/^--- tasks\.csv\t?\n\+\+\+ tasks\.csv\t?\n/);
});

test('a first table is all new', () => {
  expect(diff(undefined, [aRow('s1', 'x')])).toMatch(/^--- \/dev\/null/);
});

test('a long one is cut for people', () => {
  const text = diff(
    [],
    Array.from({ length: 500 }, (_, index) => aRow(`s${index}`, 'x')),
  );
  expect(firstLines(text).split('\n')).toHaveLength(62);
  expect(firstLines(text)).toMatch(/# 443 more lines, which --format json has\n$/);
});
