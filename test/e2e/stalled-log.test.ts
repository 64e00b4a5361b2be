import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, closeSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { aFolder, aNomad, put } from '../commands/support.ts';
import { aRawAllocation, idOf } from '../support/builders.ts';
import { daemonFiles } from '../support/daemon-files.ts';
import { nvlProgram } from '../support/nvl.ts';
import { aPipe } from '../support/pipe.ts';
import { needs, pathOf, vector } from '../support/programs.ts';
import { fileSink, readEvents } from '../support/vector.ts';
import { waitUntil } from '../support/wait.ts';

// Whoever reads the output of `nvl run -- vector …` stops, or goes away: lines are delivered all the same, and new tasks ship.

const PATIENT = { timeoutMs: 60_000 };
/** A shell in which `nvl` is the one of this checkout, and `$1` what it is run with. */
const nvlCommand = (folder: string, args: string[]): string =>
  [
    process.execPath,
    nvlProgram,
    ...['run', '-c', join(folder, 'nvl.json'), '--', pathOf(vector), ...args, '-c', join(folder, 'team.toml')],
  ]
    .map((word) => `'${word}'`)
    .join(' ');

const aSite = async () => {
  const folder = await aFolder();
  const nomad = await aNomad(folder, [aRawAllocation({ id: idOf(1) })]);
  const delivered = join(folder, 'delivered.ndjson');
  await put(folder, {
    ...daemonFiles({ folder, address: nomad.address, config: { sinks: 'none' }, team: fileSink({ file: delivered }) }),
  });
  let tasks = 0;
  let lines = 0;
  const writing = setInterval(() => {
    lines += 1;
    for (let task = 1; task <= tasks; task += 1)
      appendFileSync(join(nomad.allocDir, idOf(task), 'alloc', 'logs', 'app.stdout.0'), `${task}: line ${lines}\n`);
  }, 20);
  onTestFinished(() => clearInterval(writing));
  const arrived = async (words: string) =>
    (await readEvents(delivered)).some(({ message }) => message?.startsWith(words));
  return {
    folder,
    /** Starts the next task, and waits until its lines and those of all others arrive. */
    newTask: async () => {
      tasks += 1;
      mkdirSync(join(nomad.allocDir, idOf(tasks), 'alloc', 'logs'), { recursive: true });
      nomad.setAllocations(Array.from({ length: tasks }, (_, at) => aRawAllocation({ id: idOf(at + 1) })));
      await waitUntil(`a line of task ${tasks}`, () => arrived(`${tasks}: line `), PATIENT);
      const next = lines + 1;
      for (let task = 1; task <= tasks; task += 1)
        await waitUntil(`a new line of task ${task}`, () => arrived(`${task}: line ${next}`), PATIENT);
    },
  };
};

const start = (command: string, stdio: ['ignore', number | 'ignore', number | 'ignore'], folder: string) => {
  const child = spawn('/bin/sh', ['-c', command], { cwd: folder, env: { PATH: process.env.PATH }, stdio });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const end = async (): Promise<number | null> => {
    child.kill('SIGTERM');
    return ended;
  };
  onTestFinished(async () => {
    const force = setTimeout(() => child.kill('SIGKILL'), 30_000);
    await end();
    clearTimeout(force);
  });
  return { child, ended, end };
};

const TEXT: string[] = [];
const JSON_LOG = ['--log-format', 'json'];

type Streams = (pipe: number) => ['ignore', number | 'ignore', number | 'ignore'];
const stderr: Streams = (pipe) => ['ignore', 'ignore', pipe];
const both: Streams = (pipe) => ['ignore', pipe, pipe];

test.each([
  ['its stderr, Vector logs as text', TEXT, stderr],
  ['its stderr, Vector logs as JSON', JSON_LOG, stderr],
  ['either stream, Vector logs as text', TEXT, both],
])('nobody reads %s: lines arrive, new tasks ship', needs(vector), async (_, args, stdio) => {
  const site = await aSite();
  const pipe = aPipe(site.folder);
  pipe.fill();
  const nvl = start(`exec ${nvlCommand(site.folder, args)}`, stdio(pipe.writer), site.folder);
  closeSync(pipe.writer);
  for (let task = 1; task <= 4; task += 1) await site.newTask();
  expect(await nvl.end()).toBe(0);
});

test.each([
  ['as text', TEXT],
  ['as JSON', JSON_LOG],
])('nvl run … 2>&1 | head -1, Vector logs %s: nothing ends by it', needs(vector), async (_, args) => {
  const site = await aSite();
  execFileSync('mkfifo', [join(site.folder, 'fifo')]);
  const head = spawn('/bin/sh', ['-c', 'head -1 < fifo'], { cwd: site.folder, stdio: 'ignore' });
  const hasSeenEnough = new Promise((resolve) => head.once('exit', resolve));
  const nvl = start(`exec ${nvlCommand(site.folder, args)} > fifo 2>&1`, ['ignore', 'ignore', 'ignore'], site.folder);
  await hasSeenEnough;
  for (let task = 1; task <= 3; task += 1) await site.newTask();
  expect(nvl.child.exitCode).toBe(null);
  expect(await nvl.end()).toBe(0);
});
