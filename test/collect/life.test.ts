import { expect, test } from 'vitest';
import type { Seen } from '../../lib/collect/decide.ts';
import type { LogFile } from '../../lib/files/log-files.ts';
import type { TaskRecord } from '../../lib/state/record.ts';
import { aFile, decideOn, HOUR, read, SECOND, T0 } from './support.ts';

// A task's whole life as a table: what is seen at each moment, and what becomes of its links and its row.

type Moment = {
  at: number;
  finishedAt?: number;
  isListed?: false;
  files?: LogFile[] | undefined;
  checkpoints?: Seen['checkpoints'];
  /** Vector was seen to have its row since the last moment. */
  loads?: true;
};

const live = (moments: Moment[], start?: TaskRecord) => {
  let record = start;
  return moments.map(({ at, loads, ...moment }) => {
    if (loads && record !== undefined) record = { ...record, loadedAt: T0 + at };
    const decision = decideOn({ record, now: T0 + at, ...moment });
    record = decision.record;
    return `${decision.isLinked ? 'link' : 'no link'}, ${decision.isCollected ? 'row' : 'no row'}`;
  });
};

const IN = 'link, row';
const UNLINKED = 'no link, row';
const OUT = 'no link, no row';
const [lines, withRest] = [[aFile({ lines: 100 })], [aFile({ lines: 100, rest: 5 })]];
const end = { finishedAt: T0 };

test('from its start to its end, and again', () => {
  const grown = [aFile({ lines: 200 })];
  expect(
    live([
      { at: -60 * SECOND },
      { at: -50 * SECOND, loads: true },
      { at: 0, ...end, files: withRest },
      { at: 29 * SECOND, ...end, files: withRest, checkpoints: read({ 1: 50 }) },
      { at: 31 * SECOND, ...end, files: withRest, checkpoints: read({ 1: 99 }) },
      { at: 32 * SECOND, ...end, files: withRest, checkpoints: read({ 1: 100 }) },
      { at: 33 * SECOND, ...end, files: withRest, checkpoints: read({ 1: 100 }) },
      { at: 34 * SECOND, ...end, files: withRest, checkpoints: read({ 1: 105 }) },
      { at: HOUR, ...end, files: withRest, checkpoints: read({ 1: 105 }) },
      // Restarted by hand: it runs, and ends again.
      { at: 2 * HOUR, files: withRest, checkpoints: read({ 1: 105 }) },
      { at: 2 * HOUR + SECOND, loads: true },
      { at: 3 * HOUR, finishedAt: T0 + 3 * HOUR, files: grown, checkpoints: read({ 1: 105 }) },
      { at: 3 * HOUR + 31 * SECOND, finishedAt: T0 + 3 * HOUR, files: grown, checkpoints: read({ 1: 200 }) },
      { at: 3 * HOUR + 32 * SECOND, finishedAt: T0 + 3 * HOUR, files: grown, checkpoints: read({ 1: 200 }) },
    ]),
  ).toEqual([IN, IN, IN, IN, IN, UNLINKED, UNLINKED, OUT, OUT, IN, IN, IN, UNLINKED, OUT]);
});

test('a sink that is down for hours holds the task, and its end comes once it is back', () => {
  expect(
    live([
      { at: -SECOND },
      { at: 0, loads: true, ...end, files: lines, checkpoints: read({ 1: 10 }) },
      { at: 5 * HOUR, ...end, files: lines, checkpoints: read({ 1: 10 }) },
      { at: 20 * HOUR, ...end, files: lines, checkpoints: read({ 1: 10 }) },
      { at: 20 * HOUR + SECOND, ...end, files: lines, checkpoints: read({ 1: 100 }) },
      { at: 20 * HOUR + 2 * SECOND, ...end, files: lines, checkpoints: read({ 1: 100 }) },
    ]),
  ).toEqual([IN, IN, IN, IN, UNLINKED, OUT]);
});

