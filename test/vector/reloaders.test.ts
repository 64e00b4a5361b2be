import { type ChildProcess, spawn } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ReloadResult } from '../../lib/vector/process/reload-result.ts';
import { createCommandReloader } from '../../lib/vector/reload/by-command.ts';
import { createSignalReloader } from '../../lib/vector/reload/by-signal.ts';
import { createSupervisedReloader } from '../../lib/vector/reload/by-supervisor.ts';
import { createWatchReloader } from '../../lib/vector/reload/by-watch.ts';
import { createCheckpointFolderConfirmer } from '../../lib/vector/reload/confirm-by-folder.ts';
import { createMetricsConfirmer } from '../../lib/vector/reload/confirm-by-metrics.ts';
import type { Confirmer } from '../../lib/vector/reload/reloader.ts';
import { linesOf, ownFolder, until, writeProgram } from './support.ts';

/** Where something is seen, the wait for it is not what is measured. */
const timeoutMs = 40_000;

/** Sees what it is told, look after look. */
const seeing = (...looks: (ReloadResult | undefined)[]): Confirmer => ({
  name: 'test',
  begin: async () => ({ look: async () => looks.shift() }),
});

/** A process under the name of a binary: a copy of the shell, so that the kernel tells that name of it. */
const runAs = async ({ folder, name }: { folder: string; name: string }): Promise<ChildProcess> => {
  await copyFile('/bin/sh', join(folder, name));
  const script = `trap 'echo HUP >> ${folder}/notes; [ -e ${folder}/mortal ] && exit 1' HUP; echo up >> ${folder}/notes; while :; do sleep 0.02; done`;
  const child = spawn(join(folder, name), ['-c', script], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await until('it to run', async () => (await linesOf(join(folder, 'notes'))).includes('up'));
  await writeFile(join(folder, 'pid'), `${child.pid}\n`);
  return child;
};

test('signal: the Vector of the pid file gets one SIGHUP, and what is seen counts', async () => {
  const folder = await ownFolder();
  await runAs({ folder, name: 'vector' });
  const reloader = createSignalReloader({
    pidFile: join(folder, 'pid'),
    confirmer: seeing(undefined, { kind: 'reloaded' }),
    youngMs: 0,
  });
  expect(await reloader.reload({ added: [], timeoutMs })).toEqual({ kind: 'reloaded' });
  expect(await linesOf(join(folder, 'notes'))).toEqual(['up', 'HUP']);
});

test('signal: a young Vector is given the time to live through it', async () => {
  const folder = await ownFolder();
  await runAs({ folder, name: 'vector' });
  const before = Date.now();
  await createSignalReloader({ pidFile: join(folder, 'pid'), youngMs: 700 }).reload({ added: [], timeoutMs });
  expect(Date.now() - before).toBeGreaterThan(200);
  await until('the signal', async () => (await linesOf(join(folder, 'notes'))).includes('HUP'));
});

test('signal: a configured binary of another name is known by it', async () => {
  const folder = await ownFolder();
  await runAs({ folder, name: 'my-vector' });
  const pidFile = join(folder, 'pid');
  const result = await createSignalReloader({ pidFile, binary: '/opt/my-vector', youngMs: 0 }).reload({
    added: [],
    timeoutMs,
  });
  expect(result).toMatchObject({ kind: 'unconfirmed' });
  expect(await createSignalReloader({ pidFile, youngMs: 0 }).reload({ added: [], timeoutMs })).toMatchObject({
    kind: 'failed',
    why: expect.stringContaining('not Vector'),
  });
});

test('signal: one that ends over it has failed, whatever is seen', async () => {
  const folder = await ownFolder();
  const child = await runAs({ folder, name: 'vector' });
  await writeFile(join(folder, 'mortal'), '');
  const confirmer: Confirmer = {
    name: 'test',
    begin: async () => ({
      look: async () => {
        await new Promise((resolve) => (child.exitCode === null ? child.once('exit', resolve) : resolve(undefined)));
        return undefined;
      },
    }),
  };
  const result = await createSignalReloader({ pidFile: join(folder, 'pid'), confirmer, youngMs: 0 }).reload({
    added: [],
    timeoutMs,
  });
  expect(result).toMatchObject({ kind: 'died', why: expect.stringContaining('ended') });
});

test.each([
  ['no file', undefined, 'cannot be read'],
  ['no number', 'vector', 'no process id'],
  ['the process that began all others', '1', 'no process id'],
  ['nobody', '4194304', 'no process 4194304'],
  ['another program', String(process.pid), 'not Vector'],
])('signal: a pid file with %s signals nothing', async (_, text, why) => {
  const folder = await ownFolder();
  if (text !== undefined) await writeFile(join(folder, 'pid'), text);
  const result = await createSignalReloader({ pidFile: join(folder, 'pid'), youngMs: 0 }).reload({
    added: [],
    timeoutMs,
  });
  expect(result).toMatchObject({ kind: 'failed', why: expect.stringContaining(why) });
});

test('command: it is run without a shell, in its folder, and what is seen counts', async () => {
  const folder = await ownFolder();
  const program = await writeProgram({
    folder,
    name: 'reload',
    source: '#!/bin/sh\nprintf "%s\\n" "$PWD" "$@" > args\n',
  });
  const reloader = createCommandReloader({
    command: [program, 'a b', '$HOME'],
    cwd: folder,
    confirmer: seeing({ kind: 'reloaded' }),
  });
  expect(await reloader.reload({ added: [], timeoutMs })).toEqual({ kind: 'reloaded' });
  expect(await linesOf(join(folder, 'args'))).toEqual([folder, 'a b', '$HOME']);
});

test.each([
  ['fails', ['sh', '-c', 'echo Unit vector.service not found >&2; exit 5'], 'Unit vector.service not found'],
  ['is not there', ['/nonexistent/reload'], 'ENOENT'],
  ['takes too long', ['sh', '-c', 'sleep 60'], 'timed out'],
])('command: one that %s is a failure with its words', async (_, command, words) => {
  const before = Date.now();
  const result = await createCommandReloader({ command }).reload({
    added: [],
    timeoutMs: words === 'timed out' ? 200 : timeoutMs,
  });
  expect(result).toMatchObject({ kind: 'failed', why: expect.stringContaining(words) });
  expect(Date.now() - before).toBeLessThan(30_000);
});

test('watch: nothing is asked; without a way to see it is unconfirmed', async () => {
  expect(await createWatchReloader().reload({ added: [], timeoutMs })).toMatchObject({ kind: 'unconfirmed' });
  const confirmer = seeing({ kind: 'needsRestart', why: 'a global changed' });
  expect(await createWatchReloader({ confirmer }).reload({ added: [], timeoutMs })).toMatchObject({
    kind: 'needsRestart',
  });
});

test('watch: what is not seen in time is unconfirmed, and an abort ends the wait', async () => {
  const reloader = createWatchReloader({ confirmer: seeing() });
  expect(await reloader.reload({ added: [], timeoutMs: 300 })).toMatchObject({
    kind: 'unconfirmed',
    why: expect.stringContaining('0.3 s'),
  });
  const before = Date.now();
  const signal = AbortSignal.timeout(50);
  expect(await reloader.reload({ added: [], timeoutMs: 60_000, signal })).toMatchObject({ kind: 'unconfirmed' });
  expect(Date.now() - before).toBeLessThan(30_000);
});

test.each<[string, ReloadResult, ReloadResult | undefined, object]>([
  ['its log', { kind: 'reloaded' }, undefined, { kind: 'reloaded' }],
  ['its log, when it failed', { kind: 'failed', why: 'no' }, { kind: 'reloaded' }, { kind: 'failed' }],
  [
    'another way, when it says nothing',
    { kind: 'unconfirmed', why: 'quiet' },
    { kind: 'reloaded' },
    { kind: 'reloaded' },
  ],
])('supervised: a reload is confirmed by %s', async (_, said, seen, expected) => {
  const reloader = createSupervisedReloader({ supervisor: { reload: async () => said }, confirmer: seeing(seen) });
  expect(await reloader.reload({ added: [], timeoutMs })).toMatchObject(expected);
});

/** Vector's exporter, page after page; the last one stays. */
const exporter = async (...pages: (string | undefined)[]): Promise<string> => {
  const server = createServer((_, response) => {
    const page = pages.length > 1 ? pages.shift() : pages[0];
    response.statusCode = page === undefined ? 503 : 200;
    response.end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
};

const reloaded = (count: number) =>
  `# TYPE vector_reloaded_total counter\nvector_reloaded_total{host="vm"} ${count} 1795404475212\n`;
const refused = (code: string, reason = '') =>
  `vector_component_errors_total{error_code="${code}",error_type="configuration_failed",host="vm",${reason}stage="processing"} 1 1795404480212\n`;
const other =
  'vector_component_errors_total{error_code="http",component_id="o"} 7 1795404480212\nvector_started_total{host="vm"} 1 1\n';

test.each([
  ['the counter goes up', [reloaded(1), reloaded(1), reloaded(2)], { kind: 'reloaded' }],
  ['the first reload', [other, other + reloaded(1)], { kind: 'reloaded' }],
  ['the counter was forgotten meanwhile', [reloaded(7), reloaded(1)], { kind: 'reloaded' }],
  ['a load error', [reloaded(1), reloaded(1) + refused('config_load')], { kind: 'refused' }],
  [
    'a topology that cannot be built',
    [other, other + refused('reload', 'reason="topology_build_failed",')],
    { kind: 'refused' },
  ],
  ['a global option', [other, other + refused('reload', 'reason="global_options_changed",')], { kind: 'needsRestart' }],
  ['errors of other kinds', [other, other.replace(' 7 ', ' 8 ')], { kind: 'unconfirmed' }],
  ['an exporter that does not answer', [undefined], { kind: 'unconfirmed' }],
  [
    'another namespace',
    [reloaded(1).replaceAll('vector_', 'my_'), reloaded(2).replaceAll('vector_', 'my_')],
    { kind: 'reloaded' },
  ],
])('metrics: %s', async (_, pages, expected) => {
  const confirmer = createMetricsConfirmer({ url: await exporter(...pages), readTimeoutMs: timeoutMs });
  const waitMs = expected.kind === 'unconfirmed' ? 700 : timeoutMs;
  expect(await createWatchReloader({ confirmer }).reload({ added: [], timeoutMs: waitMs })).toMatchObject(expected);
});

test('folder: every new source has its folder', async () => {
  const dataDir = await ownFolder();
  await mkdir(join(dataDir, 'nvl_old'));
  const confirmer = createCheckpointFolderConfirmer({ dataDir });
  const watch = await confirmer.begin({ added: ['nvl_old', 'nvl_a', 'nvl_b'] });
  expect(await watch?.look()).toBeUndefined();
  await mkdir(join(dataDir, 'nvl_a'));
  expect(await watch?.look()).toBeUndefined();
  await mkdir(join(dataDir, 'nvl_b'));
  expect(await watch?.look()).toEqual({ kind: 'reloaded' });
});

test.each([
  ['no source is new', []],
  ['all were there before', ['nvl_old']],
])('folder: when %s it sees nothing', async (_, added) => {
  const dataDir = await ownFolder();
  await mkdir(join(dataDir, 'nvl_old'));
  const reloader = createWatchReloader({ confirmer: createCheckpointFolderConfirmer({ dataDir }) });
  expect(await reloader.reload({ added, timeoutMs })).toMatchObject({
    kind: 'unconfirmed',
    why: expect.stringContaining('no source is new'),
  });
});
