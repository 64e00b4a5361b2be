import { mkdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { prepareRoot } from '../../lib/apply/root.ts';
import { diskOf } from '../../lib/wiring/disk.ts';
import { aFolder } from '../commands/support.ts';

const aTable = (table: string) => ({
  table,
  rows: [{ stem: table, pipeline: 'nvl_default_1', about: '', mark: '', cells: {} }],
  text: '',
});

test('files that are put back at once are put back one after the other, and the last one is live', async () => {
  const paths = await prepareRoot({ root: `${await aFolder()}/root` });
  const disk = diskOf({ paths, lock: { isHeld: async () => true } });
  const texts = Array.from({ length: 20 }, (_, index) => `# ${'x'.repeat(index * 1_000)}${index}\n`);
  await Promise.all(texts.map((text) => disk.restore(text)));
  expect(await disk.readLive()).toBe(texts.at(-1));
});

test('one that cannot be put back keeps no other from it', async () => {
  const paths = await prepareRoot({ root: `${await aFolder()}/root` });
  const held = [false, true];
  const disk = diskOf({ paths, lock: { isHeld: async () => held.shift() ?? true } });
  const put = await Promise.allSettled([disk.restore('# a\n'), disk.restore('# b\n')]);
  expect(put.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  expect(await disk.readLive()).toBe('# b\n');
});

test('the table is the one that was written last, and what somebody put in its place is none', async () => {
  const paths = await prepareRoot({ root: `${await aFolder()}/root` });
  const disk = diskOf({ paths, lock: { isHeld: async () => true } });
  expect(await disk.readTable()).toBeUndefined();
  await disk.writeTable(aTable('one\n'));
  expect(await disk.readTable()).toBe('one\n');
  const victim = `${paths.root}/../victim`;
  await writeFile(victim, 'theirs');
  await rm(paths.tableFile);
  await symlink(victim, paths.tableFile);
  expect(await disk.readTable()).toBeUndefined();
  await disk.writeTable(aTable('two\n'));
  expect([await disk.readTable(), await readFile(victim, 'utf8')]).toEqual(['two\n', 'theirs']);
});

test('what a cleaner took away, with its folder, is written again with a later time, and never under the lock of another', async () => {
  const paths = await prepareRoot({ root: `${await aFolder()}/root` });
  const lock = { isHeld: async () => true };
  const disk = diskOf({ paths, lock });
  await disk.writeTable(aTable('one\n'));
  const ahead = Date.now() / 1_000 + 3_600;
  const cells = join(paths.rows, 'nvl_cells.csv');
  await utimes(cells, ahead, ahead);
  await disk.writeTable(aTable('two\n'));
  const before = (await stat(cells)).mtimeMs;
  expect(before).toBeGreaterThan(ahead * 1_000);
  await rm(paths.rows, { recursive: true });
  await disk.repair();
  await disk.writeTable(aTable('two\n'));
  expect((await stat(cells)).mtimeMs).toBeGreaterThan(before);
  lock.isHeld = async () => false;
  await expect(disk.writeTable(aTable('three\n'))).rejects.toMatchObject({ code: 'rootLocked' });
  expect(await disk.readTable()).toBe('two\n');
});

test('kept templates are for nvl alone, written once, and take the place of what somebody put there', async () => {
  const paths = await prepareRoot({ root: `${await aFolder()}/root` });
  const disk = diskOf({ paths, lock: { isHeld: async () => true } });
  expect(await disk.readTemplates()).toBeUndefined();
  await disk.keepTemplates('one');
  const { ino, mode } = await stat(paths.templatesFile);
  expect(mode & 0o777).toBe(0o600);
  await disk.keepTemplates('one');
  expect([await disk.readTemplates(), (await stat(paths.templatesFile)).ino]).toEqual(['one', ino]);
  expect(await disk.setTemplatesAside()).toBe(`${paths.templatesFile}.aside`);
  expect([await disk.readTemplates(), await readFile(`${paths.templatesFile}.aside`, 'utf8')]).toEqual([
    undefined,
    'one',
  ]);
  await mkdir(paths.templatesFile);
  expect(await disk.readTemplates()).toBeUndefined();
  await disk.keepTemplates('two');
  expect(await disk.readTemplates()).toBe('two');
});
