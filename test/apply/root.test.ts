import { execFileSync } from 'node:child_process';
import {
  chmod,
  chown,
  lchown,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { prepareRoot, repairRoot } from '../../lib/apply/root.ts';
import { writeFiles as put } from '../vector/support.ts';
import { ownFolder } from './support.ts';

test('root: its folders are made, and Vector may reach what it reads', async () => {
  const root = join(await ownFolder(), 'deep/root');
  const paths = await prepareRoot({ root: `${root}/` });
  expect(paths.liveFile).toBe(join(root, 'live/nomad.toml'));
  const modes = await Promise.all(
    [paths.root, paths.live, paths.rows, paths.links, paths.state, paths.stage, paths.generations].map(
      async (path) => (await stat(path)).mode & 0o777,
    ),
  );
  expect(modes.map((mode) => mode.toString(8))).toEqual(['711', '755', '755', '755', '755', '700', '700']);
  await prepareRoot({ root });
});

test.each([
  ['a relative path', 'var/nvl', 'absolute'],
  ['a comma', '/tmp/a,b', 'comma'],
  ['a newline', '/tmp/a\nb', 'control character'],
])('root: %s cannot be used', async (_, root, reason) => {
  await expect(prepareRoot({ root })).rejects.toMatchObject({
    code: 'rootUnusable',
    facts: { reason: expect.stringContaining(reason) },
  });
});

test('root: a place that cannot be written to says why', async () => {
  const folder = await ownFolder();
  await writeFile(join(folder, 'file'), '');
  await expect(prepareRoot({ root: join(folder, 'file') })).rejects.toMatchObject({
    code: 'rootUnusable',
    facts: { root: join(folder, 'file'), reason: expect.stringMatching(/EEXIST|ENOTDIR/) },
  });
});

const FOLDERS = ['live', 'stage', 'generations', 'rows', 'links', 'held', 'pins', 'state'];

test.each(FOLDERS)(
  'root: a link planted as %s is refused, at the start and under way, and not followed',
  async (name) => {
    const folder = await ownFolder();
    const [root, victim] = [join(folder, 'root'), join(folder, 'victim')];
    await put(victim, { 'nomad.toml': 'mine', '7/nomad.toml': 'mine', '.probe': 'mine', '8/good': '' });
    const refused = { code: 'rootUnusable', facts: { path: join(root, name), reason: 'it is a symbolic link' } };
    await mkdir(root);
    await symlink(victim, join(root, name));
    await expect(prepareRoot({ root })).rejects.toMatchObject(refused);
    await unlink(join(root, name));
    const paths = await prepareRoot({ root });
    await rename(join(root, name), join(folder, 'before'));
    await symlink(victim, join(root, name));
    await expect(repairRoot({ paths })).rejects.toMatchObject(refused);
    expect(await filesIn(victim)).toEqual(['.probe', '7', '7/nomad.toml', '8', '8/good', 'nomad.toml']);
    expect(await readFile(join(victim, 'nomad.toml'), 'utf8')).toBe('mine');
    await unlink(join(root, name));
    await repairRoot({ paths });
  },
);

test.each(FOLDERS)('root: a file in the place of %s is refused, and stays', async (name) => {
  const root = await ownFolder();
  await writeFile(join(root, name), 'mine');
  await expect(prepareRoot({ root })).rejects.toMatchObject({
    code: 'rootUnusable',
    facts: { path: join(root, name) },
  });
  expect(await readFile(join(root, name), 'utf8')).toBe('mine');
});

test.runIf(process.getuid?.() === 0).each(['', ...FOLDERS])(
  'root: another user’s folder is refused: %s',
  async (name) => {
    const root = join(await ownFolder(), 'root');
    await mkdir(join(root, name), { recursive: true });
    await chown(join(root, name), 65_534, 65_534);
    await expect(prepareRoot({ root })).rejects.toMatchObject({
      code: 'rootUnusable',
      facts: { path: join(root, name).replace(/\/$/, ''), reason: "it belongs to user 65534, not to nvl's" },
    });
  },
);

test.runIf(process.getuid?.() === 0)('root: it may be reached by a link, if that is nobody else’s', async () => {
  const folder = await ownFolder();
  const root = join(folder, 'link');
  await mkdir(join(folder, 'root'));
  await symlink('root', root);
  await prepareRoot({ root });
  await lchown(root, 65_534, 65_534);
  await expect(prepareRoot({ root })).rejects.toMatchObject({
    code: 'rootUnusable',
    facts: { path: root, reason: 'it is a symbolic link of user 65534' },
  });
});

test('root: a folder that others may write in is closed to them', async () => {
  const root = join(await ownFolder(), 'root');
  const paths = await prepareRoot({ root });
  for (const folder of [root, ...FOLDERS.map((name) => join(root, name))]) await chmod(folder, 0o777);
  await repairRoot({ paths });
  const modes = await Promise.all([root, paths.live, paths.stage].map(async (path) => (await stat(path)).mode & 0o777));
  expect(modes).toEqual([0o711, 0o755, 0o700]);
});

test.runIf(process.getuid?.() === 0)(
  'root: with a group, what Vector reads is for that group alone, until there is none',
  async () => {
    const root = join(await ownFolder(), 'root');
    const group = 65_534;
    const paths = await prepareRoot({ root });
    const read = [paths.live, paths.rows, paths.links, paths.state];
    const shown = (folders: string[]) =>
      Promise.all(
        folders.map(async (folder) => {
          const { uid, gid, mode } = await stat(folder);
          return [uid, gid, mode & 0o777];
        }),
      );
    await repairRoot({ paths, group });
    expect(await shown(read)).toEqual(read.map(() => [0, group, 0o750]));
    expect(await shown([root, paths.stage, paths.held])).toEqual([
      [0, 0, 0o711],
      [0, 0, 0o700],
      [0, 0, 0o700],
    ]);
    await rm(paths.rows, { recursive: true });
    await repairRoot({ paths, group });
    expect(await shown([paths.rows])).toEqual([[0, group, 0o750]]);
    await repairRoot({ paths });
    expect(await shown([paths.links])).toEqual([[0, group, 0o755]]);
  },
);

test('root: what a cleaner took away is made again under way', async () => {
  const root = join(await ownFolder(), 'root');
  const paths = await prepareRoot({ root });
  for (const name of FOLDERS) {
    await rm(join(root, name), { recursive: true });
    await repairRoot({ paths });
  }
  await rm(root, { recursive: true });
  await repairRoot({ paths });
  expect(await filesIn(root)).toEqual([...FOLDERS].sort());
});

const filesIn = async (folder: string): Promise<string[]> => (await readdir(folder, { recursive: true })).sort();

const canMount = (() => {
  try {
    execFileSync('unshare', ['-m', 'true'], { stdio: 'ignore' });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
})();

test.runIf(canMount)('root: a live file that is mounted by itself is refused', async () => {
  const root = await ownFolder();
  await mkdir(join(root, 'live'));
  await writeFile(join(root, 'live/nomad.toml'), '');
  await writeFile(join(root, 'other'), '');
  execFileSync('mount', ['--bind', join(root, 'other'), join(root, 'live/nomad.toml')]);
  onTestFinished(() => void execFileSync('umount', [join(root, 'live/nomad.toml')]));
  await expect(prepareRoot({ root })).rejects.toMatchObject({
    code: 'rootUnusable',
    facts: { reason: expect.stringContaining('live/nomad.toml is a mount point') },
  });
});
