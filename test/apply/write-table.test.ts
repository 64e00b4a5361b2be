import { execFileSync } from 'node:child_process';
import { link, lstat, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readOwnFile } from '../../lib/apply/own.ts';
import type { RootPaths } from '../../lib/apply/paths.ts';
import { prepareRoot, repairRoot } from '../../lib/apply/root.ts';
import { placeTable, stageTable } from '../../lib/apply/write-table.ts';
import { aFolder } from '../commands/support.ts';
import { aSmallDisk, canMount } from '../support/small-disk.ts';
import { ownRoot } from './support.ts';

const writeTable = async ({
  paths,
  text,
  laterThanMs = 0,
}: {
  paths: RootPaths;
  text: string;
  laterThanMs?: number;
}) => {
  await stageTable({ paths, text });
  return placeTable({ paths, laterThanMs });
};

test('the table alone lies in its folder, and a Vector of another user may read it, whatever the umask', async () => {
  const paths = await ownRoot();
  const before = process.umask(0o077);
  try {
    await writeTable({ paths, text: 'one\n' });
  } finally {
    process.umask(before);
  }
  expect(await readdir(paths.rows)).toEqual(['tasks.csv']);
  expect((await stat(paths.tableFile)).mode & 0o777).toBe(0o644);
  expect((await stat(paths.rows)).mode & 0o777).toBe(0o755);
});

test('it is one whole table or the other at every moment', async () => {
  const paths = await ownRoot();
  const texts = ['a'.repeat(200_000), 'b'.repeat(300_000)];
  await writeTable({ paths, text: texts[0] ?? '' });
  let isDone = false;
  const seen = new Set<string>();
  const watching = (async () => {
    while (!isDone) seen.add(await readFile(paths.tableFile, 'utf8'));
  })();
  for (let turn = 1; turn <= 20; turn += 1) await writeTable({ paths, text: texts[turn % 2] ?? '' });
  isDone = true;
  await watching;
  expect([...seen].filter((text) => !texts.includes(text))).toEqual([]);
});

test('each table is newer than the one before, by which Vector sees that it is another', async () => {
  const paths = await ownRoot();
  const times: bigint[] = [];
  const writeOne = async (laterThanMs?: number) => {
    await writeTable({ paths, text: `${times.length}\n`, ...(laterThanMs !== undefined && { laterThanMs }) });
    times.push((await stat(paths.tableFile, { bigint: true })).mtimeNs);
  };
  for (let count = 0; count < 20; count += 1) await writeOne();
  // The clock was an hour ahead, and is right again.
  const ahead = Date.now() + 3_600_000;
  await utimes(paths.tableFile, ahead / 1_000, ahead / 1_000);
  times.push((await stat(paths.tableFile, { bigint: true })).mtimeNs);
  for (let count = 0; count < 3; count += 1) await writeOne();
  // And a cleaner has taken away what Vector has.
  await rm(paths.tableFile);
  await writeOne(ahead + 100);
  for (const [index, time] of times.entries()) if (index > 0) expect(time).toBeGreaterThan(times[index - 1] ?? 0n);
});

type Plant = (file: string, victim: string) => Promise<unknown>;
const plants: [string, Plant][] = [
  ['a link to somebody’s file', (file, victim) => symlink(victim, file)],
  ['a link to nothing', (file, victim) => symlink(`${victim}-not-there`, file)],
  ['a folder', (file) => mkdir(join(file, 'x'), { recursive: true })],
  ['a pipe', async (file) => execFileSync('mkfifo', [file])],
];

test.each([
  ...plants,
  ['a second name of somebody’s file', (file, victim) => link(victim, file)] satisfies [string, Plant],
])('%s in the table’s place is not written to, and is replaced', async (_, plant) => {
  const paths = await ownRoot();
  const victim = join(paths.root, '..', 'victim');
  await writeFile(victim, 'theirs');
  await plant(paths.tableFile, victim);
  await writeTable({ paths, text: 'one\n' });
  expect((await lstat(paths.tableFile)).isFile()).toBe(true);
  expect((await readOwnFile(paths.tableFile))?.toString()).toBe('one\n');
  expect(await readFile(victim, 'utf8')).toBe('theirs');
  expect(await readdir(paths.rows)).toEqual(['tasks.csv']);
});

test.each(plants)('%s in the table’s place is no table', async (_, plant) => {
  const paths = await ownRoot();
  const victim = join(paths.root, '..', 'victim');
  await writeFile(victim, 'theirs');
  await plant(paths.tableFile, victim);
  expect(await readOwnFile(paths.tableFile)).toBeUndefined();
});

test.each(plants)('%s where nvl makes the next table is not written to', async (_, plant) => {
  const paths = await ownRoot();
  const victim = join(paths.root, '..', 'victim');
  await writeFile(victim, 'theirs');
  await plant(`${paths.tableFile}.new`, victim);
  await writeTable({ paths, text: 'one\n' });
  expect((await readOwnFile(paths.tableFile))?.toString()).toBe('one\n');
  expect(await readFile(victim, 'utf8')).toBe('theirs');
});

test.each<[string, (paths: RootPaths, elsewhere: string) => Promise<unknown>]>([
  ['a link', ({ rows }, elsewhere) => symlink(elsewhere, rows)],
  ['a file', ({ rows }) => writeFile(rows, '')],
])('%s in the place of its folder is not followed, and told', async (_, plant) => {
  const paths = await ownRoot();
  const elsewhere = join(paths.root, '..', 'elsewhere');
  await mkdir(elsewhere);
  execFileSync('rmdir', [paths.rows]);
  await plant(paths, elsewhere);
  await expect(repairRoot({ paths })).rejects.toMatchObject({ code: 'rootUnusable', facts: { path: paths.rows } });
  expect(await readdir(elsewhere)).toEqual([]);
});

test('a folder that a cleaner took away is there again before the next cycle', async () => {
  const paths = await ownRoot();
  execFileSync('rmdir', [paths.rows]);
  await repairRoot({ paths });
  await writeTable({ paths, text: 'one\n' });
  expect(await readdir(paths.rows)).toEqual(['tasks.csv']);
});

test.runIf(canMount)(
  'a full or read-only disk leaves the table as it was, and takes the next one when it can',
  async () => {
    const folder = await aFolder();
    const disk = await aSmallDisk({ folder });
    const paths = await prepareRoot({ root: join(folder, 'root') });
    await writeTable({ paths, text: 'one\n' });
    await disk.fill();
    await expect(writeTable({ paths, text: `${'x'.repeat(20_000)}\n` })).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(await readFile(paths.tableFile, 'utf8')).toBe('one\n');
    await disk.empty();
    await disk.makeReadOnly();
    await expect(writeTable({ paths, text: 'two\n' })).rejects.toMatchObject({ code: 'EROFS' });
    expect(await readFile(paths.tableFile, 'utf8')).toBe('one\n');
    disk.makeWritable();
    await writeTable({ paths, text: 'three\n' });
    expect(await readFile(paths.tableFile, 'utf8')).toBe('three\n');
    expect(await readdir(paths.rows)).toEqual(['tasks.csv']);
  },
);
