import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { afterOwnTime } from '../../lib/vrl/own-time.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** After how many milliseconds by the clock a limit of a second is over, where a thread gets this share of a processor. */
const overAfter = (share: number): number | undefined => {
  const begun = Date.now();
  let over: number | undefined;
  afterOwnTime({
    limitMs: 1_000,
    onOver: () => {
      over = Date.now() - begun;
    },
    usedMs: () => 5_000 + (Date.now() - begun) * share,
  });
  vi.advanceTimersByTime(60_000);
  return over;
};

test('whoever has a processor of its own, or more, has the limit', () => {
  expect(overAfter(1)).toBe(1_000);
  expect(overAfter(2)).toBe(1_000);
});

test('whoever gets a part of one has as much of it', () => {
  expect(overAfter(0.5)).toBeGreaterThanOrEqual(2_000);
  expect(overAfter(0.5)).toBeLessThan(2_020);
  expect(overAfter(0.25)).toBeGreaterThanOrEqual(4_000);
});

test('whoever gets next to none is given up in the end', () => {
  expect(overAfter(0)).toBe(10_000);
  expect(overAfter(0.01)).toBe(10_000);
});

test('called off, nothing comes of it', () => {
  const onOver = vi.fn();
  const callOff = afterOwnTime({ limitMs: 1_000, onOver, usedMs: () => 0 });
  vi.advanceTimersByTime(3_000);
  callOff();
  vi.advanceTimersByTime(60_000);
  expect(onOver).not.toHaveBeenCalled();
});
