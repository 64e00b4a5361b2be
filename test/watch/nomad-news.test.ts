import { afterEach, expect, test, vi } from 'vitest';
import { NvlError } from '../../lib/errors.ts';
import { nomadSource } from '../../lib/nomad/node-source.ts';
import { follow, watchNomadNews } from '../../lib/watch/nomad-news.ts';
import { aPlainClient, metaHeaders, startFakeNomad } from '../nomad/fake-nomad.ts';
import { aLog } from './support.ts';

afterEach(() => void vi.useRealTimers());

test.each([
  ['the first answer', { index: 0, seen: undefined, wasEmpty: false }, { index: 5, isEmpty: false }, true, 5],
  ['a first empty answer', { index: 0, seen: undefined, wasEmpty: false }, { index: 5, isEmpty: true }, true, 5],
  ['a newer one', { index: 5, seen: 5, wasEmpty: false }, { index: 6, isEmpty: false }, true, 6],
  ['the same after a wait in vain', { index: 5, seen: 5, wasEmpty: false }, { index: 5, isEmpty: false }, false, 5],
  ['an older one', { index: 5, seen: 5, wasEmpty: false }, { index: 4, isEmpty: false }, true, 0],
  ['the same after starting over', { index: 0, seen: 4, wasEmpty: false }, { index: 4, isEmpty: false }, false, 4],
  ['an older one after starting over', { index: 0, seen: 4, wasEmpty: false }, { index: 3, isEmpty: false }, true, 0],
  ['the last allocation went', { index: 5, seen: 5, wasEmpty: false }, { index: 6, isEmpty: true }, true, 6],
  ['still empty', { index: 5, seen: 5, wasEmpty: true }, { index: 6, isEmpty: true }, false, 6],
  ['the first allocation came', { index: 5, seen: 5, wasEmpty: true }, { index: 6, isEmpty: false }, true, 6],
])('follow: %s', (_, position, answer, isNews, index) => {
  expect(follow(position, answer)).toEqual({ isNews, next: { index, seen: answer.index, wasEmpty: answer.isEmpty } });
});

type Step = { index: number; isChanged?: boolean; bytes?: number } | NvlError;
type Follow = Parameters<typeof watchNomadNews>[0]['follow'];

const away = () => new NvlError('nomadAway', { message: 'Nothing listens' });
const refused = () => new NvlError('nomadRefused', { message: 'Nomad refused' });

/** A Nomad that answers these one after the other, and then waits for ever; `isDone` when it does. */
const scripted = (steps: Step[]) => {
  const asked: number[] = [];
  const { promise: isDone, resolve: done } = Promise.withResolvers<void>();
  const follow: Follow = async ({ index, signal }) => {
    asked.push(index);
    const step = steps.shift();
    if (step instanceof NvlError) throw step;
    if (step !== undefined) return { isEmpty: false, isChanged: false, bytes: 0, ...step };
    done();
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  };
  return { follow, asked, isDone };
};

/** Time stands still, so that `waits` are what was asked for. */
const watchScripted = async (steps: Step[]) => {
  vi.useFakeTimers();
  const { follow, asked, isDone } = scripted(steps);
  const { log, lines } = aLog();
  const controller = new AbortController();
  const waits: number[] = [];
  let news = 0;
  const watching = watchNomadNews({
    follow,
    nodeId: 'n1',
    onNews: () => void news++,
    log,
    signal: controller.signal,
    random: () => 0,
    wait: async (ms) => void waits.push(ms),
  });
  await isDone;
  controller.abort();
  await watching;
  return { news, asked, waits, lines };
};

/** Asks this Nomad itself. */
const followAt = (address: string): Follow =>
  nomadSource({ client: aPlainClient({ address }), nodeId: 'n1', allocDir: '/alloc', intervalMs: 60_000 }).follow;

test('each answer with another index is news', async () => {
  const { news, asked, lines } = await watchScripted([{ index: 5 }, { index: 7 }, { index: 7 }, { index: 9 }]);
  expect(news).toBe(3);
  expect(asked).toEqual([0, 5, 7, 7, 9]);
  expect(lines).toEqual([]);
});

test('an index that goes backwards starts over, and is news once', async () => {
  const { news, asked } = await watchScripted([{ index: 50 }, { index: 8 }, { index: 8 }, { index: 9 }]);
  expect(news).toBe(3);
  expect(asked).toEqual([0, 50, 0, 8, 9]);
});

test('a list that changed is news, though its index did not: Nomad has collected garbage', async () => {
  const { news } = await watchScripted([{ index: 5 }, { index: 5, isChanged: true }, { index: 5 }]);
  expect(news).toBe(2);
});

