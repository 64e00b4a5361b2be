import { mkdir, rename, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createSupervisor } from '../../lib/vector/process/supervise.ts';
import { createSignalReloader } from '../../lib/vector/reload/by-signal.ts';
import { createCheckpointFolderConfirmer } from '../../lib/vector/reload/confirm-by-folder.ts';
import { createMetricsConfirmer } from '../../lib/vector/reload/confirm-by-metrics.ts';
import { binaryOf, needs, vector } from '../support/programs.ts';
import { aCommand, keeper, ownFolder, silentLog } from './support.ts';

const source = (id: string) => `[sources.${id}]\ntype = "file"\ninclude = ["/nonexistent/${id}"]\n`;
const sink = (...inputs: string[]) => `[sinks.o]\ntype = "blackhole"\ninputs = ${JSON.stringify(inputs)}\n`;

const timeoutMs = 10_000;

const superviseReal = async ({ args = [], text }: { args?: string[]; text: (folder: string) => string }) => {
  const cwd = await ownFolder();
  await mkdir(join(cwd, 'data'));
  const write = async (next: string, data = 'data') => {
    await writeFile(join(cwd, 'next'), `data_dir = "${cwd}/${data}"\n${next}`);
    await rename(join(cwd, 'next'), join(cwd, 'live.toml'));
  };
  await write(text(cwd));
  const [stdout, stderr] = [keeper(), keeper()];
  const pids: number[] = [];
  const supervisor = createSupervisor({
    command: aCommand({
      cwd,
      binary: binaryOf(vector),
      args: ['-c', 'live.toml', ...args],
      env: { VECTOR_LOG: 'info' },
    }),
    drainMs: 10_000,
    log: silentLog,
    stdout: stdout.stream,
    stderr: stderr.stream,
    onSpawn: ({ pid }) => void pids.push(pid),
  });
  onTestFinished(() => supervisor.stop());
  expect(await supervisor.start()).toEqual({ kind: 'started' });
  return { cwd, supervisor, write, stdout, stderr, pids };
};

test.each([
  ['text', []],
  ['JSON', ['--log-format', 'json']],
])('real vector: is supervised by its %s log', needs(vector), async (_, args) => {
  const { cwd, supervisor, write } = await superviseReal({ args, text: () => source('a') + sink('a') });

  await write(source('a') + source('b') + sink('a', 'b'));
  const folder = await createCheckpointFolderConfirmer({ dataDir: join(cwd, 'data') }).begin({ added: ['b'] });
  expect(await folder.look()).toBeUndefined();
  expect(await supervisor.reload({ timeoutMs })).toEqual({ kind: 'reloaded' });
  expect(await folder.look()).toEqual({ kind: 'reloaded' });

  await write(source('a') + sink('zz'));
  expect(await supervisor.reload({ timeoutMs })).toMatchObject({
    kind: 'refused',
    why: expect.stringContaining('Input "zz" for sink "o"'),
  });

  await write(source('a') + sink('a'), 'elsewhere');
  expect(await supervisor.reload({ timeoutMs })).toMatchObject({
    kind: 'needsRestart',
    why: expect.stringContaining('changed_fields=data_dir'),
  });

  await supervisor.stop();
  expect(supervisor.state).toBe('stopped');
});

test('real vector: signalled by its pid file, confirmed by its metrics', needs(vector), async () => {
  const port = await freePort();
  const metrics = `[sources.m]\ntype = "internal_metrics"\n[sinks.p]\ntype = "prometheus_exporter"\ninputs = ["m"]\naddress = "127.0.0.1:${port}"\n`;
  const { cwd, write, pids } = await superviseReal({ text: () => source('a') + sink('a') + metrics });
  await writeFile(join(cwd, 'pid'), String(pids[0]));
  const confirmer = createMetricsConfirmer({ url: `http://127.0.0.1:${port}/metrics` });
  const reloader = createSignalReloader({ pidFile: join(cwd, 'pid'), confirmer, youngMs: 0 });

  await write(source('a') + source('b') + sink('a', 'b') + metrics);
  expect(await reloader.reload({ added: ['b'], timeoutMs })).toEqual({ kind: 'reloaded' });
  await write('nonsense = [');
  expect(await reloader.reload({ added: [], timeoutMs })).toMatchObject({ kind: 'refused' });
  await write(source('a') + sink('a') + metrics, 'elsewhere');
  expect(await reloader.reload({ added: [], timeoutMs })).toMatchObject({ kind: 'needsRestart' });
});

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};
