import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { parseCheckpoints, readCheckpoints, readPosition } from '../../lib/files/checkpoints.ts';

const entry = (dev: string, ino: string, position: string) =>
  `{"fingerprint":{"dev_inode":[${dev},${ino}]},"position":${position},"modified":"2026-11-23T03:58:28.772056500Z"}`;
const file = (...entries: string[]) => `{"version":"1","checkpoints":[${entries.join(',')}]}`;

test.each<[string, string, Record<string, bigint>]>([
  ['no file', file(), {}],
  ['as Vector writes it', file(entry('65024', '9978017', '4')), { '65024:9978017': 4n }],
  ['several', file(entry('1', '2', '3'), entry('1', '3', '0')), { '1:2': 3n, '1:3': 0n }],
  [
    'inodes beyond 2^53, which differ in their last digit',
    file(entry('1', '9223372036854775807', '1'), entry('1', '9223372036854775806', '2')),
    { '1:9223372036854775807': 1n, '1:9223372036854775806': 2n },
  ],
  ['positions beyond 2^53', file(entry('1', '2', '9007199254740993')), { '1:2': 9_007_199_254_740_993n }],
  [
    'other fingerprints are passed over',
    file('{"fingerprint":{"first_lines_checksum":12345},"position":9}', entry('1', '2', '3')),
    { '1:2': 3n },
  ],
  ['what is no number is passed over', file(entry('"1"', '2', '3'), entry('1', '2.5', '3'), entry('1', '2', '-3')), {}],
  ['another version of it', '{"version":"2","files":[]}', {}],
])('checkpoints: %s', (_, text, expected) => {
  expect(Object.fromEntries(parseCheckpoints(text))).toEqual(expected);
});

test('any JSON is read, and holds what it holds', () => {
  fc.assert(fc.property(fc.json(), (text) => void parseCheckpoints(text)));
});

const dataDir = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-data-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

test('they lie in the folder of the source', async () => {
  const folder = await dataDir();
  await mkdir(join(folder, 'nvl_a'));
  await writeFile(join(folder, 'nvl_a', 'checkpoints.json'), file(entry('1', '2', '3')));
  expect(await readCheckpoints({ dataDir: folder, id: 'nvl_a' })).toEqual(new Map([['1:2', 3n]]));
  expect(await readCheckpoints({ dataDir: folder, id: 'nvl_b' })).toEqual(new Map());
});

test('half a file counts as nothing read, which only makes nvl wait longer', async () => {
  const folder = await dataDir();
  await mkdir(join(folder, 'nvl_a'));
  await writeFile(join(folder, 'nvl_a', 'checkpoints.json'), file(entry('1', '2', '3')).slice(0, 40));
  expect(await readCheckpoints({ dataDir: folder, id: 'nvl_a' })).toEqual(new Map());
});

test.each([
  ['none yet', undefined, 0n],
  ['half written', '{"version"', 0n],
  ['none in it', file(), 0n],
  ['by inode', file(entry('1', '2', '12')), 12n],
  ['by its first lines', file('{"fingerprint":{"first_lines_checksum":7},"position":4}'), 4n],
  ['beyond 2^53', file(entry('1', '2', '9007199254740993')), 9_007_199_254_740_993n],
])('the position of a source with one file: %s', async (_, text, position) => {
  const folder = await dataDir();
  await mkdir(join(folder, 'nvl_a'));
  if (text !== undefined) await writeFile(join(folder, 'nvl_a', 'checkpoints.json'), text);
  expect(await readPosition({ dataDir: folder, id: 'nvl_a' })).toBe(position);
});
