import { lstat, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { giveFolder } from '../../lib/apply/give-folder.ts';

const THEIRS = { uid: 65_534, gid: 65_534 };
const isRoot = process.geteuid?.() === 0;

const aFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-give-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

test.runIf(isRoot)('a folder is made for another user, and stays as that user has it', async () => {
  const folder = join(await aFolder(), 'vector');
  const give = () => giveFolder({ folder, mode: 0o755, to: THEIRS });
  await give();
  expect(await stat(folder)).toMatchObject(THEIRS);
  await writeFile(join(folder, 'later'), '');
  await give();
  expect(await stat(join(folder, 'later'))).toMatchObject({ uid: 0 });
});

test.runIf(isRoot)('what a Vector that was root left in it goes with it, and no link is followed', async () => {
  const base = await aFolder();
  const folder = join(base, 'vector');
  await mkdir(join(folder, 'nvl_default_00000000'), { recursive: true });
  await writeFile(join(folder, 'nvl_default_00000000', 'checkpoints.json'), '{}');
  await writeFile(join(base, 'foreign'), '');
  await symlink(join(base, 'foreign'), join(folder, 'link'));
  await giveFolder({ folder, mode: 0o755, to: THEIRS });
  for (const name of ['', 'nvl_default_00000000', 'nvl_default_00000000/checkpoints.json', 'link'])
    expect(await lstat(join(folder, name))).toMatchObject(THEIRS);
  expect(await stat(join(base, 'foreign'))).toMatchObject({ uid: 0 });
});

test.runIf(isRoot)('a folder of a third user is refused', async () => {
  const folder = await aFolder();
  await giveFolder({ folder, mode: 0o755, to: { uid: 12_345, gid: 12_345 } });
  await expect(giveFolder({ folder, mode: 0o755, to: THEIRS })).rejects.toMatchObject({ code: 'rootUnusable' });
});

test('a folder of nvl’s own user is as it was', async () => {
  const folder = join(await aFolder(), 'vector');
  const to = { uid: process.geteuid?.() as number, gid: process.getegid?.() as number };
  await giveFolder({ folder, mode: 0o755, to });
  expect(await stat(folder)).toMatchObject(to);
});
