import { readFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { readProcess } from '../../lib/vector/process/identity.ts';
import { createSupervisor } from '../../lib/vector/process/supervise.ts';
import type { VectorRecord } from '../../lib/vector/process/survivor.ts';
import type { VectorExit } from '../../lib/vector/process/vector-exit.ts';
import { aLog } from '../watch/support.ts';
import { type Behaviour, writeFakeVector } from './fake-vector.ts';
import { aCommand, keeper, ownFolder, silentLog, until, writeProgram } from './support.ts';

const supervise = async ({
  behaviours = [{}],
  env = {},
  args = [],
  drainMs = 30_000,
  ...options
}: Partial<Parameters<typeof createSupervisor>[0]> & {
  behaviours?: Behaviour[];
  env?: Record<string, string>;
  args?: string[];
} = {}) => {
  const cwd = await ownFolder();
  const fake = await writeFakeVector({ folder: cwd, behaviours });
  const [stdout, stderr] = [keeper(), keeper()];
  const exits: VectorExit[] = [];
  const records: VectorRecord[] = [];
  const supervisor = createSupervisor({
    command: aCommand({ cwd, binary: fake.binary, env: { VECTOR_LOG: 'info', ...env }, args }),
    drainMs,
    log: silentLog,
    stdout: stdout.stream,
    stderr: stderr.stream,
    onExit: (exit) => void exits.push(exit),
    onSpawn: (record) => void records.push(record),
    pauses: () => 20,
    ...options,
  });
  onTestFinished(() => supervisor.stop());
  return { cwd, supervisor, stdout, stderr, exits, records, ...fake };
};

/** No wait of it is what is measured. */
const timeoutMs = 40_000;

test('supervise: starts, reloads, stops, and lets its output through untouched', async () => {
  const { supervisor, stdout, stderr, events, exits } = await supervise({
    behaviours: [{ stdout: '{"an":"event"}\nbytes \u00e9' }],
  });
  expect(supervisor.state).toBe('stopped');
  expect(await supervisor.start()).toEqual({ kind: 'started' });
  expect(supervisor.state).toBe('running');
  expect(await supervisor.reload({ timeoutMs })).toEqual({ kind: 'reloaded' });
  await supervisor.stop();
  expect(supervisor.state).toBe('stopped');
  expect(await events()).toEqual(['start', 'HUP', 'TERM', 'end']);
  expect(stdout.text()).toBe('{"an":"event"}\nbytes \u00e9');
  expect(
    stderr
      .text()
      .split('\n')
      .map((line) => line.slice(28)),
  ).toEqual([
    ' INFO vector: Vector has started. version="0.57.0"',
    ' INFO vector: Vector has reloaded. path="[]"',
    ' INFO vector: Vector is stopping.',
    '',
  ]);
  expect(exits).toMatchObject([{ exitCode: 0, wasAsked: true, hadStarted: true }]);
});

test('supervise: no SIGHUP before Vector has started; several that wait become one', async () => {
  const { supervisor, events } = await supervise({ behaviours: [{ startMs: 1_000 }] });
  const starting = supervisor.start();
  await until('Vector to run', async () => (await events()).includes('start'));
  const results = await Promise.all([1, 2, 3].map(() => supervisor.reload({ timeoutMs })));
  expect(results).toEqual([{ kind: 'reloaded' }, { kind: 'reloaded' }, { kind: 'reloaded' }]);
  expect(await starting).toEqual({ kind: 'started' });
  expect(await events()).toEqual(['start', 'HUP']);
});

test('supervise: one reload at a time; those that come meanwhile are folded into the next', async () => {
  const { supervisor, events } = await supervise({ behaviours: [{ reloadMs: 1_000 }] });
  await supervisor.start();
  const hangups = async () => (await events()).filter((event) => event === 'HUP').length;
  const first = supervisor.reload({ timeoutMs });
  await until('the first SIGHUP', async () => (await hangups()) === 1);
  const later = [supervisor.reload({ timeoutMs }), supervisor.reload({ timeoutMs })];
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await hangups()).toBe(1);
  await Promise.all([first, ...later]);
  expect(await hangups()).toBe(2);
});

test('supervise: a refused reload says why, a changed global needs a restart', async () => {
  const { supervisor } = await supervise({ behaviours: [{ reloads: ['bad', 'globals', 'leftOut', 'good'] }] });
  await supervisor.start();
  const bad = await supervisor.reload({ timeoutMs });
  expect(bad).toMatchObject({ kind: 'refused', why: expect.stringContaining('Input "zz" for sink "o"') });
  const globals = await supervisor.reload({ timeoutMs });
  expect(globals).toMatchObject({ kind: 'needsRestart', why: expect.stringContaining('data_dir') });
  const leftOut = await supervisor.reload({ timeoutMs });
  expect(leftOut).toMatchObject({ kind: 'failed', why: expect.stringContaining('Error opening config file.') });
  expect(await supervisor.reload({ timeoutMs })).toEqual({ kind: 'reloaded' });
});

