import { expect, test } from 'vitest';
import type { VectorExit } from '../../lib/vector/process/vector-exit.ts';
import { isToBlame, lastWordsOf } from '../../lib/wiring/exit-blame.ts';

/** One that ran for an hour and ended by itself, a second after it was told to reload. */
const anExit = (given: Partial<VectorExit> = {}): VectorExit => ({
  exitCode: 1,
  signal: undefined,
  fault: undefined,
  lastLines: [],
  ranMs: 3_600_000,
  hadStarted: true,
  sinceReloadMs: 1_000,
  wasAsked: false,
  ...given,
});

test.each<[string, boolean, Partial<VectorExit>, Partial<Parameters<typeof isToBlame>[0]>]>([
  ['it died soon after a reload', true, {}, { lastLoad: 'reloaded' }],
  ['it crashed soon after a reload', true, { signal: 'SIGSEGV', exitCode: undefined }, { lastLoad: 'reloaded' }],
  ['it does not start', true, { hadStarted: false, sinceReloadMs: undefined }, {}],
  ['it does not start after a refused reload', true, { hadStarted: false }, { lastLoad: 'refused' }],
  ['it died long after its last reload', false, { sinceReloadMs: 10_000 }, { lastLoad: 'reloaded' }],
  ['it died and was never told to reload', false, { sinceReloadMs: undefined }, {}],
  ['it has started since the reload', false, { ranMs: 500 }, { lastLoad: 'reloaded' }],
  ['it was killed', false, { signal: 'SIGKILL', exitCode: undefined }, { lastLoad: 'reloaded' }],
  ['it runs the file of before again, as it refused the new one', false, {}, { lastLoad: 'refused' }],
  ['it was told to end', false, { wasAsked: true, hadStarted: false }, {}],
  ['a cycle waits for it', false, { hadStarted: false }, { isLoading: true }],
])('exit: %s: to blame %s', (_, expected, exit, given) =>
  expect(isToBlame({ exit: anExit(exit), lastLoad: undefined, isLoading: false, ...given })).toBe(expected),
);

test.each<[string, string[], string]>([
  ['its errors', ['a INFO x', 'b ERROR y', 'c INFO z'], 'b ERROR y'],
  ['the last it said, where there is no error', ['a INFO x', 'c INFO z'], 'a INFO x\nc INFO z'],
  ['no more than five lines', ['1', '2', '3', '4', '5', '6'], '2\n3\n4\n5\n6'],
  ['its exit code, where it said nothing', [], 'exit code 1'],
])('exit: what tells of it: %s', (_, lastLines, words) => expect(lastWordsOf(anExit({ lastLines }))).toBe(words));
