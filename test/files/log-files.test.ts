import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lookOnly } from '../../lib/files/log-access.ts';
import { isLogFileOf } from '../../lib/files/log-name.ts';
import { aSite, linkOf } from './support.ts';

test.each([
  ['app', 'app.stdout.0', true],
  ['app', 'app.stderr.12', true],
  ['app', 'app-sidecar.stdout.0', false],
  ['app', 'app.stdout', false],
  ['app', 'app.stdout.0.gz', false],
  ['app', 'app.stdin.0', false],
  ['app', '.app.stdout.fifo', false],
  ['app', 'app.stdout.stdout.0', false],
  ['app.stdout', 'app.stdout.stdout.0', true],
  ['app', 'app.stdout.1.stdout.0', false],
  ['a.b', 'aXb.stdout.0', false],
  ['a+b', 'a+b.stdout.0', true],
  ['app', 'app.stdout.007', false],
  ['app', 'app.stdout.1000000000', false],
  ['app', 'app.stdout.0\n', false],
  ['a\nb', 'a\nb.stdout.0', true],
])('task %j, file %j: %s', (task, name, isOwn) => {
  expect(isLogFileOf({ task, name })).toBe(isOwn);
});

const listed = (site: ReturnType<typeof aSite>) => lookOnly(site.places).filesOf(site.app());

test("a task's own files are listed, with who they are and where", async () => {
  const site = aSite();
  const file = site.write('app.stdout.0', 'a\n');
  site.write('app.stderr.0', '');
  site.write('app-sidecar.stdout.0', 'x');
  site.write('app.stdout.1', 'b');
  // A fifo that nobody writes to: to open it would wait for ever.
  execFileSync('mkfifo', [join(site.logsOf(), '.app.stdout.fifo')]);
  const files = await listed(site);
  expect(files?.map(({ name }) => name)).toEqual(['app.stderr.0', 'app.stdout.0', 'app.stdout.1']);
  const { dev, ino } = statSync(file, { bigint: true });
  expect(files?.[1]).toEqual({ name: 'app.stdout.0', dev, ino, size: 2n, lastNewline: 2n, place: 'folder' });
});

test('a folder that is gone is not an empty one', async () => {
  const site = aSite();
  expect(await listed(site)).toBeUndefined();
  mkdirSync(site.logsOf(), { recursive: true });
  expect(await listed(site)).toEqual([]);
});

const CHUNK = 64 * 1024;

test.each<[string, string | Buffer, number]>([
  ['empty', '', 0],
  ['one whole line', 'a\n', 2],
  ['no newline', 'abc', 0],
  ['a rest behind the last newline', 'a\nbc\nrest', 5],
  ['a newline alone', '\n', 1],
  ['no newline in more than a chunk', 'x'.repeat(CHUNK + 1), 0],
  ['a rest longer than a chunk', `a\n${'x'.repeat(CHUNK)}`, 2],
  ['a rest longer than two chunks', `ab\n${'x'.repeat(2 * CHUNK + 7)}`, 3],
  ['the newline is the first character of the last chunk', `${'x'.repeat(CHUNK)}\n${'y'.repeat(CHUNK - 1)}`, CHUNK + 1],
  ['the newline is the last character before the last chunk', `${'x'.repeat(9)}\n${'y'.repeat(CHUNK)}`, 10],
  ['exactly a chunk', `${'x'.repeat(CHUNK - 1)}\n`, CHUNK],
  ['characters of several bytes', 'ü\nä', 3],
  ['bytes that are no text', Buffer.from([0xff, 0x0a, 0xfe, 0x00]), 2],
])('the end of the last line: %s', async (_, text, lastNewline) => {
  const site = aSite();
  const file = site.write('app.stdout.0', '');
  writeFileSync(file, text);
  const size = BigInt(Buffer.byteLength(text));
  expect(await listed(site)).toMatchObject([{ size, lastNewline: BigInt(lastNewline) }]);
});

test('what a task plants beside its logs is not looked into: a link, a pipe, a folder', async () => {
  const site = aSite();
  writeFileSync(join(site.folder, 'secret'), 'of another\n');
  site.write('app.stdout.0', 'a\n');
  symlinkSync(join(site.folder, 'secret'), join(site.logsOf(), 'app.stdout.9'));
  mkdirSync(join(site.logsOf(), 'app.stderr.7'));
  execFileSync('mkfifo', [join(site.logsOf(), 'app.stdout.8')]);
  expect((await listed(site))?.map(({ name }) => name)).toEqual(['app.stdout.0']);
});

test('where no hard link can be made, what a task was let go with is still looked at, until it is delivered', async () => {
  const site = aSite();
  const file = site.write('app.stdout.0', 'a\nno newline');
  const keeper = site.keeper({
    link: () => {
      throw Object.assign(new Error('EXDEV'), { code: 'EXDEV' });
    },
  });
  const { dev, ino } = statSync(file, { bigint: true });
  const pinned = [{ name: 'app.stdout.0', dev: String(dev), ino: String(ino) }];
  keeper.open(site.app());
  expect(await keeper.filesOf(site.app())).toMatchObject([{ place: 'folder', size: 12n }]);
  keeper.close(site.app());
  expect(site.pins()).toHaveLength(1);
  expect(await keeper.filesOf({ ...site.app(), pinned })).toMatchObject([{ place: 'pin', size: 12n, lastNewline: 2n }]);
  // One that was let go by itself, as it was delivered and rotated, is not.
  expect(await keeper.filesOf(site.app())).toEqual([]);
  keeper.open({ ...site.app(), restore: pinned });
  expect(site.linked()).toEqual([linkOf(0)]);
});