test('supervise: JSON logs are read from stdout', async () => {
  const { supervisor, stdout } = await supervise({
    args: ['--log-format', 'json'],
    behaviours: [{ log: 'json', reloads: ['globals', 'good'] }],
  });
  await supervisor.start();
  expect(await supervisor.reload({ timeoutMs })).toMatchObject({ kind: 'needsRestart' });
  expect(await supervisor.reload({ timeoutMs })).toEqual({ kind: 'reloaded' });
  expect(stdout.text()).toContain('"message":"Vector has reloaded."');
});

test('supervise: where Vector hides its info lines a reload is unconfirmed, and an error still counts', async () => {
  const { supervisor, events } = await supervise({
    env: { VECTOR_LOG: 'warn' },
    // As on a busy machine: far from ready when the others would be.
    behaviours: [{ log: 'none', bootMs: 1_500, reloads: ['good', 'bad'] }],
    silentStartMs: 500,
    silentReloadMs: 1_000,
  });
  expect(await supervisor.start()).toEqual({ kind: 'started' });
  expect(await supervisor.reload({ timeoutMs })).toMatchObject({
    kind: 'unconfirmed',
    why: expect.stringContaining('VECTOR_LOG'),
  });
  expect(await supervisor.reload({ timeoutMs })).toMatchObject({ kind: 'refused' });
  expect(await events()).toEqual(['start', 'HUP', 'HUP']);
});

test('supervise: a reload that takes too long is unconfirmed; its late answer is not taken for the next one', async () => {
  const { supervisor, events } = await supervise({ behaviours: [{ reloadMs: 250, reloads: ['good', 'bad'] }] });
  await supervisor.start();
  expect(await supervisor.reload({ timeoutMs: 100 })).toMatchObject({
    kind: 'unconfirmed',
    why: expect.stringContaining('0.1 s'),
  });
  expect(await supervisor.reload({ timeoutMs })).toMatchObject({ kind: 'refused' });
  expect((await events()).filter((event) => event === 'HUP')).toHaveLength(2);
});

test('supervise: an abort ends the wait, not the reload', async () => {
  const { supervisor, events } = await supervise({ behaviours: [{ reloadMs: 300 }] });
  await supervisor.start();
  expect(await supervisor.reload({ timeoutMs, signal: AbortSignal.timeout(50) })).toMatchObject({
    kind: 'unconfirmed',
  });
  expect(await supervisor.reload({ timeoutMs, signal: AbortSignal.abort() })).toMatchObject({ kind: 'unconfirmed' });
  await until('the reload', async () => (await events()).join() === 'start,HUP');
});

test('supervise: exactly one SIGTERM however often it is stopped, no SIGHUP after it, and no SIGKILL while it drains', async () => {
  const { supervisor, events, exits } = await supervise({ behaviours: [{ drainMs: 300, reloadMs: 200 }] });
  await supervisor.start();
  const reloading = supervisor.reload({ timeoutMs });
  const waiting = supervisor.reload({ timeoutMs });
  // At once: two signals that a process has not seen yet may reach it in any order.
  const stops = [supervisor.stop(), supervisor.stop()];
  expect(supervisor.state).toBe('stopping');
  expect(await supervisor.reload({ timeoutMs })).toMatchObject({ kind: 'failed' });
  await Promise.all(stops);
  await supervisor.stop();
  expect(await events()).toEqual(['start', 'HUP', 'TERM', 'end']);
  expect(exits).toMatchObject([{ exitCode: 0, signal: undefined }]);
  expect(await reloading).toEqual({ kind: 'reloaded' });
  expect(await waiting).toMatchObject({ kind: 'failed' });
});

test('supervise: what does not end in time is killed with its group', async () => {
  const { supervisor, events, exits } = await supervise({ behaviours: [{ drainMs: 60_000 }], drainMs: 1_500 });
  await supervisor.start();
  await supervisor.stop();
  expect(await events()).toEqual(['start', 'TERM']);
  expect(exits).toMatchObject([{ signal: 'SIGKILL' }]);
});

test('supervise: a Vector that ends is reported and started again, after growing pauses', async () => {
  const asked: number[] = [];
  const { supervisor, exits, events } = await supervise({
    behaviours: [{ exitAfterMs: 50, exitCode: 3 }, { startMs: -1, exitCode: 78 }, {}],
    pauses: (attempt) => {
      asked.push(attempt);
      return 20;
    },
  });
  expect(await supervisor.start()).toEqual({ kind: 'started' });
  await until('the third start', async () => (await events()).length === 3 && supervisor.state === 'running');
  expect(exits).toMatchObject([
    { exitCode: 3, hadStarted: true, wasAsked: false, lastLines: expect.arrayContaining(['about to end']) },
    { exitCode: 78, hadStarted: false, lastLines: ['no good'] },
  ]);
  expect(asked).toEqual([1, 2]);
});

test('supervise: a first start that fails is answered with how it ended, and tried again', async () => {
  const { supervisor, events } = await supervise({ behaviours: [{ startMs: -1, exitCode: 78 }, {}] });
  expect(await supervisor.start()).toMatchObject({ kind: 'ended', exit: { exitCode: 78 } });
  await until('the second start', () => supervisor.state === 'running');
  expect(await events()).toEqual(['start', 'start']);
});

