import { expect, test } from 'vitest';
import type { Decision } from '../../lib/collect/decide.ts';
import { aFile, aRecord, decideOn, HOUR, names, read, SECOND, T0 } from './support.ts';

type Given = Parameters<typeof decideOn>[0];
/** `in`: row and links; `unlinked`: the row alone; `out`: neither. */
const standing = ({ isCollected, isLinked }: Decision) => (isLinked ? 'in' : isCollected ? 'unlinked' : 'out');

const done = { finishedAt: T0 - HOUR };
const whole = aFile({ lines: 100 });

test.each<[string, Given, string, string | undefined]>([
  // New to nvl
  ['a new task that runs', {}, 'in', undefined],
  ['a new task that has finished, with logs', { ...done, files: [whole] }, 'in', undefined],
  ['a new task that has finished without a word', { ...done, files: [aFile()] }, 'out', undefined],
  ['a new task that has finished, its folder gone', { ...done, files: undefined }, 'out', undefined],

  // Known, running
  ['a task that runs on', { record: aRecord() }, 'in', undefined],
  ['a task that was taken to have finished and runs again', { record: aRecord(done) }, 'in', undefined],

  // Finished
  [
    'just finished',
    { record: aRecord(), finishedAt: T0 - SECOND, files: [whole], checkpoints: read({ 1: 100 }) },
    'in',
    undefined,
  ],
  [
    'finished, and read, within the removal delay',
    { record: aRecord(), finishedAt: T0 - 29 * SECOND, files: [whole], checkpoints: read({ 1: 100 }) },
    'in',
    undefined,
  ],
  ['finished, the delay passed, nothing read', { record: aRecord(), ...done, files: [whole] }, 'in', undefined],
  [
    'all but a line read',
    { record: aRecord(), ...done, files: [whole], checkpoints: read({ 1: 90 }) },
    'in',
    undefined,
  ],
  [
    'one of two files read',
    { record: aRecord(), ...done, files: [whole, aFile({ ino: 2, lines: 5 })], checkpoints: read({ 1: 100 }) },
    'in',
    undefined,
  ],
  [
    'all read',
    { record: aRecord(), ...done, files: [whole, aFile({ ino: 2 })], checkpoints: read({ 1: 100 }) },
    'unlinked',
    'unlinked',
  ],
  [
    'all read but a rest without a newline',
    { record: aRecord(), ...done, files: [aFile({ lines: 100, rest: 7 })], checkpoints: read({ 1: 100 }) },
    'unlinked',
    'unlinked',
  ],
  ['without a word', { record: aRecord(), ...done, files: [] }, 'unlinked', 'unlinked'],

  // The ceiling
  [
    'unread just before the ceiling',
    { record: aRecord(), finishedAt: T0 - 24 * HOUR + 1, files: [whole] },
    'in',
    undefined,
  ],
  ['unread at the ceiling', { record: aRecord(), finishedAt: T0 - 24 * HOUR, files: [whole] }, 'unlinked', 'ceiling'],

  // Link away
  [
    'the rest is not delivered yet',
    {
      record: aRecord({ phase: 'unlinked', unlinkedAt: T0 - SECOND }),
      ...done,
      files: [aFile({ lines: 9, rest: 1 })],
      checkpoints: read({ 1: 9 }),
    },
    'unlinked',
    undefined,
  ],
  [
    'the rest is delivered',
    {
      record: aRecord({ phase: 'unlinked', unlinkedAt: T0 - SECOND }),
      ...done,
      files: [aFile({ lines: 9, rest: 1 })],
      checkpoints: read({ 1: 10 }),
    },
    'out',
    'drained',
  ],
  [
    'the rest stays away, well within the minute after which Vector forgets',
    {
      record: aRecord({ phase: 'unlinked', unlinkedAt: T0 - 45 * SECOND }),
      ...done,
      files: [aFile({ lines: 9, rest: 1 })],
    },
    'out',
    'drained',
  ],
  [
    'the rest stays away, and the cycle that took the links away began a minute ago',
    { record: aRecord({ phase: 'unlinked' }), ...done, files: [aFile({ lines: 9, rest: 1 })] },
    'unlinked',
    undefined,
  ],
  [
    'the folder went meanwhile',
    { record: aRecord({ phase: 'unlinked', unlinkedAt: T0 - SECOND }), ...done, files: undefined },
    'out',
    'drained',
  ],

  // Another Vector than the one that the link was taken from: `loadedAt` is unknown
  [
    'the link is away, the rest not delivered, and its Vector ended: link back, however long ago that was',
    {
      record: aRecord({ phase: 'unlinked', unlinkedAt: T0 - 600 * SECOND, loadedAt: undefined }),
      ...done,
      files: [aFile({ lines: 9, rest: 1 })],
      checkpoints: read({ 1: 9 }),
    },
    'in',
    'linkedAgain',
  ],
  [
    'the same, and its only line has no newline, so no position either',
    {
      record: aRecord({ phase: 'unlinked', unlinkedAt: T0 - 600 * SECOND, loadedAt: undefined }),
      ...done,
      files: [aFile({ rest: 7 })],
    },
    'in',
    'linkedAgain',
  ],
  [
    'the same, and Vector has forgotten the file, which it does a minute after it sent the rest',
    {
      record: aRecord({ phase: 'unlinked', unlinkedAt: T0 - 600 * SECOND, loadedAt: undefined }),
      ...done,
      files: [aFile({ lines: 9, rest: 1 })],
    },
    'out',
    'drained',
  ],
  [
    'the same, and the rest was delivered',
    {
      record: aRecord({ phase: 'unlinked', unlinkedAt: T0 - SECOND, loadedAt: undefined }),
      ...done,
      files: [aFile({ lines: 9, rest: 1 })],
      checkpoints: read({ 1: 10 }),
    },
    'out',
    'drained',
  ],
  [
    'the same at the ceiling: the wait is over',
    {
      record: aRecord({ phase: 'unlinked', unlinkedAt: T0 - 46 * SECOND, loadedAt: undefined }),
      finishedAt: T0 - 25 * HOUR,
      files: [aFile({ lines: 9, rest: 1 })],
      checkpoints: read({ 1: 9 }),
    },
    'out',
    'drained',
  ],
  [
    'all lines read, a rest, and no Vector has its row: its link stays',
    {
      record: aRecord({ loadedAt: undefined }),
      ...done,
      files: [aFile({ lines: 9, rest: 1 })],
      checkpoints: read({ 1: 9 }),
    },
    'in',
    undefined,
  ],
  [
    'the same, and a new Vector may not have found the file yet',
    {
      record: aRecord({ loadedAt: T0 - 4 * SECOND }),
      ...done,
      files: [aFile({ lines: 9, rest: 1 })],
      checkpoints: read({ 1: 9 }),
    },
    'in',
    undefined,
  ],
  [
    'the same, without a rest: there is nothing to wait for',
    { record: aRecord({ loadedAt: undefined }), ...done, files: [aFile({ lines: 9 })], checkpoints: read({ 1: 9 }) },
    'unlinked',
    'unlinked',
  ],

  // Drained
  [
    'drained stays out',
    {
      record: aRecord({ phase: 'drained', files: [{ name: 'x', dev: '1', ino: '1', size: '100' }] }),
      ...done,
      files: [whole],
    },
    'out',
    undefined,
  ],
  [
    'drained, and its files were rotated away',
    {
      record: aRecord({ phase: 'drained', files: [{ name: 'x', dev: '1', ino: '1', size: '100' }] }),
      ...done,
      files: [],
    },
    'out',
    undefined,
  ],
  ['restarted by hand', { record: aRecord({ phase: 'drained', files: [] }) }, 'in', undefined],
  [
    'restarted by hand and finished again: a file has grown',
    {
      record: aRecord({ phase: 'drained', files: [{ name: 'x', dev: '1', ino: '1', size: '100' }] }),
      finishedAt: T0 - SECOND,
      files: [aFile({ lines: 101 })],
    },
    'in',
    'collectedAgain',
  ],
  [
    'restarted by hand and finished again: a new file',
    {
      record: aRecord({ phase: 'drained', files: [{ name: 'x', dev: '1', ino: '1', size: '100' }] }),
      finishedAt: T0 - SECOND,
      files: [whole, aFile({ ino: 2, lines: 1 })],
    },
    'in',
    'collectedAgain',
  ],
])('%s', (_, given, expected, event) => {
  const decision = decideOn(given);
  expect(standing(decision)).toBe(expected);
  expect(decision.event?.kind).toBe(event);
  // A link never outlives its row.
  expect(decision.isLinked && !decision.isCollected).toBe(false);
});

