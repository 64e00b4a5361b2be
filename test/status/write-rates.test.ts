import { expect, test } from 'vitest';
import type { SampledFile } from '../../lib/files/sample-logs.ts';
import { streamKey, type WriteHistory, withSample, writeRate } from '../../lib/status/write-rates.ts';
import { aFile } from './support.ts';

const KEY = streamKey(aFile());

/** What is known after these samples, ten seconds from one to the next. */
const after = (samples: readonly (readonly SampledFile[])[], fileBytes?: number): WriteHistory =>
  samples.reduce<WriteHistory>(
    (history, files, count) =>
      withSample({ history, sample: { at: count * 10_000, files }, fileBytes: () => fileBytes }),
    new Map(),
  );

const file = (index: number, bytes: number) => aFile({ index, bytes });

test.each([
  ['unknown until it was seen twice', [[file(0, 500)]], undefined],
  ['what was there at first does not count', [[file(0, 500)], [file(0, 600)]], 10],
  ['nothing is written', [[file(0, 500)], [file(0, 500)]], 0],
  ['over all moments', [[file(0, 0)], [file(0, 300)], [file(0, 300)]], 15],
  ['over a rotation', [[file(0, 900)], [file(0, 1_000), file(1, 200)]], 30],
  ['over two, of which one file came and went unseen', [[file(0, 900)], [file(0, 1_000), file(2, 200)]], 130],
  ['all before the newest were delivered meanwhile', [[file(0, 900)], [file(2, 200)]], 130],
  ['a file that was cut counts anew', [[file(0, 900)], [file(0, 100)], [file(0, 200)]], 5],
  ['a task in its place counts anew', [[file(7, 900)], [file(0, 100)], [file(0, 200)]], 5],
])('bytes a second: %s', (_, samples, rate) => expect(writeRate(after(samples, 1_000), KEY)).toBe(rate));

test('where the size of whole files is not known, the largest that was seen stands for it', () => {
  expect(writeRate(after([[file(0, 900)], [file(0, 1_000), file(2, 200)]]), KEY)).toBe(130);
});

test('a minute is looked back at, and a stream that is gone is forgotten', () => {
  const busyThenQuiet = [
    ...Array.from({ length: 5 }, (_, n) => [file(0, n * 100)]),
    ...Array.from({ length: 8 }, () => [file(0, 400)]),
  ];
  expect(writeRate(after(busyThenQuiet), KEY)).toBe(0);
  expect(after([[file(0, 500)], []]).size).toBe(0);
});

test.each([
  ['once a minute, and a little later each time', [0, 60_010, 120_030], 100],
  ['once a minute, and then by somebody who asks', [0, 60_000, 61_000], 100],
  ['after an hour in which nothing looked', [0, 3_600_000], 100],
])('a rate is known where files are looked at %s', (_, moments, rate) => {
  const history = moments.reduce<WriteHistory>((before, at) => {
    const files = [file(0, at / 10)];
    return withSample({ history: before, sample: { at, files }, fileBytes: () => undefined });
  }, new Map());
  expect(writeRate(history, KEY)).toBeCloseTo(rate);
});

test('moments before the last minute are forgotten, all but one', () => {
  const samples = Array.from({ length: 100 }, (_, n) => [file(0, n)]);
  expect(after(samples).get(KEY)).toHaveLength(8);
});
