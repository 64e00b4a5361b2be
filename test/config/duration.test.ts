import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../lib/duration.ts';

test.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['1m30s', 90_000],
  ['90s', 90_000],
  ['24h', 86_400_000],
  ['7d', 604_800_000],
  ['1d2h3m4s5ms', 93_784_005],
  ['1.5h', 5_400_000],
  ['1.1m', 66_000],
  ['0.1s', 100],
  ['0s', 0],
  ['1s1m', 61_000],
])('%s is %d ms', (text, ms) => expect(parseDuration(text)).toEqual({ ms }));

test.each([
  ['5', 'has no unit; write "5s" for seconds'],
  ['0', 'has no unit; write "0s" for seconds'],
  ['1.5', 'has no unit; write "1.5s" for seconds'],
  ['', 'is empty; leave the key out to use its default'],
  ['-5s', 'is negative'],
  ['30 s', 'is not a duration; write "30s"'],
  ['1M30S', 'is not a duration; write "1m30s"'],
  ['5min', 'has the unknown unit "min"; the units are ms, s, m, h or d'],
  ['10sec', 'has the unknown unit "sec"; the units are ms, s, m, h or d'],
  ['1m5', 'is not a duration; write a number and a unit, such as "30s" or "1m30s"'],
  ['soon', 'is not a duration; write a number and a unit, such as "30s" or "1m30s"'],
  ['.5s', 'is not a duration; write a number and a unit, such as "30s" or "1m30s"'],
  ['0.5ms', 'is finer than a millisecond'],
  ['1.0005s', 'is finer than a millisecond'],
  ['999999999999d', 'is too long'],
  [`${'9'.repeat(400)}s`, 'is too long'],
])('%j %s', (text, fault) => expect(parseDuration(text)).toEqual({ fault }));

test.each([
  [0, '0s'],
  [1, '1ms'],
  [500, '500ms'],
  [1_500, '1s500ms'],
  [30_000, '30s'],
  [90_000, '1m30s'],
  [3_600_000, '1h'],
  [86_400_000, '1d'],
  [90_061_001, '1d1h1m1s1ms'],
  [-2_000, '-2s'],
  [12.6, '13ms'],
  [-0.2, '0s'],
])('%d ms is written %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

test.each([Number.NaN, Number.POSITIVE_INFINITY])('%d is no length of time', (ms) =>
  expect(() => formatDuration(ms)).toThrow(RangeError),
);

test('what is written is read back', () => {
  fc.assert(
    fc.property(fc.nat(), (ms) => {
      expect(parseDuration(formatDuration(ms))).toEqual({ ms });
    }),
  );
});
