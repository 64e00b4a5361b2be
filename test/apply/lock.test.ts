import { spawn } from 'node:child_process';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lockRoot } from '../../lib/apply/lock.ts';
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

const holdInAnotherProcess = async (lockFile: string) => {
  const lib = new URL('../../lib/apply/lock.ts', import.meta.url).href;
  const code = `const { lockRoot } = await import(${JSON.stringify(lib)});
    await lockRoot({ lockFile: ${JSON.stringify(lockFile)} });
    console.log('locked');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
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

test('lock: one that was removed is not held any more, and letting go spares another’s', async () => {
  const folder = await ownFolder();
  const lockFile = join(folder, 'lock');
  const first = await lockRoot({ lockFile });
  await rename(lockFile, join(folder, 'moved'));
  expect(await first.isHeld()).toBe(false);
  const second = await lockRoot({ lockFile });
  await first.release();
  expect(await second.isHeld()).toBe(true);
  await second.release();
  await rm(join(folder, 'moved'));
});

test('lock: the owner answers anybody who asks, and lives through one who hangs up', async () => {
  const lockFile = join(await ownFolder(), 'lock');
  const lock = await lockRoot({ lockFile });
  for (let turn = 0; turn < 3; turn += 1) connect(lockFile).destroy();
  const said = await new Promise((resolve) => connect(lockFile).once('data', (data) => resolve(data.toString())));
  expect(said).toBe(`${process.pid}\n`);
  await lock.release();
});
