import { mkdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createUnread, readUnread } from '../../lib/files/unread.ts';
import { idOf } from '../support/builders.ts';
import { ALLOC, aSite } from './support.ts';

const counted = { files: 1, bytes: 10, why: 'hold' as const };

test('what went unread is counted by task and reason, over restarts too', () => {
  const { folder } = aSite();
  const file = join(folder, 'unread.json');
  let now = 1;
  const first = createUnread({ file, now: () => now });
  first.add({ task: 'a/app', ...counted });
  first.add({ task: 'a/app', ...counted, why: 'ceiling' });
  first.save();
  now = 2;
  const next = createUnread({ file, now: () => now });
  next.add({ task: 'a/app', ...counted });
  next.save();
  expect(readUnread(file)).toEqual([
    { task: 'a/app', why: 'ceiling', files: 1, bytes: 10, firstAt: 1, lastAt: 1 },
    { task: 'a/app', why: 'hold', files: 2, bytes: 20, firstAt: 1, lastAt: 2 },
  ]);
});

test('it is bounded: the tasks that were counted longest ago are forgotten', () => {
  const unread = createUnread({});
  for (let task = 0; task < 1_500; task += 1) unread.add({ task: String(task), ...counted });
  expect(unread.all()).toHaveLength(1_000);
  expect(unread.all()[0]?.task).toBe('500');
});

test.each(['', '{', '[]', 'null', '{"schema":9,"unread":[]}', '{"schema":1,"unread":[{"task":1},"x",null]}'])(
  'a damaged file says nothing: %s',
  (text) => {
    const { folder } = aSite();
    const file = join(folder, 'unread.json');
    writeFileSync(file, text);
    expect(readUnread(file)).toEqual([]);
    const unread = createUnread({ file });
    unread.save();
    expect(readFileSync(file, 'utf8')).toBe(text);
    unread.add({ task: 'a', ...counted });
    unread.save();
    expect(readUnread(file)).toHaveLength(1);
  },
);

test('a disk that takes no counts keeps them in memory until it does', () => {
  const { folder } = aSite();
  const file = join(folder, 'unread.json');
  mkdirSync(`${file}.new`);
  const unread = createUnread({ file });
  unread.add({ task: 'a', ...counted });
  expect(() => unread.save()).toThrow('EISDIR');
  rmSync(`${file}.new`, { recursive: true });
  unread.save();
  expect(readUnread(file)).toHaveLength(1);
});

test('the bound of what is held, an allocation that nobody knows, and the ceiling are counted', async () => {
  const site = aSite();
  const file = site.write('app.stdout.0', 'line\nline\n');
  site.write('other.stderr.0', 'who\n', idOf(9));
  const keeper = site.keeper();
  keeper.see({ allocDir: site.allocDir });
  keeper.open(site.app());
  site.vectorRead({ [file]: 5 });
  unlinkSync(file);
  await site.tending(keeper, { holdBytes: 0 }).boundHeld();
  for (const minutes of [0, 11]) keeper.settle(site.known({ now: minutes * 60_000 }));
  keeper.gaveUp({ allocId: ALLOC, task: 'app', bytes: 7n });
  const at = { firstAt: expect.any(Number), lastAt: expect.any(Number) };
  expect(keeper.unread.all()).toEqual([
    { task: `${ALLOC}/app`, why: 'hold', files: 1, bytes: 5, ...at },
    { task: `${idOf(9)}/other`, why: 'unknown', files: 1, bytes: 4, ...at },
    { task: `${ALLOC}/app`, why: 'ceiling', files: 1, bytes: 7, ...at },
  ]);
});