const lookAgainIn = (given: Given) => decideOn(given).lookAgainMs;

test('it looks again when the removal delay is over', () => {
  expect(lookAgainIn({ record: aRecord(), finishedAt: T0 - 10 * SECOND })).toBe(20 * SECOND);
});

test.each([
  ['at once', 0, 500],
  ['after a minute', 60 * SECOND, 6 * SECOND],
  ['after an hour', HOUR, 30 * SECOND],
])('it looks often for what is unread at first, then less: %s', (_, waitedMs, expected) => {
  const finishedAt = T0 - 30 * SECOND - waitedMs;
  expect(lookAgainIn({ record: aRecord(), finishedAt, files: [whole] })).toBe(expected);
});

test('what runs, and what is drained, calls for no look', () => {
  expect(lookAgainIn({ record: aRecord() })).toBeUndefined();
  expect(lookAgainIn({ record: aRecord({ phase: 'drained', files: [] }), ...done })).toBeUndefined();
});

test.each<[string, Given['collect'], number, boolean]>([
  ['all: what finished a year before', { backfill: { kind: 'all' } }, T0 - 8_760 * HOUR, true],
  ['none: what finished before nvl came', { backfill: { kind: 'none' } }, T0 - 1, false],
  ['none: what finished since', { backfill: { kind: 'none' } }, T0 + 1, true],
  ['since an hour: within it', { backfill: { kind: 'since', ms: HOUR } }, T0 - HOUR, true],
  ['since an hour: before it', { backfill: { kind: 'since', ms: HOUR } }, T0 - HOUR - 1, false],
])('backfill %s', (_, collect, finishedAt, isIn) => {
  const decision = decideOn({
    collect: collect ?? {},
    finishedAt,
    files: [whole],
    installedAt: T0,
    now: T0 + 5 * SECOND,
  });
  expect(decision.isCollected).toBe(isIn);
});