test('after a large list the next question waits, also where each brings news', async () => {
  const { waits } = await watchScripted([
    { index: 5, bytes: 1e6 },
    { index: 6, bytes: 200e6 },
  ]);
  expect(waits).toEqual([50, 4_000]);
});

test('answers that come at once are asked for every 50 ms at most, and ever slower while nothing is new', async () => {
  const same = Array.from({ length: 6 }, () => ({ index: 5 }));
  const { waits } = await watchScripted([{ index: 4 }, ...same, { index: 6 }]);
  expect(waits).toEqual([50, 50, 100, 200, 400, 800, 1_000, 50]);
});

test('an answer that took its time is followed by the next question at once', async () => {
  vi.useFakeTimers();
  const controller = new AbortController();
  const waits: number[] = [];
  const follow: Follow = async () => {
    vi.advanceTimersByTime(60_000);
    return { index: 5, isEmpty: true, isChanged: false, bytes: 0 };
  };
  await watchNomadNews({
    follow,
    nodeId: 'n1',
    onNews: () => {},
    log: aLog().log,
    signal: controller.signal,
    wait: async (ms) => {
      if (waits.push(ms) === 2) controller.abort();
    },
  });
  expect(waits).toEqual([0, 0]);
});

test('while Nomad is away there is one line, growing pauses, and one line when it is back', async () => {
  const { news, asked, waits, lines } = await watchScripted([
    { index: 5 },
    away(),
    away(),
    away(),
    { index: 5 },
    { index: 6 },
    away(),
  ]);
  expect(lines).toEqual([
    'warn no news from Nomad: Nothing listens',
    'info Nomad is back',
    'warn no news from Nomad: Nothing listens',
  ]);
  expect(asked).toEqual([0, 5, 0, 0, 0, 5, 6, 0]);
  expect(waits).toEqual([50, 250, 500, 1_000, 100, 50, 250]);
  expect(news).toBe(2);
});

test('another reason is another line', async () => {
  const { lines } = await watchScripted([away(), refused(), refused(), { index: 5 }]);
  expect(lines).toEqual([
    'warn no news from Nomad: Nothing listens',
    'warn no news from Nomad: Nomad refused',
    'info Nomad is back',
  ]);
});

test('an answer without index is no news, and asked for with growing pauses', async () => {
  const { news, waits, lines } = await watchScripted([{ index: 0 }, { index: 0 }, { index: 0 }]);
  expect(news).toBe(0);
  expect(waits).toEqual([250, 500, 1_000]);
  expect(lines).toEqual(["warn no news from Nomad: Nomad's answer has no X-Nomad-Index"]);
});

test('an abort ends it at once, in a question and in a pause', async () => {
  const { address } = await startFakeNomad({ answer: () => {} });
  for (const follow of [followAt(address), followAt('unix:///nowhere/api.sock')]) {
    const controller = new AbortController();
    const watching = watchNomadNews({
      follow,
      nodeId: 'n1',
      onNews: () => {},
      log: aLog().log,
      signal: controller.signal,
      random: () => 1,
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const abortedAt = performance.now();
    controller.abort();
    await watching;
    expect(performance.now() - abortedAt).toBeLessThan(20_000);
  }
});

test('with a signal that has aborted nothing is asked', async () => {
  const { follow, asked } = scripted([{ index: 1 }]);
  await watchNomadNews({
    follow,
    nodeId: 'n1',
    onNews: () => expect.unreachable(),
    log: aLog().log,
    signal: AbortSignal.abort(),
  });
  expect(asked).toEqual([]);
});

test('through real HTTP, an answer held back until something happens is news when it comes', async () => {
  const held: (() => void)[] = [];
  const { address, asked } = await startFakeNomad({
    answer: (request, response) => {
      const index = Number(new URL(request.url ?? '', 'http://x').searchParams.get('index') ?? 0);
      const send = () => response.writeHead(200, { ...metaHeaders, 'x-nomad-index': String(index + 10) }).end('[{}]');
      if (index === 0) send();
      else held.push(send);
      heldOne();
    },
  });
  let heldOne = () => {};
  const controller = new AbortController();
  let news = 0;
  const isHeld = new Promise<void>((resolve) => {
    heldOne = () => (held.length === 1 ? resolve() : undefined);
  });
  const isNewsTwice = new Promise<void>((resolve) => {
    void watchNomadNews({
      follow: followAt(address),
      nodeId: 'n1',
      log: aLog().log,
      signal: controller.signal,
      onNews: () => (++news === 2 ? resolve() : undefined),
    });
  });
  await isHeld;
  expect(news).toBe(1);
  held[0]?.();
  await isNewsTwice;
  controller.abort();
  expect(asked.slice(0, 2).map(({ url }) => url)).toEqual([
    '/v1/node/n1/allocations?stale=',
    '/v1/node/n1/allocations?stale=&index=10&wait=60000ms',
  ]);
});
