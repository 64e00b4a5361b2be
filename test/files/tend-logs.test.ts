import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { overHold } from '../../lib/files/hold.ts';
import { createOrphans } from '../../lib/files/orphans.ts';
import { isReadToEnd, rotatedOf } from '../../lib/files/rotation.ts';
import { ALLOC, aSite, linkOf, PIPELINE } from './support.ts';

const stderr = linkOf(0).replace('stdout', 'stderr');

test.each([
  [[linkOf(0)], []],
  [[linkOf(0), linkOf(1), stderr], [linkOf(0)]],
  [
    [linkOf(9), linkOf(10), linkOf(2)],
    [linkOf(9), linkOf(2)],
  ],
  [['.app.stdout.fifo', 'app.stdout.x', 'app.stdout.0', 'app.stdout.1'], []],
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
  expect(site.linked()).toEqual([linkOf(1), linkOf(2)]);
  site.vectorRead({ [files[1]]: 5, [files[2]]: 5 });
  await site.tending(keeper).releaseRotated();
  expect(site.linked()).toEqual([linkOf(2)]);
  for (const next of [keeper, site.keeper()]) next.open(site.app());
  expect(site.linked()).toEqual([linkOf(2)]);
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
  expect(site.linked()).toEqual([linkOf(1), linkOf(2)]);
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
  await sweep([PIPELINE]);
  expect(site.pins()).toHaveLength(1);
  site.vectorRead({ [files[2]]: 5 });
  await sweep([PIPELINE]);
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
  expect(site.linked()).toEqual([linkOf(1), linkOf(2)]);
  await site.tending(keeper, { holdBytes: 0 }).boundHeld();
  expect(site.linked()).toEqual([]);
  expect(site.logged.filter((line) => line.includes('collect.hold'))).toHaveLength(2);
});

test('what is deleted is known at once where inotify says so, and soon where it does not', async () => {
  const site = aSite();
  for (let index = 0; index < 3_000; index += 1) site.write(`app.stdout.${index}`, 'x\n');
  const keeper = site.keeper();
  keeper.see({ allocDir: site.allocDir });
  const orphans = createOrphans(keeper.shelf);
  for (let calls = 0; calls < 30; calls += 1) orphans.look();
  expect(orphans.all()).toEqual([]);
  for (const index of [7, 2_999]) unlinkSync(join(site.logsOf(), `app.stdout.${index}`));
  keeper.shelf.suspect(`${ALLOC}/app.stdout.7`);
  orphans.look();
  expect(orphans.all().map(({ seenAt }) => seenAt)).toContain(`${ALLOC}/app.stdout.7`);
  for (let calls = 0; calls < 30; calls += 1) orphans.look();
  expect(orphans.all()).toHaveLength(2);
  for (const own of orphans.all()) keeper.shelf.drop(own);
  expect(orphans.all()).toEqual([]);
});

/** A pin whose file Nomad has deleted, as an nvl finds it that started later: it does not know whose it was. */
const aPin = async (text = 'line\n') => {
  const site = aSite();
  const file = site.write('app.stdout.0', text);
  site.write('app.stdout.1', 'line\n');
  const keeper = site.keeper();
  keeper.open(site.app());
  site.vectorRead({ [file]: 5 });
  await site.tending(keeper).releaseRotated();
  unlinkSync(file);
  expect(site.pins()).toHaveLength(1);
  const sweep = ({ hours, sources, next = keeper }: { hours: number; sources: string[]; next?: typeof keeper }) =>
    site.tending(next, { sources: () => sources, now: () => Date.now() + hours * 3_600_000 }).removePins();
  return { site, keeper, sweep, checkpoints: join(site.dataDir, PIPELINE, 'checkpoints.json') };
};

test.each(['known', 'not known'])(
  'the positions of a pipeline that has ended go with its pins: whose it was is %s',
  async (known) => {
    const { site, keeper, sweep, checkpoints } = await aPin();
    const { mode } = statSync(checkpoints);
    writeFileSync(
      checkpoints,
      readFileSync(checkpoints, 'utf8').replace(
        '[{',
        '[{"fingerprint":{"dev_inode":[1,9007199254740993]},"position":9007199254740995,"modified":"2026-01-01T00:00:00Z"},{',
      ),
    );
    await sweep({ hours: 1, sources: [], next: known === 'known' ? keeper : site.keeper() });
    expect(site.pins()).toEqual([]);
    expect(readFileSync(checkpoints, 'utf8')).toBe(
      '{"version":"1","checkpoints":[{"fingerprint":{"dev_inode":[1,9007199254740993]},"position":9007199254740995,"modified":"2026-01-01T00:00:00Z"}]}',
    );
    expect(statSync(checkpoints).mode).toBe(mode);
    expect(readdirSync(join(site.dataDir, PIPELINE))).toEqual(['checkpoints.json']);
  },
);

test('positions of a pipeline that has ended and cannot be written keep a pin for a day, and no longer', async () => {
  const { site, sweep, checkpoints } = await aPin();
  // Nothing can be written beside it.
  mkdirSync(`${checkpoints}.nvl`);
  await sweep({ hours: 23, sources: [] });
  expect(site.pins()).toHaveLength(1);
  await sweep({ hours: 24, sources: [] });
  expect(site.pins()).toEqual([]);
});

test('a pin that a pipeline which runs never forgets keeps its inode, and costs no space', async () => {
  const { site, sweep, checkpoints } = await aPin();
  const before = readFileSync(checkpoints, 'utf8');
  const size = () => statSync(join(site.places.pins, site.pins()[0] ?? '')).size;
  await sweep({ hours: 0.1, sources: [PIPELINE] });
  expect(size()).toBe(5);
  for (const hours of [1, 1_000]) await sweep({ hours, sources: [PIPELINE] });
  expect([size(), readFileSync(checkpoints, 'utf8')]).toEqual([0, before]);
});

test('a rest that Vector has not delivered is kept for a day', async () => {
  const { site, sweep } = await aPin('line\nrest');
  const size = () => statSync(join(site.places.pins, site.pins()[0] ?? '')).size;
  await sweep({ hours: 23, sources: [PIPELINE] });
  expect(size()).toBe(9);
  await sweep({ hours: 24, sources: [PIPELINE] });
  expect(size()).toBe(0);
});
