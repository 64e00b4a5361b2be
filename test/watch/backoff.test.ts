import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs, pause } from '../../lib/backoff.ts';

test.each([
  [0, 0, 250],
  [0, 1, 500],
  [1, 0, 500],
  [1, 0.5, 750],
  [5, 1, 16_000],
  [6, 0, 15_000],
  [6, 1, 30_000],
  [5_000, 1, 30_000],
])('backoff: attempt %i with luck %d is %i ms', (attempt, random, ms) => {
  expect(backoffMs({ attempt, random })).toBe(ms);
});

test('backoff stays within its bounds and never shrinks', () => {
  fc.assert(
    fc.property(
      fc.nat(2_000),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 500 }),
      (attempt, random, minMs) => {
        const [one, next] = [attempt, attempt + 1].map((count) =>
          backoffMs({ attempt: count, random, minMs, maxMs: 700 }),
        );
        expect(one).toBeGreaterThanOrEqual(minMs);
        expect(one).toBeLessThanOrEqual(700);
        expect(next).toBeGreaterThanOrEqual(one as number);
      },
    ),
  );
});

test('backoff with a least above the most is the most', () => {
  expect(backoffMs({ attempt: 0, random: 1, minMs: 900, maxMs: 700 })).toBe(700);
});

test('a pause lasts, and an abort ends it without an error', async () => {
  const startedAt = performance.now();
  await pause(40);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(39);
  const controller = new AbortController();
  const paused = pause(60_000, controller.signal);
  controller.abort();
  await paused;
  await pause(60_000, AbortSignal.abort());
  expect(performance.now() - startedAt).toBeLessThan(30_000);
});
