import { expect, test } from 'vitest';
import { grouped } from '../lib/grouped.ts';

test.each([
  [0, '0'],
  [999, '999'],
  [1_000, '1,000'],
  [123_456, '123,456'],
  [1_234_567, '1,234,567'],
])('%d as messages show it', (count, text) => expect(grouped(count)).toBe(text));
