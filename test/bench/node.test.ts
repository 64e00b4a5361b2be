import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isProbe, startArrivals } from '../../bench/support/arrivals.ts';
import { relayNews } from '../../bench/support/contender.ts';
import { makeLines, startWriter, writeBytes } from '../../bench/support/load.ts';
import { childrenOf, commandOf, useOf } from '../../bench/support/proc.ts';
import { type RanTask, runShortTasks } from '../../bench/support/short-tasks.ts';
import { type BenchTask, createStandInNode } from '../../bench/support/stand-in-node.ts';
import { startStandingWriters } from '../../bench/support/standing-writers.ts';
import { createTail, linesOf } from '../../bench/support/tail.ts';
import { findLine } from '../support/count-lines.ts';
import { waitUntil } from '../support/wait.ts';

const aFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'nvl-bench-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

const aNode = async (options: { maxBytes?: number } = {}) => {
  const news = relayNews();
  const node = await createStandInNode({ folder: aFolder(), news: news.news, ...options });
  onTestFinished(() => node.close());
  const ask = async (path: string) => {
    const answer = await fetch(`${node.address}${path}`);
    return { index: Number(answer.headers.get('x-nomad-index')), body: JSON.parse(await answer.text()) };
  };
  const list = async (query = '') => ask(`/v1/node/${node.nodeId}/allocations${query}`);
  return { node, news, ask, list };
};

test('the stand-in says of itself and of its tasks what Nomad would', async () => {
  const { node, ask, list } = await aNode();
  const self = (await ask('/v1/agent/self')).body;
  expect([`${self.config.DataDir}/alloc`, self.stats.client.node_id]).toEqual([node.allocDir, node.nodeId]);
  const task = node.add({ jobId: 'web', meta: { nvl_profile: 'logfmt' } });
  const [pending] = (await list()).body;
  expect(pending).toMatchObject({ ID: task.allocId, JobID: 'web', ClientStatus: 'pending', TaskStates: null });
  expect([pending.Job.Meta, pending.Job.TaskGroups[0].Tasks[0].Name]).toEqual([{ nvl_profile: 'logfmt' }, 'app']);
  // In Nomad's own size: what a collector takes for it is to be true.
  expect(JSON.stringify(pending).length).toBeGreaterThan(4_000);
  node.run(task);
  expect((await ask(`/v1/allocation/${task.allocId}`)).body).toMatchObject({ ClientStatus: 'running' });
  node.finish(task);
  node.removeFolder(task);
  const [finished] = (await list()).body;
  expect([finished.ClientStatus, finished.TaskStates.app.State]).toEqual(['complete', 'dead']);
  expect(existsSync(join(node.allocDir, task.allocId))).toBe(false);
});

test('a query with an index waits for the next change', async () => {
  const { node, list } = await aNode();
  const { index } = await list();
  const waiting = list(`?index=${index}&wait=10s`);
  expect(await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 50, 'waits'))])).toBe('waits');
  const { allocId } = node.add({ jobId: 'web' });
  const answer = await waiting;
  expect(answer.body.map(({ ID }: { ID: string }) => ID)).toEqual([allocId]);
  expect(answer.index).toBeGreaterThan(index);
});

test('log files are numbered and rotated as Nomad does, and whoever follows is told of all of them', async () => {
  const { node, news } = await aNode({ maxBytes: 100 });
  const task = node.add({ jobId: 'web' });
  node.run(task);
  const told = new Set<string>();
  news.follow({ made: ({ name }) => told.add(name), gone: ({ name }) => told.delete(name) });
  for (let number = 0; number < 12; number += 1) task.stdout.write(`${'x'.repeat(79)}\n`);
  const logs = join(node.allocDir, task.allocId, 'alloc', 'logs');
  const names = readdirSync(logs).filter((name) => !name.startsWith('.'));
  expect(names.sort()).toEqual(
    ['app.stderr.0', ...Array.from({ length: 10 }, (_, index) => `app.stdout.${index + 2}`)].sort(),
  );
  expect([...told].sort()).toEqual(names.map((name) => `${task.allocId}.${name}`));
  expect(readFileSync(join(logs, 'app.stdout.11'), 'utf8')).toHaveLength(80);
});

test('a line that is written in two parts stays in one file', async () => {
  const { node } = await aNode({ maxBytes: 100 });
  const task = node.add({ jobId: 'web' });
  node.run(task);
  const parts = [`${'a'.repeat(79)}\n${'b'.repeat(10)}`, 'b'.repeat(5), `${'b'.repeat(5)}\n${'c'.repeat(79)}\n`];
  for (const part of parts) task.stdout.write(part);
  const read = (number: number) =>
    readFileSync(join(node.allocDir, task.allocId, 'alloc', 'logs', `app.stdout.${number}`), 'utf8');
  expect([read(0), read(1)]).toEqual([`${'a'.repeat(79)}\n${'b'.repeat(20)}\n`, `${'c'.repeat(79)}\n`]);
});

