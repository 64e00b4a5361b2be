import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { NO_EVENTS, streamOpened } from '../../lib/watch/event-state.ts';
import { createFollowing } from '../../lib/watch/following.ts';

const never = new AbortController().signal;
const MINUTE = 60_000;

test('who waits for what is wanted gets it at once where it is, when it comes, and nothing when the time is over', async () => {
  const following = createFollowing({ start: NO_EVENTS, signal: never });
  expect(await following.wanted({ ms: 1, until: never })).toBeUndefined();
  const waiting = following.wanted({ ms: MINUTE, until: never });
  following.update(streamOpened);
  expect(await waiting).toEqual({ isDoubt: true, atLeast: 0 });
  expect(await following.wanted({ ms: MINUTE, until: never })).toEqual({ isDoubt: true, atLeast: 0 });
});

test('an end ends the wait, and whatever was waited for leaves nothing behind', async () => {
  const following = createFollowing({ start: NO_EVENTS, signal: never });
  const ending = new AbortController();
  for (let times = 0; times < 20; times += 1) await following.wanted({ ms: 1, until: ending.signal });
  expect(getEventListeners(ending.signal, 'abort')).toEqual([]);
  const waiting = following.wanted({ ms: MINUTE, until: ending.signal });
  ending.abort();
  expect(await waiting).toBeUndefined();
  expect(await following.wanted({ ms: MINUTE, until: ending.signal })).toBeUndefined();
});

test('a change of the way is told once, to those who asked before it', () => {
  const following = createFollowing({ start: NO_EVENTS, signal: never });
  const before = following.untilChange();
  following.setStream(false);
  expect(before.aborted).toBe(false);
  following.setStream(true);
  expect([before.aborted, following.untilChange().aborted, following.hasStream()]).toEqual([true, false, true]);
});
