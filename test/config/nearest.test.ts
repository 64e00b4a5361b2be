import { expect, test } from 'vitest';
import { nearest } from '../../lib/nearest.ts';

const names = ['removalDelay', 'ceiling', 'self', 'backfill'];

test.each([
  ['removalDelya', 'removalDelay'],
  ['removal_delay', 'removalDelay'],
  ['REMOVAL-DELAY', 'removalDelay'],
  ['ceil', 'ceiling'],
  ['selfish', 'self'],
  ['slef', undefined],
  ['sef', 'self'],
  ['timeout', undefined],
  ['', undefined],
])('%j was meant to be %s', (word, meant) => expect(nearest(word, names)).toBe(meant));

test('among no names none is near', () => expect(nearest('self', [])).toBeUndefined());
