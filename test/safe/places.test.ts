import { describe, expect, test } from 'vitest';
import { places } from '../../lib/render/safe/index.ts';
import { cells } from './support/cells.ts';
import { createCheck } from './support/check.ts';
import { values } from './support/values.ts';

test('at least 120 hostile values', () => expect(values.length).toBeGreaterThan(120));

test('every row of the table is tested', () => {
  expect(new Set(cells.map((cell) => cell.place))).toEqual(new Set(Object.keys(places)));
});

describe('every value in every place comes out exactly or is refused', () => {
  test.each(cells.map((cell) => [cell.place, cell.name, cell] as const))('%s: %s', (_place, _name, cell) => {
    const check = createCheck(cell);
    const misses = values.flatMap((value) => {
      const problem = check(value);
      return problem === undefined ? [] : [`${JSON.stringify(value)?.slice(0, 80)}: ${problem}`];
    });
    expect(misses).toEqual([]);
  });
});
