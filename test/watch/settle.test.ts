import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createSettler } from '../../lib/watch/settle.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Runs that take `takesMs`; `at` is when each began and `ended` when it ended, in ms from the first news. */
const aSettler = ({
  takesMs = 0,
  onRun = () => {},
}: {
  takesMs?: number;
  onRun?: (settler: { news(): void }) => void;
} = {}) => {
  const startedAt = performance.now();
  const at: number[] = [];
  const ended: number[] = [];
  const settler = createSettler({
    minMs: 100,
    maxMs: 250,
    run: async () => {
      at.push(performance.now() - startedAt);
      onRun(settler);
      await new Promise((resolve) => setTimeout(resolve, takesMs));
      ended.push(performance.now() - startedAt);
    },
  });
  return { settler, at, ended };
};

/** News at these times, in ms from now. */
const bring = (settler: { news(): void }, times: number[]) => {
  for (const ms of times) setTimeout(() => settler.news(), ms);
};

test.each([
  ['one piece of news', [0], [100]],
  ['a burst', [0, 10, 20], [120]],
  ['a burst without end', [0, 90, 180, 270, 360, 450], [250, 520]],
  ['two bursts', [0, 50, 500, 550], [150, 650]],
  ['no news', [], []],
])('runs after %s', async (_, news, runs) => {
  const { settler, at } = aSettler();
  bring(settler, news);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(at).toEqual(runs);
});

test.each([
  ['early in a long run: at once after it', 1_000, [0, 200], [100, 1_101]],
  ['late in a run: when it has been quiet', 1_000, [0, 1_090], [100, 1_190]],
  ['all through a run: one more', 1_000, [0, 200, 400, 600, 800], [100, 1_101]],
])('news during a run makes another: %s', async (_, takesMs, news, runs) => {
  const { settler, at, ended } = aSettler({ takesMs });
  bring(settler, news);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(at).toEqual(runs);
  expect(at[1]).toBeGreaterThanOrEqual(ended[0] ?? Number.NaN);
});

test('news that a run brings itself makes another after it', async () => {
  let isFirst = true;
  const { settler, at } = aSettler({
    takesMs: 500,
    onRun: ({ news }) => {
      if (isFirst) news();
      isFirst = false;
    },
  });
  settler.news();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(at).toEqual([100, 601]);
});

test.each([
  ['one: all but at once', [0], [20]],
  ['what follows within the moment: one run', [0, 5, 15], [20]],
  ['what follows later: settles', [0, 60, 90], [20, 190]],
  ['soon after a run: settles', [0, 100], [20, 200]],
  ['soon after a first one: settles', [0, 200], [20, 300]],
  ['a while later: at once again', [0, 500], [20, 520]],
])('whole news, %s', async (_, news, runs) => {
  const { settler, at } = aSettler();
  for (const ms of news) setTimeout(() => settler.wholeNews(), ms);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(at).toEqual(runs);
});

test('whole news within a burst of other news waits for its end, and lets it be no longer', async () => {
  const { settler, at } = aSettler();
  bring(settler, [0, 40, 80]);
  setTimeout(() => settler.wholeNews(), 60);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(at).toEqual([180]);
});

test('other news behind whole news: the run waits, since more of it may follow', async () => {
  const { settler, at } = aSettler();
  bring(settler, [10, 50]);
  settler.wholeNews();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(at).toEqual([150]);
});

test('a busy node: whole news all the time settle as any burst does', async () => {
  const { settler, at } = aSettler();
  for (let ms = 0; ms <= 1_000; ms += 50) setTimeout(() => settler.wholeNews(), ms);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(at).toEqual([20, 301, 601, 901, 1_100]);
});

test('stop waits for the run under way and lets none follow', async () => {
  const { settler, at, ended } = aSettler({ takesMs: 1_000 });
  bring(settler, [0, 200]);
  await vi.advanceTimersByTimeAsync(300);
  let isStopped = false;
  const stopped = settler.stop().then(() => {
    isStopped = true;
  });
  await vi.advanceTimersByTimeAsync(700);
  expect(isStopped).toBe(false);
  await vi.advanceTimersByTimeAsync(5_000);
  await stopped;
  settler.news();
  await vi.advanceTimersByTimeAsync(5_000);
  expect({ at, ended }).toEqual({ at: [100], ended: [1_100] });
});

test('stop with nothing under way resolves, and what was waiting never runs', async () => {
  const { settler, at } = aSettler();
  settler.news();
  await settler.stop();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(at).toEqual([]);
});
