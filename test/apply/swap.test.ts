import { execFileSync } from 'node:child_process';
import { link, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addGeneration, lastGood, markGood } from '../../lib/apply/generations.ts';
import type { RootPaths } from '../../lib/apply/paths.ts';
import { stage } from '../../lib/apply/stage.ts';
import { readLive, swap } from '../../lib/apply/swap.ts';
import { writeFiles as put } from '../vector/support.ts';
import { ownRoot } from './support.ts';

test('swap: what was staged becomes live, and nothing else lies in live', async () => {
  const paths = await ownRoot();
  expect(await readLive(paths)).toBeUndefined();
  expect(await stage({ paths, text: 'one' })).toBe(paths.stagedFile);
  expect(await readdir(paths.live)).toEqual([]);
  expect(await swap({ paths })).toEqual({ isChanged: true });
  expect(await readdir(paths.live)).toEqual(['nomad.toml']);
  expect((await readLive(paths))?.toString()).toBe('one');
});

test('swap: equal bytes leave the live file as it is', async () => {
  const paths = await ownRoot();
  await stage({ paths, text: 'one' });
  await swap({ paths });
  const before = await stat(paths.liveFile);
  await stage({ paths, text: 'one' });
  expect(await swap({ paths })).toEqual({ isChanged: false });
  const after = await stat(paths.liveFile);
  expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
});

test('swap: live is one whole file or the other at every moment', async () => {
  const paths = await ownRoot();
  const texts = ['a'.repeat(200_000), 'b'.repeat(300_000)];
  await stage({ paths, text: texts[0] ?? '' });
  await swap({ paths });
  let isDone = false;
  const seen = new Set<string>();
  const watching = (async () => {
    while (!isDone) seen.add(await readFile(paths.liveFile, 'utf8'));
  })();
  for (let turn = 1; turn <= 20; turn += 1) {
    await stage({ paths, text: texts[turn % 2] ?? '' });
    await swap({ paths });
  }
  isDone = true;
  await watching;
  expect([...seen].filter((text) => !texts.includes(text))).toEqual([]);
});

test('stage: a Vector of another user may read the file, whatever the umask', async () => {
  const paths = await ownRoot();
  const before = process.umask(0o077);
  try {
    await stage({ paths, text: 'one' });
  } finally {
    process.umask(before);
  }
  expect((await stat(paths.stagedFile)).mode & 0o777).toBe(0o644);
});

test('generations: only what was marked is good, the newest first', async () => {
  const paths = await ownRoot();
  expect(await lastGood({ paths })).toBeUndefined();
  const one = await addGeneration({ paths, text: 'one' });
  expect(await lastGood({ paths })).toBeUndefined();
  await markGood({ paths, number: one });
  const two = await addGeneration({ paths, text: 'two' });
  expect(await lastGood({ paths })).toEqual({ number: one, text: 'one' });
  await markGood({ paths, number: two });
  expect(await lastGood({ paths })).toEqual({ number: two, text: 'two' });
  expect(await lastGood({ paths, before: two })).toEqual({ number: one, text: 'one' });
});

test('generations: the last good ones are kept, and those that are newer than the last good one', async () => {
  const paths = await ownRoot();
  for (const text of ['1', '2', '3', '4'])
    await markGood({ paths, number: await addGeneration({ paths, text }), keep: 2 });
  await addGeneration({ paths, text: 'bad' });
  const good = await addGeneration({ paths, text: '6' });
  const pending = await addGeneration({ paths, text: 'pending' });
  await markGood({ paths, number: good, keep: 2 });
  expect((await readdir(paths.generations)).sort()).toEqual(['4', String(good), String(pending)]);
  expect(await addGeneration({ paths, text: 'next' })).toBe(pending + 1);
});

test.each<[string, (paths: RootPaths, victim: string) => Promise<unknown>]>([
  ['a link', ({ stagedFile }, victim) => symlink(victim, stagedFile)],
  ['a second name of it', ({ stagedFile }, victim) => link(victim, stagedFile)],
])('stage: somebody’s file, planted as %s where nvl writes, is not written to', async (_, plant) => {
  const paths = await ownRoot();
  const victim = join(paths.root, '..', 'victim');
  await writeFile(victim, 'mine');
  await plant(paths, victim);
  await stage({ paths, text: 'one' });
  expect(await readFile(victim, 'utf8')).toBe('mine');
  await swap({ paths });
  expect((await lstat(paths.liveFile)).isFile()).toBe(true);
});

test.each<[string, (file: string, victim: string) => Promise<unknown>]>([
  ['a link', (file, victim) => symlink(victim, file)],
  ['a folder', (file) => mkdir(join(file, 'x'), { recursive: true })],
  ['a pipe', async (file) => execFileSync('mkfifo', [file])],
])('swap: %s in the live file’s place is no live file, and is replaced', async (_, plant) => {
  const paths = await ownRoot();
  const victim = join(paths.root, '..', 'victim');
  await writeFile(victim, 'one');
  await plant(paths.liveFile, victim);
  expect(await readLive(paths)).toBeUndefined();
  await stage({ paths, text: 'one' });
  expect(await swap({ paths })).toEqual({ isChanged: true });
  expect((await readLive(paths))?.toString()).toBe('one');
  expect(await readdir(paths.live)).toEqual(['nomad.toml']);
  expect(await readFile(victim, 'utf8')).toBe('one');
});

test('generations: a link that looks like one, and one that lost its file, are passed over and left alone', async () => {
  const paths = await ownRoot();
  const victim = join(paths.root, '..', 'victim');
  await put(victim, { 'nomad.toml': 'theirs', good: '' });
  await markGood({ paths, number: await addGeneration({ paths, text: 'one' }) });
  await symlink(victim, join(paths.generations, '7'));
  await put(paths.generations, { '8/good': '' });
  expect(await lastGood({ paths })).toEqual({ number: 1, text: 'one' });
  for (const text of ['a', 'b', 'c']) await markGood({ paths, number: await addGeneration({ paths, text }), keep: 1 });
  expect((await readdir(victim)).sort()).toEqual(['good', 'nomad.toml']);
  expect(await lastGood({ paths })).toMatchObject({ text: 'c' });
});
