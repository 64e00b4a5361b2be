import { execFileSync, spawn } from 'node:child_process';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findOwner, lockRoot } from '../../lib/apply/lock.ts';
import { waitUntil } from '../support/wait.ts';
import { ownFolder } from './support.ts';

test('lock: a second nvl is told who holds it, until that one lets go', async () => {
  const folder = await ownFolder();
  const lockFile = join(folder, 'lock');
  const first = await lockRoot({ lockFile });
  await expect(lockRoot({ lockFile })).rejects.toMatchObject({
    code: 'rootLocked',
    facts: { lock: lockFile, process: String(process.pid) },
  });
  expect(await first.isHeld()).toBe(true);
  await first.release();
  expect(await readdir(folder)).toEqual([]);
  await (await lockRoot({ lockFile })).release();
});

const holdInAnotherProcess = async (lockFile: string, before: string[] = []) => {
  const lib = new URL('../../lib/apply/lock.ts', import.meta.url).href;
  const code = `const { lockRoot } = await import(${JSON.stringify(lib)});
    await lockRoot({ lockFile: ${JSON.stringify(lockFile)} });
    console.log('locked');
    setInterval(() => {}, 1000);`;
  const [program = '', ...args] = [...before, process.execPath, '--input-type=module', '-e', code];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child;
};

test('lock: that of a killed nvl is taken over', async () => {
  const lockFile = join(await ownFolder(), 'lock');
  const child = await holdInAnotherProcess(lockFile);
  await expect(lockRoot({ lockFile })).rejects.toMatchObject({
    code: 'rootLocked',
    facts: { process: String(child.pid) },
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  const lock = await lockRoot({ lockFile });
  expect(await lock.isHeld()).toBe(true);
  await lock.release();
});

test('lock: of many that find a dead lock at once, one gets it', async () => {
  const lockFile = join(await ownFolder(), 'lock');
  const child = await holdInAnotherProcess(lockFile);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockRoot({ lockFile })));
  const won = tries.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const lost = tries.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
  expect(won).toHaveLength(1);
  expect(lost).toEqual(Array(7).fill('rootLocked'));
  expect(await won[0]?.isHeld()).toBe(true);
  await won[0]?.release();
});

test('lock: one that is stopped holds it all the same', async () => {
  const lockFile = join(await ownFolder(), 'lock');
  const child = await holdInAnotherProcess(lockFile);
  child.kill('SIGSTOP');
  await expect(lockRoot({ lockFile })).rejects.toMatchObject({ code: 'rootLocked' });
});

test('lock: it works behind a path that is longer than a socket may have', async () => {
  const folder = join(await ownFolder(), 'a'.repeat(120), 'b'.repeat(120));
  await mkdir(folder, { recursive: true });
  const lock = await lockRoot({ lockFile: join(folder, 'lock') });
  expect(await readdir(folder)).toEqual(['lock']);
  await expect(lockRoot({ lockFile: join(folder, 'lock') })).rejects.toMatchObject({ code: 'rootLocked' });
  await lock.release();
});

test('lock: a file that is no socket is no owner', async () => {
  const lockFile = join(await ownFolder(), 'lock');
  await writeFile(lockFile, 'leftover');
  await (await lockRoot({ lockFile })).release();
});

test.each<[string, (file: string) => Promise<unknown>]>([
  ['removed', (file) => rm(file)],
  ['renamed', (file) => rename(file, `${file}.moved`)],
  ['replaced by a file', (file) => rm(file).then(() => writeFile(file, ''))],
  ['replaced by a folder', (file) => rm(file).then(() => mkdir(file))],
])('lock: one whose file was %s holds all the same, and the file comes back by itself', async (_, harm) => {
  const lockFile = join(await ownFolder(), 'lock');
  const lock = await lockRoot({ lockFile });
  await harm(lockFile);
  await expect(lockRoot({ lockFile })).rejects.toMatchObject({ code: 'rootLocked' });
  expect(await lock.isHeld()).toBe(true);
  await waitUntil('the file', async () => (await findOwner({ lockFile }))?.pid === String(process.pid));
  await lock.release();
  await (await lockRoot({ lockFile })).release();
});

test('lock: its file comes back though nobody asks for it', async () => {
  const lockFile = join(await ownFolder(), 'lock');
  const lock = await lockRoot({ lockFile });
  await rm(lockFile);
  await waitUntil('the file', async () => (await findOwner({ lockFile })) !== undefined);
  await lock.release();
});

test('lock: where the root was taken away and made anew, the new one is locked as well', async () => {
  const root = join(await ownFolder(), 'root');
  await mkdir(root);
  const lockFile = join(root, 'lock');
  const first = await lockRoot({ lockFile });
  await rename(root, `${root}-old`);
  await mkdir(root);
  expect(await first.isHeld()).toBe(true);
  await expect(lockRoot({ lockFile })).rejects.toMatchObject({ code: 'rootLocked' });
  await first.release();
});

test('lock: another nvl that was faster on a root made anew has it', async () => {
  const root = join(await ownFolder(), 'root');
  await mkdir(root);
  const lockFile = join(root, 'lock');
  const first = await lockRoot({ lockFile });
  await rename(root, `${root}-old`);
  await mkdir(root);
  const second = await lockRoot({ lockFile });
  expect([await first.isHeld(), await second.isHeld()]).toEqual([false, true]);
  await first.release();
  expect(await second.isHeld()).toBe(true);
  await second.release();
});

test('lock: without flock(1) the kernel keeps a name, which no cleaner of files can take either', async () => {
  const lockFile = join(await ownFolder(), 'lock');
  const lock = await lockRoot({ lockFile, flock: 'no-such-program' });
  await rm(lockFile);
  await expect(lockRoot({ lockFile, flock: 'no-such-program' })).rejects.toMatchObject({ code: 'rootLocked' });
  expect(await lock.isHeld()).toBe(true);
  await lock.release();
  await (await lockRoot({ lockFile, flock: 'no-such-program' })).release();
});

const canUnshare = (() => {
  try {
    execFileSync('unshare', ['-n', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

test.runIf(canUnshare)('lock: it counts in another network namespace, also without its file', async () => {
  const lockFile = join(await ownFolder(), 'lock');
  const child = await holdInAnotherProcess(lockFile, ['unshare', '-n']);
  // With the owner stopped, its file stays away.
  process.kill(child.pid ?? 0, 'SIGSTOP');
  await rm(lockFile);
  await expect(lockRoot({ lockFile })).rejects.toMatchObject({ code: 'rootLocked' });
});

test('lock: a child that a killed owner has just started does not hold it for long', async () => {
  const lockFile = join(await ownFolder(), 'lock');
  const child = await holdInAnotherProcess(lockFile);
  child.kill('SIGKILL');
  const before = Date.now();
  await (await lockRoot({ lockFile })).release();
  expect(Date.now() - before).toBeLessThan(10_000);
});

test('lock: the owner answers anybody who asks, and lives through one who hangs up', async () => {
  const lockFile = join(await ownFolder(), 'lock');
  const lock = await lockRoot({ lockFile });
  for (let turn = 0; turn < 3; turn += 1) connect(lockFile).destroy();
  const said = await new Promise((resolve) => connect(lockFile).once('data', (data) => resolve(data.toString())));
  expect(said).toBe(`${process.pid}\n`);
  await lock.release();
});