test('tasks that stay write what they say they wrote, in whole lines, and the loud ones rotate', async () => {
  const { node } = await aNode({ maxBytes: 20_000 });
  const tasks = [1, 2, 3].map((number) => node.add({ jobId: `job-${number}` }));
  for (const task of tasks) node.run(task);
  const load = { lineEveryMs: 50, loudTasks: 1, loudBytesASecond: 100_000 };
  const writers = startStandingWriters({ tasks, load });
  const logs = ({ allocId }: BenchTask) => join(node.allocDir, allocId, 'alloc', 'logs');
  const [loud, ...quiet] = tasks as [BenchTask, BenchTask, BenchTask];
  await waitUntil('a rotation', () => existsSync(join(logs(loud), 'app.stdout.1')));
  const written = writers.stop();
  expect(writers.stop()).toEqual(written);
  const linesOnDisk = (task: BenchTask) =>
    readdirSync(logs(task))
      .filter((name) => /^app\.stdout\.\d+$/.test(name))
      .sort()
      .flatMap((name) => readFileSync(join(logs(task), name), 'utf8').split(/(?<=\n)/));
  for (const task of tasks) {
    const lines = linesOnDisk(task);
    expect(lines.map((line) => findLine(line)?.number)).toEqual(lines.map((_, index) => index + 1));
    expect([lines.length, lines.every((line) => line.endsWith('\n'))]).toEqual([written.get(task), true]);
  }
  expect(Math.abs(linesOnDisk(quiet[0]).length - linesOnDisk(quiet[1]).length)).toBeLessThanOrEqual(1);
});

test('a short task writes its lines, the last one without newline if told so, and its folder goes when it is due', async () => {
  const { node, list } = await aNode();
  const run = (removeAfterMs: number) =>
    runShortTasks({
      node,
      short: {
        tasksAMinute: 6_000,
        seconds: 0.03,
        each: (number) => ({ lines: number + 1, writingMs: 10 }),
        isLastBare: true,
        removeAfterMs,
      },
    });
  const logOf = ({ task }: RanTask) => join(node.allocDir, task.allocId, 'alloc', 'logs', 'app.stdout.0');
  const kept = await run(60_000);
  expect(kept.map(({ lines }) => lines)).toEqual([1, 2, 3]);
  expect(kept.map((one) => readFileSync(logOf(one), 'utf8').split('\n').length)).toEqual([1, 2, 3]);
  const gone = await run(0);
  expect(gone.map((one) => existsSync(logOf(one)))).toEqual([false, false, false]);
  const { body } = await list();
  expect(body.map(({ ClientStatus }: { ClientStatus: string }) => ClientStatus)).toEqual(Array(6).fill('complete'));
});

test('what comes at a sink is waited for until all of it has come, and no line that came twice stands for another', async () => {
  const file = join(aFolder(), 'delivered.ndjson');
  const arrivals = startArrivals(file);
  onTestFinished(arrivals.close);
  writeFileSync(file, '{"message":"a:probe 1 1"}\n');
  await arrivals.waitForFirst({ task: undefined, timeoutMs: 5_000 });
  const line = (number: number) => `{"message":"a:short ${number} 1"}\n`;
  appendFileSync(file, line(1) + line(1));
  let isOver = false;
  const waiting = arrivals.waitForRest({ expected: 2, quietMs: 10_000 }).then(() => {
    isOver = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(isOver).toBe(false);
  appendFileSync(file, line(2));
  await waiting;
  expect([...linesOf(file)].filter((text) => !isProbe(text))).toHaveLength(3);
});

test('what is written to many tasks is counted to the line', async () => {
  const { node } = await aNode();
  const tasks = [1, 2, 3].map((number) => node.add({ jobId: `job-${number}` }));
  for (const task of tasks) node.run(task);
  const lines = makeLines({ lineBytes: 256 });
  const before = writeBytes({ tasks, lines, bytes: 50_000 });
  const writer = startWriter({ tasks, lines });
  writer.setRate(2_000_000);
  await waitUntil('some lines', () => writer.writtenAt(Date.now()) > 500);
  const live = writer.stop();
  const onDisk = tasks
    .map(({ allocId }) => readFileSync(join(node.allocDir, allocId, 'alloc', 'logs', 'app.stdout.0'), 'utf8'))
    .join('');
  expect(onDisk.split('\n').length - 1).toBe(before + live);
  expect(writer.writtenAt(0)).toBe(0);
});

test('a tail gives whole lines, each once, also of a file that comes later', () => {
  const file = join(aFolder(), 'log');
  const tail = createTail(file);
  expect(tail.read()).toEqual([]);
  writeFileSync(file, 'one\ntw');
  expect(tail.read()).toEqual(['one']);
  writeFileSync(file, 'o\nthree\n', { flag: 'a' });
  expect(tail.read()).toEqual(['two', 'three']);
  expect(tail.read()).toEqual([]);
  tail.close();
});

test('what a process takes is read from /proc; one that is gone takes nothing', () => {
  const { residentBytes, threads, openFiles, cpuSeconds } = useOf(process.pid);
  expect(residentBytes).toBeGreaterThan(10e6);
  expect(Math.min(threads, openFiles, cpuSeconds)).toBeGreaterThan(0);
  expect(commandOf(process.pid)[0]).toContain('node');
  const gone = 2 ** 22 + 1;
  expect(useOf(gone)).toMatchObject({ residentBytes: 0, threads: 0, openFiles: 0, cpuSeconds: 0 });
  expect([childrenOf(gone), commandOf(gone)]).toEqual([[], []]);
});
