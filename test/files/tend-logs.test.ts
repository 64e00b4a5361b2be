import { rmSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { overHold } from '../../lib/files/hold.ts';
import { isReadToEnd, rotatedOf } from '../../lib/files/rotation.ts';
import { ALLOC, aSite, SOURCE } from './support.ts';

test.each([
  [['app.stdout.0'], []],
  [['app.stdout.0', 'app.stdout.1', 'app.stderr.0'], ['app.stdout.0']],
  [
    ['app.stdout.9', 'app.stdout.10', 'app.stdout.2'],
    ['app.stdout.9', 'app.stdout.2'],
  ],
  [['.app.stdout.fifo', 'app.stdout.x'], []],
])('of %j, %j were rotated', (names, rotated) => expect(rotatedOf(names)).toEqual(rotated));

test.each([
  ['an empty one', 0, 0, undefined, false, true],
  ['read to its last byte', 10, 8, 10, false, true],
  ['read to its last newline, by a Vector that may not have found it', 10, 8, 8, false, false],
  ['read to its last newline, by the Vector that runs', 10, 8, 8, true, true],
  ['half read', 10, 8, 4, true, false],
  ['not read', 10, 8, undefined, true, false],
  ['a rest without any newline, before Vector can have found it', 10, 0, undefined, false, false],
  ['a rest without any newline, found', 10, 0, undefined, true, true],
])('%s', (_, size, lastNewline, position, isFound, isRead) => {
  const at = position === undefined ? undefined : BigInt(position);
  expect(isReadToEnd({ size: BigInt(size), lastNewline: BigInt(lastNewline), position: at, isFound })).toBe(isRead);
});

test.each([
  ['within the bound', 60, []],
  ['over it: the oldest goes', 59, ['old']],
  ['far over it', 25, ['old', 'middle']],
  ['nothing may be held', 0, ['old', 'middle', 'new']],
])('hold: %s', (_, hold, keys) => {
  const files = [
    { key: 'new', bytes: 25, at: 3 },
    { key: 'old', bytes: 25, at: 1 },
    { key: 'middle', bytes: 10, at: 2 },
  ];
  expect(overHold({ files, hold }).map(({ key }) => key)).toEqual(keys);
});

const aRotatedTask = () => {
  const site = aSite();
  const files = [0, 1, 2].map((index) => site.write(`app.stdout.${index}`, 'line\n')) as [string, string, string];
  const keeper = site.keeper();
  keeper.open(site.app());
  return { site, files, keeper };
};

test('a rotated file that was read goes, and is not taken again while Nomad keeps it', async () => {
  const { site, files, keeper } = aRotatedTask();
  const tending = site.tending(keeper);
  site.vectorRead({ [files[0]]: 5, [files[1]]: 3, [files[2]]: 5 });
  await tending.releaseRotated();
  expect(site.linked()).toEqual(['app.stdout.1', 'app.stdout.2']);
  site.vectorRead({ [files[1]]: 5, [files[2]]: 5 });
  await site.tending(keeper).releaseRotated();
  expect(site.linked()).toEqual(['app.stdout.2']);
  for (const next of [keeper, site.keeper()]) next.open(site.app());
  expect(site.linked()).toEqual(['app.stdout.2']);
  expect(site.pins()).toHaveLength(2);
});

test('a position of another Vector, or none, releases nothing that may not have been sent', async () => {
  const { site, files, keeper } = aRotatedTask();
  site.write('app.stdout.0', 'rest');
  site.vectorRead({ [files[0]]: 5 });
  await site.tending(keeper, { loadedAt: () => undefined }).releaseRotated();
  await site.tending(keeper, { dataDir: undefined }).releaseRotated();
  expect(site.linked()).toHaveLength(3);
  await site.tending(keeper).releaseRotated();
  expect(site.linked()).toEqual(['app.stdout.1', 'app.stdout.2']);
});

test('a pin stays while Nomad has the file, while a position names it, and for a minute', async () => {
  const { site, files, keeper } = aRotatedTask();
  site.vectorRead({ [files[0]]: 5 });
  await site.tending(keeper).releaseRotated();
  const sweep = (sources: string[], now = Date.now() + 61_000) =>
    site.tending(keeper, { sources: () => sources, now: () => now }).removePins();
  await sweep([]);
  expect(site.pins()).toHaveLength(1);
  unlinkSync(files[0]);
  await sweep([], Date.now() + 59_000);
  await sweep([SOURCE]);
  expect(site.pins()).toHaveLength(1);
  site.vectorRead({ [files[2]]: 5 });
  await sweep([SOURCE]);
  expect(site.pins()).toEqual([]);
});

test('the inode of a pin is no other file while a position names it', async () => {
  const { site, files, keeper } = aRotatedTask();
  const { ino } = statSync(files[0]);
  site.vectorRead({ [files[0]]: 5 });
  await site.tending(keeper).releaseRotated();
  rmSync(join(site.allocDir, ALLOC), { recursive: true });
  for (let times = 0; times < 50; times += 1) site.write(`app.stdout.${times}`, 'x\n');
  for (let times = 0; times < 50; times += 1)
    expect(statSync(join(site.logsOf(), `app.stdout.${times}`)).ino).not.toBe(ino);
});

test('only what Nomad has deleted counts as held, the oldest goes first, and what was unread is told by task', async () => {
  const { site, files, keeper } = aRotatedTask();
  await site.tending(keeper, { holdBytes: 0 }).boundHeld();
  expect(site.linked()).toHaveLength(3);
  site.vectorRead({ [files[0]]: 3 });
  for (const file of files) unlinkSync(file);
  await site.tending(keeper, { holdBytes: 10 }).boundHeld();
  expect(site.linked()).toEqual(['app.stdout.1', 'app.stdout.2']);
  await site.tending(keeper, { holdBytes: 0 }).boundHeld();
  expect(site.linked()).toEqual([]);
  expect(site.logged.filter((line) => line.includes('collect.hold'))).toHaveLength(2);
});
