import { lstat, mkdir, mkdtemp, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ensureLink, removeLink } from '../../lib/files/links.ts';

const aFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-links-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'links');
};

test('a link is made, with the folder it lies in, also to what is not there yet', async () => {
  const linksDir = await aFolder();
  expect(await ensureLink({ linksDir, id: 'nvl_a', target: '/not/there/yet' })).toBe(true);
  expect(await readlink(join(linksDir, 'nvl_a'))).toBe('/not/there/yet');
});

test('one that is right is left alone', async () => {
  const linksDir = await aFolder();
  await ensureLink({ linksDir, id: 'nvl_a', target: '/a' });
  const { ino } = await lstat(join(linksDir, 'nvl_a'));
  expect(await ensureLink({ linksDir, id: 'nvl_a', target: '/a' })).toBe(false);
  expect((await lstat(join(linksDir, 'nvl_a'))).ino).toBe(ino);
});

test('one that leads elsewhere is replaced, and nothing is left beside it', async () => {
  const linksDir = await aFolder();
  await ensureLink({ linksDir, id: 'nvl_a', target: '/a' });
  // As an nvl that was killed in the middle leaves it.
  await symlink('/c', join(linksDir, '.nvl_a.new'));
  expect(await ensureLink({ linksDir, id: 'nvl_a', target: '/b' })).toBe(true);
  expect(await readlink(join(linksDir, 'nvl_a'))).toBe('/b');
  expect(await readdir(linksDir)).toEqual(['nvl_a']);
});

test('a link is removed, and what it leads to is not', async () => {
  const linksDir = await aFolder();
  const target = join(linksDir, '..', 'logs');
  await mkdir(target);
  await writeFile(join(target, 'app.stdout.0'), 'a\n');
  await ensureLink({ linksDir, id: 'nvl_a', target });
  expect(await removeLink({ linksDir, id: 'nvl_a' })).toBe(true);
  expect(await removeLink({ linksDir, id: 'nvl_a' })).toBe(false);
  expect(await readdir(target)).toEqual(['app.stdout.0']);
});

test('what is no link is not ours, and stays', async () => {
  const linksDir = await aFolder();
  await mkdir(join(linksDir, 'nvl_a'), { recursive: true });
  await writeFile(join(linksDir, 'nvl_b'), 'precious');
  expect(await removeLink({ linksDir, id: 'nvl_a' })).toBe(false);
  expect(await removeLink({ linksDir, id: 'nvl_b' })).toBe(false);
  expect(await readdir(linksDir)).toEqual(['nvl_a', 'nvl_b']);
});