test('supervise: a missing binary is a fault, not a crash', async () => {
  const cwd = await ownFolder();
  const { stream } = keeper();
  const supervisor = createSupervisor({
    command: aCommand({ cwd, binary: './nothing' }),
    drainMs: 1_000,
    log: silentLog,
    stdout: stream,
    stderr: stream,
    pauses: () => 10_000,
  });
  expect(await supervisor.start()).toMatchObject({ kind: 'ended', exit: { fault: { code: 'vectorMissing' } } });
  expect(supervisor.state).toBe('pausing');
  await supervisor.stop();
  expect(supervisor.state).toBe('stopped');
});

test('supervise: its end is seen though a process it left behind holds its streams', async () => {
  const cwd = await ownFolder();
  const binary = await writeProgram({ folder: cwd, source: '#!/bin/sh\nsleep 30 &\nexit 4\n' });
  const { stream } = keeper();
  const command = aCommand({ cwd, binary });
  const log = silentLog;
  const supervisor = createSupervisor({
    command,
    drainMs: 1_000,
    log,
    stdout: stream,
    stderr: stream,
    pauses: () => 10_000,
  });
  const before = Date.now();
  expect(await supervisor.start()).toMatchObject({ kind: 'ended', exit: { exitCode: 4 } });
  expect(Date.now() - before).toBeLessThan(20_000);
  await supervisor.stop();
});

test('supervise: the pause before the next start is ended where there is something better to load', async () => {
  const { supervisor, events } = await supervise({
    behaviours: [{ startMs: -1, exitCode: 78 }, {}],
    pauses: () => 600_000,
  });
  expect(await supervisor.start()).toMatchObject({ kind: 'ended', exit: { exitCode: 78 } });
  await until('the pause', () => supervisor.state === 'pausing');
  const waiting = supervisor.reload({ timeoutMs });
  supervisor.hurry();
  expect(await waiting).toEqual({ kind: 'reloaded' });
  expect(await events()).toEqual(['start', 'start']);
});

test('supervise: who waits for a start is told when that fails, and what ends alike is told once', async () => {
  const { log, lines } = aLog();
  const { supervisor } = await supervise({
    behaviours: [{ startMs: -1, exitCode: 78 }],
    pauses: () => 100,
    log,
  });
  await supervisor.start();
  for (let times = 0; times < 3; times += 1) {
    expect(await supervisor.reload({ timeoutMs })).toMatchObject({
      kind: 'failed',
      why: expect.stringContaining('78'),
    });
  }
  expect(lines).toEqual(['error Vector ended with exit code 78 before it had started; it last said: no good']);
});

test('supervise: one that dies of a reload fails it, and who waited on the next start is answered by that', async () => {
  const { supervisor, exits, events } = await supervise({
    behaviours: [{ reloads: ['die'] }, { startMs: 100 }],
    pauses: () => 1_000,
  });
  await supervisor.start();
  const dying = supervisor.reload({ timeoutMs });
  await until('the end', () => exits.length === 1);
  expect(await dying).toMatchObject({ kind: 'failed', why: expect.stringContaining('exit code 134') });
  expect(exits[0]?.sinceReloadMs).toBeLessThan(30_000);
  expect(supervisor.state).toBe('pausing');
  expect(await supervisor.reload({ timeoutMs })).toEqual({ kind: 'reloaded' });
  // The second one read what is live when it started: no signal was needed.
  expect(await events()).toEqual(['start', 'HUP', 'start']);
});

test('supervise: onExit is awaited before the next start, so that a roll back comes first', async () => {
  const order: string[] = [];
  const { supervisor, events } = await supervise({
    behaviours: [{ startMs: -1 }, {}],
    pauses: () => 0,
    onExit: async () => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      order.push(`rolled back after ${(await events()).length}`);
    },
  });
  await supervisor.start();
  await until('the second start', () => supervisor.state === 'running');
  expect(order).toEqual(['rolled back after 1']);
});

test('supervise: it leads a group of its own, and is remembered by more than its process id', async () => {
  const { supervisor, records } = await supervise();
  await supervisor.start();
  await until('the record', () => records.length === 1);
  const [record] = records;
  expect(record).toEqual(await readProcess(record?.pid ?? 0));
  // Signal 0 to a group that does not exist fails.
  expect(() => process.kill(-(record?.pid ?? 0), 0)).not.toThrow();
});

test('supervise: what must come first is awaited, adds to its environment, and may keep it from starting', async () => {
  let tries = 0;
  const { supervisor, events, exits, records } = await supervise({
    beforeSpawn: async () => {
      tries += 1;
      if (tries === 1) throw new Error('another one runs');
      return { NVL_TEST: 'here' };
    },
  });
  expect(await supervisor.start()).toMatchObject({ kind: 'ended' });
  await until('the second try', () => supervisor.state === 'running');
  expect(exits[0]?.fault).toMatchObject({ message: 'another one runs' });
  expect(await events()).toEqual(['start']);
  expect(await readFile(`/proc/${records[0]?.pid}/environ`, 'utf8')).toContain('NVL_TEST=here');
});
