import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isLogFileOf, listLogFiles } from '../../lib/files/log-files.ts';

const folderWith = async (files: Record<string, string | Buffer>): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-logs-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
};

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
])('task %j, file %s: %s', (task, name, isOwn) => {
  expect(isLogFileOf({ task, name })).toBe(isOwn);
});

test("a task's own files are listed, with who they are", async () => {
  const dir = await folderWith({
    'app.stdout.0': 'a\n',
    'app.stderr.0': '',
    'app-sidecar.stdout.0': 'x',
    'app.stdout.1': 'b',
  });
  // A fifo that nobody writes to: to open it would wait for ever.
  execFileSync('mkfifo', [join(dir, '.app.stdout.fifo')]);
  const files = await listLogFiles({ dir, task: 'app' });
  expect(files?.map(({ name }) => name)).toEqual(['app.stderr.0', 'app.stdout.0', 'app.stdout.1']);
  const { dev, ino } = await stat(join(dir, 'app.stdout.0'), { bigint: true });
  expect(files?.[1]).toEqual({ name: 'app.stdout.0', dev, ino, size: 2n, lastNewline: 2n });
});

test('a folder that is gone is not an empty one', async () => {
  expect(await listLogFiles({ dir: '/nowhere/at/all', task: 'app' })).toBeUndefined();
  expect(await listLogFiles({ dir: await folderWith({}), task: 'app' })).toEqual([]);
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
  const dir = await folderWith({ 'app.stdout.0': text });
  const size = BigInt(Buffer.byteLength(text));
  expect(await listLogFiles({ dir, task: 'app' })).toMatchObject([{ size, lastNewline: BigInt(lastNewline) }]);
});

test('what a task plants beside its logs is not looked into: a link, a pipe, a folder', async () => {
  const elsewhere = await folderWith({ secret: 'of another\n' });
  const dir = await folderWith({ 'app.stdout.0': 'a\n' });
  await symlink(join(elsewhere, 'secret'), join(dir, 'app.stdout.9'));
  await mkdir(join(dir, 'app.stderr.7'));
  execFileSync('mkfifo', [join(dir, 'app.stdout.8')]);
  expect((await listLogFiles({ dir, task: 'app' }))?.map(({ name }) => name)).toEqual(['app.stdout.0']);
});