test('a folder that is gone ends nothing while Vector reads on in what it holds open', () => {
  const gone = { ...end, files: undefined };
  expect(
    live([
      { at: -SECOND },
      { at: 0, loads: true, ...end, files: lines, checkpoints: read({ 1: 10 }) },
      { at: 40 * SECOND, ...gone, checkpoints: read({ 1: 40 }) },
      { at: 60 * SECOND, ...gone, checkpoints: read({ 1: 80 }) },
      { at: 80 * SECOND, ...gone, checkpoints: read({ 1: 100 }) },
      { at: 109 * SECOND, ...gone, checkpoints: read({ 1: 100 }) },
      { at: 110 * SECOND, ...gone, checkpoints: read({ 1: 100 }) },
      { at: 111 * SECOND, ...gone, checkpoints: read({ 1: 100 }) },
    ]),
  ).toEqual([IN, IN, IN, IN, IN, IN, UNLINKED, OUT]);
});

test('a folder that goes while the sink is down: what was unread is waited for, also when positions stand still', () => {
  const gone = { ...end, files: undefined };
  expect(
    live([
      { at: -SECOND },
      { at: 0, loads: true, ...end, files: lines, checkpoints: read({ 1: 10 }) },
      { at: 60 * SECOND, ...gone, checkpoints: read({ 1: 10 }) },
      { at: HOUR, ...gone, checkpoints: read({ 1: 10 }) },
      { at: HOUR + SECOND, ...gone, checkpoints: read({ 1: 100 }) },
      { at: HOUR + 20 * SECOND, ...gone, checkpoints: read({ 1: 100 }) },
      // Vector forgets the position of a deleted file a minute after it has read it; it has read it all the same.
      { at: HOUR + 70 * SECOND, ...gone },
      { at: HOUR + 101 * SECOND, ...gone },
      { at: HOUR + 102 * SECOND, ...gone },
    ]),
  ).toEqual([IN, IN, IN, IN, IN, IN, IN, UNLINKED, OUT]);
});

test('a purge takes a task off the list while it still writes: it stays until what is read stands still', () => {
  const purged = { finishedAt: T0, isListed: false } as const;
  const upTo = (bytes: number) => ({ files: [aFile({ lines: bytes })], checkpoints: read({ 1: bytes }) });
  expect(
    live([
      { at: -SECOND },
      { at: 0, loads: true, ...purged, ...upTo(100) },
      { at: 20 * SECOND, ...purged, ...upTo(150) },
      { at: 35 * SECOND, ...purged, ...upTo(200) },
      { at: 64 * SECOND, ...purged, ...upTo(200) },
      { at: 65 * SECOND, ...purged, ...upTo(200) },
      { at: 66 * SECOND, ...purged, ...upTo(200) },
    ]),
  ).toEqual([IN, IN, IN, IN, IN, UNLINKED, OUT]);
});

test('a folder that went unread ends at the ceiling', () => {
  const gone = { ...end, files: undefined, checkpoints: read({ 1: 10 }) };
  expect(
    live([
      { at: 0, ...end, files: lines, checkpoints: read({ 1: 10 }) },
      { at: 60 * SECOND, ...gone },
      { at: 24 * HOUR, ...gone },
      { at: 24 * HOUR + 46 * SECOND, ...gone },
    ]),
  ).toEqual([IN, IN, UNLINKED, OUT]);
});

test('one line without a newline, written before Vector had its row, waits until Vector can have found the file', () => {
  const bare = { ...end, files: [aFile({ rest: 9 })] };
  expect(
    live([
      // nvl comes an hour after it finished: row and link go in, and the line is read when the link goes.
      { at: HOUR, ...bare },
      { at: HOUR + SECOND, ...bare },
      { at: HOUR + 2 * SECOND, loads: true, ...bare },
      { at: HOUR + 6 * SECOND, ...bare },
      { at: HOUR + 7 * SECOND, ...bare },
      { at: HOUR + 8 * SECOND, ...bare, checkpoints: read({ 1: 9 }) },
    ]),
  ).toEqual([IN, IN, IN, IN, UNLINKED, OUT]);
});

test('a task whose template is broken is not given up before it was ever read', () => {
  const bare = { ...end, files: [aFile({ rest: 9 })] };
  expect(
    live([
      { at: 0, ...bare },
      { at: 10 * HOUR, ...bare },
      { at: 24 * HOUR, ...bare },
    ]),
  ).toEqual([IN, IN, UNLINKED]);
});

test('a task that wrote nothing is not waited for', () => {
  expect(
    live([
      { at: -SECOND },
      { at: 31 * SECOND, ...end, files: [aFile()] },
      { at: 32 * SECOND, ...end, files: [aFile()] },
    ]),
  ).toEqual([IN, UNLINKED, OUT]);
});
