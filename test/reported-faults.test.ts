import { expect, test } from 'vitest';
import { NvlError } from '../lib/errors.ts';
import { createReportedFaults } from '../lib/reported-faults.ts';

const MINUTE = 60_000;
const unusable = (folder: string, more: Record<string, string> = {}) =>
  new NvlError('rootUnusable', { message: 'a folder of the root is a link', facts: { folder, ...more } });

/** Each at a minute of its own, counted from the start; which of them are told. */
const toldOf = (faults: readonly (readonly [minute: number, fault: unknown])[]): boolean[] => {
  let now = 0;
  const told = createReportedFaults({ now: () => now });
  return faults.map(([minute, fault]) => {
    now = minute * MINUTE;
    return told.isNew(fault);
  });
};

test.each<[string, Parameters<typeof toldOf>[0], boolean[]]>([
  [
    'one that lasts',
    [0, 1, 9, 18, 27].map((minute) => [minute, unusable('/r/stage')]),
    [true, false, false, false, false],
  ],
  [
    'another file under the same code and words',
    [
      [0, unusable('/r/stage')],
      [1, unusable('/r/generations')],
      [2, unusable('/r/generations')],
    ],
    [true, true, false],
  ],
  [
    'two that come by turns',
    [0, 1, 2, 3, 4, 5].map((minute) => [minute, unusable(minute % 2 === 0 ? '/r/stage' : '/r/live')]),
    [true, true, false, false, false, false],
  ],
  [
    'one that was away for ten minutes',
    [
      [0, unusable('/r/stage')],
      [1, unusable('/r/live')],
      [10.5, unusable('/r/live')],
      [11, unusable('/r/stage')],
    ],
    [true, true, false, true],
  ],
  [
    'a fact that counts: three times, then again after a while, and another file beside it at once',
    [
      ...[0, 1, 2, 3, 4, 5].map((minute) => [minute, unusable('/r/stage', { tries: `${minute}` })] as const),
      [5, unusable('/r/live')],
      [11, unusable('/r/stage', { tries: '11' })],
    ],
    [true, true, true, false, false, false, true, true],
  ],
  [
    'a temporary name',
    ['Ab3dEf', 'zzzzzz', 'q1W2e3', 'lkjhgf'].map((end, minute) => [minute, unusable(`/tmp/nvl-proof-${end}/x`)]),
    [true, true, true, false],
  ],
  [
    'many of one code',
    [...'abcdefghijklm'].map((letter) => [1, unusable(`/r/${letter}`)]),
    [...'abcdefghijklm'].map((_, index) => index < 10),
  ],
  [
    'faults of nvl itself, by what they say',
    [
      [0, new TypeError('x is undefined')],
      [0, new TypeError('y is undefined')],
    ],
    [true, true],
  ],
])('of %s it is told', (_, faults, told) => expect(toldOf(faults)).toEqual(told));

test('once all is well, whatever comes is news', () => {
  const told = createReportedFaults();
  expect(told.isAny()).toBe(false);
  expect([told.isNew(unusable('/r/stage')), told.isNew(unusable('/r/stage')), told.isAny()]).toEqual([
    true,
    false,
    true,
  ]);
  told.clear();
  expect([told.isAny(), told.isNew(unusable('/r/stage'))]).toEqual([false, true]);
});
