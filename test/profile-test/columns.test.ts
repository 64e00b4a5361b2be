import { expect, test } from 'vitest';
import { toColumns } from '../../lib/profile-test/columns.ts';

const shape = (rows: string[][], width = 40) => toColumns({ head: ['', 'expected', 'actual'], rows, width });

test('columns are as wide as they need to be', () => {
  expect(shape([['a', '1', '"x"']])).toEqual(['          expected  actual', 'a         1         "x"']);
});

test('what does not fit goes on below, in its column', () => {
  expect(shape([['message', 'a'.repeat(20), 'b']], 30)).toEqual([
    '          expected      actual',
    'message   aaaaaaaaaaaa  b',
    '          aaaaaaaa',
  ]);
});

test.each([30, 40, 60, 100])('no line is wider than %d characters, and nothing is left out', (width) => {
  const rows = [
    ['a.long.name.of.a.field.deep.inside', 'x'.repeat(150), 'y'.repeat(7)],
    ['b', '', 'ü'.repeat(99)],
  ];
  const lines = shape(rows, width);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
  const text = lines.join('');
  for (const [character, count] of [
    ['x', 150 + 1],
    ['y', 7],
    ['ü', 99],
  ] as const)
    expect([...text].filter((found) => found === character)).toHaveLength(count);
});
