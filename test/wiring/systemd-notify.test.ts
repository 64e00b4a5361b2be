import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openServiceManager } from '../../lib/wiring/systemd-notify.ts';
import { startChild } from '../support/child.ts';
import { needs, pathOf, systemdNotify, vector } from '../support/programs.ts';
import { waitUntil } from '../support/wait.ts';
import { aLog } from '../watch/support.ts';

const aFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-notify-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

/** A tiny systemd-notify that does as `script` says, alone on the PATH but for the shell's own programs. */
const aProgram = async (folder: string, script: string) => {
  await writeFile(join(folder, 'systemd-notify'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { PATH: `${folder}${delimiter}/usr/bin${delimiter}/bin`, NOTIFY_SOCKET: '/run/systemd/notify' };
};

test('each message is one run of systemd-notify, with the socket that nvl was given', async () => {
  const folder = await aFolder();
  const told = join(folder, 'told');
  const env = await aProgram(folder, `printf '%s|' "$NOTIFY_SOCKET" "$@" >> '${told}'; echo >> '${told}'`);
  const { log, lines } = aLog();
  const manager = openServiceManager({ io: { env }, log });
  manager.ready('collects 1 task');
  await manager.close({ maxMs: 10_000 });
  manager.stopping("ends; $HOME isn't a command");
  await manager.close({ maxMs: 10_000 });
  expect((await readFile(told, 'utf8')).trim().split('\n')).toEqual([
    '/run/systemd/notify|READY=1|STATUS=collects 1 task|',
    "/run/systemd/notify|STOPPING=1|STATUS=ends; $HOME isn't a command|",
  ]);
  expect(lines).toEqual([]);
});

test('without NOTIFY_SOCKET nothing is run', async () => {
  const folder = await aFolder();
  const told = join(folder, 'told');
  const { NOTIFY_SOCKET: _, ...env } = await aProgram(folder, `echo >> '${told}'`);
  const manager = openServiceManager({ io: { env }, log: aLog().log });
  manager.ready('collects 1 task');
  await manager.close({ maxMs: 1_000 });
  expect(existsSync(told)).toBe(false);
});

test.each([
  ['fails', 'echo "Failed to notify" >&2; exit 1', 'systemd-notify failed'],
  ['cannot be run', undefined, 'systemd-notify cannot be run'],
])('a systemd-notify that %s is a line of the log', async (_, script, message) => {
  const folder = await aFolder();
  const { log, lines } = aLog();
  const env = script === undefined ? { PATH: folder, NOTIFY_SOCKET: '@x' } : await aProgram(folder, script);
  const manager = openServiceManager({ io: { env }, log });
  manager.ready('collects 1 task');
  await manager.close({ maxMs: 10_000 });
  expect(lines).toEqual([`warn the service manager cannot be told how nvl stands: ${message}`]);
});

test('a systemd-notify that hangs is ended with nvl', async () => {
  const folder = await aFolder();
  const env = await aProgram(folder, 'exec sleep 60');
  const manager = openServiceManager({ io: { env }, log: aLog().log });
  manager.stopping('ends');
  const before = performance.now();
  await manager.close({ maxMs: 100 });
  expect(performance.now() - before).toBeLessThan(5_000);
});

// Vector reads such sockets, and so stands in for systemd.
test('the real systemd-notify brings the messages to the socket', needs(systemdNotify, vector), async () => {
  const folder = await aFolder();
  const socket = join(folder, 'notify');
  const config = {
    data_dir: folder,
    sources: { told: { type: 'socket', mode: 'unix_datagram', path: socket } },
    sinks: { out: { type: 'console', inputs: ['told'], encoding: { codec: 'json' } } },
  };
  await writeFile(join(folder, 'vector.json'), JSON.stringify(config));
  const receiver = await startChild(pathOf(vector), ['--quiet', '--config', join(folder, 'vector.json')], {
    cwd: folder,
    logFile: join(folder, 'log'),
  });
  onTestFinished(async () => void (await receiver.end()));
  await waitUntil('the socket', () => existsSync(socket), { timeoutMs: 20_000 });
  const { log, lines } = aLog();
  const env = { PATH: dirname(pathOf(systemdNotify)), NOTIFY_SOCKET: socket };
  const manager = openServiceManager({ io: { env }, log });
  manager.ready('collects 1 task');
  await waitUntil('the message', async () => (await receiver.said()).includes('STATUS=collects 1 task'), {
    timeoutMs: 20_000,
  });
  expect(await receiver.said()).toContain('READY=1');
  await manager.close({ maxMs: 10_000 });
  expect(lines).toEqual([]);
});
