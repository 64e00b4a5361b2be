import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { exactJson } from '../../lib/exact-json.ts';
import { crc64, fingerprintedFiles } from '../../lib/files/first-line.ts';
import { formerPositions } from '../../lib/files/former-positions.ts';

test.each([
  // The check value that every list of CRCs has for this one, and what Vector made of a line.
  ['123456789', 0x6c40_df5f_0b49_7347n],
  ['', 0n],
])('the checksum of %j', (text, checksum) => expect(crc64(Buffer.from(text))).toBe(checksum));

const aFolder = async (files: Readonly<Record<string, string>>): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-former-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'logs'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, 'logs', name), text);
  return folder;
};

test('files with a whole first line have a fingerprint; links, packed files and those without one have none', async () => {
  const folder = await aFolder({ a: 'one\ntwo\n', b: 'one', c: '', long: 'x'.repeat(200_000), packed: '' });
  await writeFile(join(folder, 'logs', 'packed'), Buffer.from([0x1f, 0x8b, 0x08, 0x0a]));
  await symlink('/etc/passwd', join(folder, 'logs', 'link'));
  const found = await fingerprintedFiles({ folder: join(folder, 'logs'), start: '' });
  expect(found.map(({ name, checksum }) => [name, checksum]).sort()).toEqual([
    ['a', crc64(Buffer.from('one\n'))],
    ['long', crc64(Buffer.from('x'.repeat(102_400)))],
  ]);
  expect(await fingerprintedFiles({ folder: join(folder, 'nope'), start: '' })).toEqual([]);
});

const line = (text: string): bigint => crc64(Buffer.from(`${text}\n`));

type Given = {
  files: Readonly<Record<string, string>>;
  /** Fingerprint and position. */
  entries: (inodeOf: (name: string) => object) => readonly [fingerprint: object, position: bigint][];
  byInodeOnly?: boolean;
};

const positionsOf = async ({ files, entries, byInodeOnly }: Given): Promise<Record<string, bigint | undefined>> => {
  const folder = await aFolder(files);
  const logs = await Promise.all(
    Object.keys(files)
      .filter((name) => name.startsWith('app.'))
      .map(async (name) => {
        const { dev, ino, size } = await stat(join(folder, 'logs', name), { bigint: true });
        return { name, dev, ino, size, lastNewline: size, place: 'folder' as const };
      }),
  );
  const inodeOf = (name: string): object => {
    const found = logs.find((one) => one.name === name);
    return { dev_inode: [found?.dev, found?.ino] };
  };
  const checkpoints = entries(inodeOf).map(([fingerprint, position]) => ({
    fingerprint,
    position,
    modified: '2026-11-27T00:00:00Z',
  }));
  await mkdir(join(folder, 'data', 'old'), { recursive: true });
  await writeFile(join(folder, 'data', 'old', 'checkpoints.json'), exactJson({ version: '1', checkpoints }) ?? '');
  const found = await formerPositions({
    files: logs,
    dataDir: join(folder, 'data'),
    source: 'old',
    folder: join(folder, 'logs'),
    task: 'app',
    ...(byInodeOnly === undefined ? {} : { byInodeOnly }),
  });
  for (const { name, entry } of found) if (entry !== undefined) expect(entry.fingerprint).toEqual(inodeOf(name));
  return Object.fromEntries(found.map(({ name, entry }) => [name, entry?.position as bigint | undefined]));
};

const ONE = { 'app.stdout.0': 'a\nb\n' };

test.each<[string, Given, Record<string, bigint | undefined>]>([
  ['by device and inode', { files: ONE, entries: (of) => [[of('app.stdout.0'), 2n]] }, { 'app.stdout.0': 2n }],
  [
    'by its first line',
    { files: ONE, entries: () => [[{ first_lines_checksum: line('a') }, 4n]] },
    { 'app.stdout.0': 4n },
  ],
  [
    'by its first line, as it was called before',
    { files: ONE, entries: () => [[{ first_line_checksum: line('a') }, 4n]] },
    { 'app.stdout.0': 4n },
  ],
  [
    'not by a position beyond its end',
    { files: ONE, entries: (of) => [[of('app.stdout.0'), 5n]] },
    { 'app.stdout.0': undefined },
  ],
  [
    'not by a first line that it has not',
    { files: ONE, entries: () => [[{ first_lines_checksum: line('x') }, 4n]] },
    { 'app.stdout.0': undefined },
  ],
  [
    'not by a first line that another of its files has',
    { files: { ...ONE, 'app.stdout.1': 'a\nc\n' }, entries: () => [[{ first_lines_checksum: line('a') }, 4n]] },
    { 'app.stdout.0': undefined, 'app.stdout.1': undefined },
  ],
  [
    'not by a first line that a task beside it has, whose files were read, too',
    { files: { ...ONE, 'app-sidecar.stdout.0': 'a\n' }, entries: () => [[{ first_lines_checksum: line('a') }, 2n]] },
    { 'app.stdout.0': undefined },
  ],
  [
    'by a first line that a task with another name has',
    { files: { ...ONE, 'other.stdout.0': 'a\n' }, entries: () => [[{ first_lines_checksum: line('a') }, 2n]] },
    { 'app.stdout.0': 2n },
  ],
  [
    'not by a first line where the source read other tasks, too',
    { files: ONE, entries: () => [[{ first_lines_checksum: line('a') }, 4n]], byInodeOnly: true },
    { 'app.stdout.0': undefined },
  ],
])('a file’s position is known %s', async (_, given, positions) => expect(await positionsOf(given)).toEqual(positions));
