import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { prepareRoot } from '../../lib/apply/root.ts';
import { hasVectorTables, removeOldTables, writeTables, writeVectorTables } from '../../lib/apply/write-tables.ts';
import { aFolder } from '../commands/support.ts';
import { aSmallDisk, canMount } from '../support/small-disk.ts';
import { ownRoot } from './support.ts';

const tables = new Map([
  ['nvl_cells', 'task\n'],
  ['nvl_labels_0a1b2c3d', 'nvl_task\n'],
]);

test('the tables that Vector reads are there before the one that says what they hold, and are written where they differ alone', async () => {
  const paths = await ownRoot();
  const times = new Map<string, number>();
  await writeTables({ paths, text: 'all\n', tables, times });
  expect((await readdir(paths.rows)).sort()).toEqual(['nvl_cells.csv', 'nvl_labels_0a1b2c3d.csv', 'tasks.csv']);
  const timeOf = async (name: string) => (await stat(join(paths.rows, name))).mtimeMs;
  const [cells, labels] = [await timeOf('nvl_cells.csv'), await timeOf('nvl_labels_0a1b2c3d.csv')];
  expect(await timeOf('tasks.csv')).toBeGreaterThanOrEqual(Math.max(cells, labels));
  await writeTables({ paths, text: 'all\n', tables: new Map([...tables, ['nvl_cells', 'task,pipeline\n']]), times });
  expect(await timeOf('nvl_labels_0a1b2c3d.csv')).toBe(labels);
  expect(await timeOf('nvl_cells.csv')).toBeGreaterThan(cells);
});

test.runIf(canMount)(
  'on a disk that takes one of the tables and not the next, no row has left the one it was in',
  async () => {
    const folder = await aFolder();
    await aSmallDisk({ folder });
    const paths = await prepareRoot({ root: join(folder, 'root') });
    const times = new Map<string, number>();
    await writeTables({ paths, text: 'all\n', tables, times });
    const next = new Map([
      ['nvl_cells', 'task\n"a"\n'],
      ['nvl_labels_0a1b2c3d', `nvl_task\n${'x'.repeat(800_000)}\n`],
    ]);
    await expect(writeTables({ paths, text: 'more\n', tables: next, times })).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(await hasVectorTables({ paths, tables })).toBe(true);
    expect(await readFile(paths.tableFile, 'utf8')).toBe('all\n');
  },
);

test('a table that is gone, cut or another’s is not there, and comes with a later time', async () => {
  const paths = await ownRoot();
  const times = new Map<string, number>();
  const file = join(paths.rows, 'nvl_labels_0a1b2c3d.csv');
  expect(await hasVectorTables({ paths, tables })).toBe(false);
  await writeVectorTables({ paths, tables, times });
  expect(await hasVectorTables({ paths, tables })).toBe(true);
  const before = (await stat(file)).mtimeMs;
  for (const harm of [() => rm(file), () => writeFile(file, 'nvl_'), () => writeFile(file, 'nvl_task,x\n')]) {
    await harm();
    expect(await hasVectorTables({ paths, tables })).toBe(false);
    await writeVectorTables({ paths, tables, times });
    expect(await readFile(file, 'utf8')).toBe('nvl_task\n');
    expect((await stat(file)).mtimeMs).toBeGreaterThan(before);
  }
});

test('a table of labels that nobody reads any more goes, and nothing else does', async () => {
  const paths = await ownRoot();
  await writeTables({ paths, text: 'all\n', tables, times: new Map() });
  for (const name of ['nvl_labels_00000000.csv', 'nvl_labels_x.csv', 'mine.csv'])
    await writeFile(join(paths.rows, name), '');
  await removeOldTables({ paths, keep: new Set(tables.keys()) });
  expect((await readdir(paths.rows)).sort()).toEqual([
    'mine.csv',
    'nvl_cells.csv',
    'nvl_labels_0a1b2c3d.csv',
    'nvl_labels_x.csv',
    'tasks.csv',
  ]);
});
