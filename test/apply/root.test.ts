import { execFileSync } from 'node:child_process';
import { mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { prepareRoot } from '../../lib/apply/root.ts';
import { ownFolder } from './support.ts';

test('root: its folders are made, and Vector may reach what it reads', async () => {
  const root = join(await ownFolder(), 'deep/root');
  const paths = await prepareRoot({ root: `${root}/` });
  expect(paths.liveFile).toBe(join(root, 'live/nomad.toml'));
  const modes = await Promise.all(
    [paths.root, paths.live, paths.links, paths.state, paths.stage, paths.generations].map(
      async (path) => (await stat(path)).mode & 0o777,
    ),
  );
  expect(modes.map((mode) => mode.toString(8))).toEqual(['755', '755', '755', '755', '700', '700']);
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

test('root: another file system below it is refused', async () => {
  const root = await ownFolder();
  await symlink('/dev/shm', join(root, 'live'));
  await expect(prepareRoot({ root })).rejects.toMatchObject({
    code: 'rootUnusable',
    facts: { reason: expect.stringMatching(/file systems|EPERM/) },
  });
});

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
