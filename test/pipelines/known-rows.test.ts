import { expect, test } from 'vitest';
import { type KnownTable, knownRows } from '../../lib/pipelines/known-rows.ts';
import type { Row } from '../../lib/pipelines/row.ts';
import { tableText } from '../../lib/pipelines/table.ts';

const row = { pipeline: 'p', about: '', mark: '', cells: [] } as unknown as Row;

test('a table is taken apart once, and the rows of the last whole one are known', () => {
  const memory: { table?: KnownTable } = {};
  expect(knownRows({ table: undefined, memory })).toEqual([]);
  const text = tableText([
    { ...row, stem: 'a' },
    { ...row, stem: 'b' },
  ]);
  const rows = knownRows({ table: text, memory });
  expect(rows.map(({ stem }) => stem)).toEqual(['a', 'b']);
  // Another string of the same text, as the disk gives it.
  expect(knownRows({ table: Buffer.from(text).toString(), memory })).toBe(rows);
  for (const broken of [undefined, '', text.slice(0, -20)]) expect(knownRows({ table: broken, memory })).toBe(rows);
  expect(knownRows({ table: tableText([]), memory })).toEqual([]);
});
