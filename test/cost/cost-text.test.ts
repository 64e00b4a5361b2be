import { expect, test } from 'vitest';
import { dropText, streamsText, volumeText } from '../../lib/cost/cost-text.ts';
import type { Amount } from '../../lib/cost/job-costs.ts';

const whole = (value: number): Amount => ({ value, isWhole: true });
const least = (value: number): Amount => ({ value, isWhole: false });

test.each<[Amount, Amount, string]>([
  [whole(0.2), whole(0.8), '0 B → 1 B a day'],
  [whole(1e9), whole(1e9), '1.0 GB a day'],
  [least(5e6), whole(1e3), '≥ 5.0 MB → 1.0 kB a day'],
  [whole(5), undefined, '5 B → not known a day'],
  [undefined, undefined, 'not known'],
])('bytes a day, %j to %j: %s', (before, after, text) => {
  expect(volumeText({ before, after })).toBe(text);
});

test.each<[number, number, string]>([
  [0.2, 0.8, '20 % → 80 %'],
  [0, 0.0004, '0 % → < 0.1 %'],
  [0, 0.015, '0 % → 1.5 %'],
  [1, 1, '100 %'],
])('a share of %d to %d: %s', (before, after, text) => {
  expect(dropText({ before: whole(before), after: whole(after) })).toBe(text);
});

test('streams are those of a day, or of now where nobody knows of a day', () => {
  const of = (now: number, perDay: number | undefined) => ({ now, perDay, by: undefined });
  const sink = { sink: 'loki', what: 'streams', unknown: [] };
  expect(streamsText({ ...sink, before: of(2, 5), after: of(3, 7.4) })).toBe('5 → 7 streams a day');
  expect(streamsText({ ...sink, before: of(2, 5), after: of(3, undefined) })).toBe('2 → 3 streams now');
  expect(streamsText({ ...sink, before: of(2, 5), after: undefined })).toBe('2 → not known streams now');
});