test('what is left at the ceiling is counted: whole lines that were not read, of all files', () => {
  const { event } = decideOn({
    record: aRecord(),
    finishedAt: T0 - 25 * HOUR,
    files: [whole, aFile({ ino: 2, lines: 40, rest: 9 })],
    checkpoints: read({ 1: 30 }),
  });
  expect(event).toEqual({ kind: 'ceiling', bytesLeft: 110n });
});

test('a row stays for a while after its links: that is counted from the first cycle after the one that took them away', () => {
  const waiting = { ...done, files: [aFile({ lines: 9, rest: 1 })] };
  const gone = decideOn({ record: aRecord(), ...waiting, checkpoints: read({ 1: 9 }) });
  expect([gone.record?.phase, gone.record?.unlinkedAt]).toEqual(['unlinked', undefined]);
  const first = decideOn({ record: gone.record, ...waiting });
  expect([first.isCollected, first.record?.unlinkedAt]).toEqual([true, T0]);
});

test('that other tasks of the pipeline are read says nothing of this one', () => {
  const gone = { ...done, files: undefined };
  const before = decideOn({ record: aRecord({ unread: [] }), ...gone, checkpoints: read({ 7: 10 }) }).record;
  const after = decideOn({ record: before, ...gone, checkpoints: read({ 7: 20, 8: 1 }) }).record;
  expect(after?.positions).toBe(before?.positions);
  const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, ino) => [ino, 100]));
  const own = decideOn({ record: aRecord(), finishedAt: T0, files: [whole], checkpoints: read(many) }).record;
  expect(own?.positions?.digest).toBe('1:1=100');
});

test('what was drained is remembered by file, in digits, and no more', () => {
  const record = aRecord({
    phase: 'unlinked',
    unlinkedAt: T0,
    finishedAt: T0 - HOUR,
    positions: { digest: '', since: 0 },
  });
  const big = { ...aFile({ lines: 3 }), ino: 2n ** 63n - 1n };
  const decision = decideOn({ record, ...done, files: [big], checkpoints: new Map([[`1:${2n ** 63n - 1n}`, 3n]]) });
  expect(decision.record).toEqual({
    ...names,
    phase: 'drained',
    finishedAt: T0 - HOUR,
    unlinkedAt: T0,
    files: [{ name: 'app.stdout.1', dev: '1', ino: '9223372036854775807', size: '3' }],
  });
});

test('a task that is running has no end in its record', () => {
  const record = aRecord({ finishedAt: T0, goneAt: T0, positions: { digest: 'x', since: T0 }, unread: [] });
  expect(decideOn({ record }).record).toEqual(aRecord());
});
