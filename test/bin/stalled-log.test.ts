import { spawn } from 'node:child_process';
import { closeSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { aFolder, aNomad, aVector, put, textOf } from '../commands/support.ts';
import { aRawAllocation, idOf } from '../support/builders.ts';
import { daemonFiles } from '../support/daemon-files.ts';
import { projectFolder } from '../support/nvl.ts';
import { aPipe } from '../support/pipe.ts';
import { waitUntil } from '../support/wait.ts';
import type { Behaviour } from '../vector/fake-vector.ts';

// The whole program, over streams whose reader stops. What it cannot write must cost neither a task nor memory.

const KIB = 1024;

type Streams = { stdio: (pipe: number) => ['ignore', number | 'ignore' | 'pipe', number | 'pipe'] };

const start = async ({ behaviour = {}, stdio }: { behaviour?: Behaviour } & Streams) => {
  const folder = await aFolder();
  const nomad = await aNomad(folder, [aRawAllocation({ id: idOf(1) })]);
  const vector = await aVector(folder, [behaviour]);
  await put(folder, {
    ...daemonFiles({ folder, address: nomad.address, config: { vector: { drain: '5s' } } }),
  });
  const pipe = aPipe(folder);
  const args = [join(projectFolder, 'bin', 'nvl.js'), 'run', '-c', join(folder, 'nvl.json')];
  const child = spawn(process.execPath, [...args, '--', vector.binary, '-c', join(folder, 'team.toml')], {
    cwd: folder,
    env: { PATH: process.env.PATH },
    stdio: stdio(pipe.writer),
  });
  closeSync(pipe.writer);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const killAtExit = () => child.kill('SIGKILL');
  onTestFinished(async () => {
    child.kill('SIGTERM');
    const force = setTimeout(killAtExit, 10_000);
    await ended;
    clearTimeout(force);
  });
  return {
    nomad,
    vector,
    child,
    pipe,
    ended,
    does: (...events: string[]) =>
      waitUntil(`vector to ${events}`, async () => (await vector.events()).join() === events.join(), {
        timeoutMs: 90_000,
      }),
    live: async () => (await textOf(folder, 'root/live/nomad.toml')) ?? '',
    memoryMib: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / KIB,
  };
};

const STREAMS: Record<string, Streams['stdio']> = {
  'a pipe': (pipe) => ['ignore', 'ignore', pipe],
  'one pipe for both streams': (pipe) => ['ignore', pipe, pipe],
  'a socket': () => ['ignore', 'ignore', 'pipe'],
};

const MINUTES = { timeout: 180_000 };

test.each(Object.entries(STREAMS))(
  'nobody reads the log, %s: new tasks are collected, memory stays, and the end comes when it is told to',
  MINUTES,
  async (_, stdio) => {
    const nvl = await start({ stdio, behaviour: { chatterBytes: 1_024 * KIB } });
    await nvl.does('start');
    await waitUntil('the first file', async () => (await nvl.live()) !== '', { timeoutMs: 90_000 });
    const before = nvl.memoryMib();
    for (const [index, digit] of [2, 3, 4, 5].entries()) {
      const ids = Array.from({ length: digit }, (__, at) => idOf(at + 1));
      nvl.nomad.setAllocations(ids.map((id) => aRawAllocation({ id })));
      await nvl.does('start', ...Array.from({ length: index + 1 }, () => 'HUP'));
    }
    // 5 MiB were written by now.
    expect(nvl.memoryMib() - before).toBeLessThan(20);
    // An end that waited for the reader would never come.
    nvl.child.kill('SIGTERM');
    expect(await nvl.ended).toBe(0);
    expect((await nvl.vector.events()).slice(-2)).toEqual(['TERM', 'end']);
  },
);

test(
  'the reader is back: it is told where something is missing, how much, and then all that comes',
  MINUTES,
  async () => {
    // Silent from the second reload on: what comes then is not more than this reader takes.
    const behaviour = { chatterBytes: [1_024 * KIB, 1_024 * KIB] };
    const nvl = await start({ stdio: STREAMS['a pipe'] as Streams['stdio'], behaviour });
    await nvl.does('start');
    nvl.nomad.setAllocations([1, 2].map((digit) => aRawAllocation({ id: idOf(digit) })));
    await nvl.does('start', 'HUP');
    const slow = { timeoutMs: 90_000 };
    await waitUntil('the gap to be told', () => nvl.pipe.read().includes('nobody read this log'), slow);
    // What the reload before still said may make one more gap, with the next file in it: the one after that is told.
    let tasks = 2;
    await waitUntil(
      'a later file to be told',
      () => {
        if (/nobody read this log[\s\S]*Vector has loaded/.test(nvl.pipe.read())) return true;
        tasks = Math.min(9, tasks + 1);
        nvl.nomad.setAllocations(Array.from({ length: tasks }, (_, at) => aRawAllocation({ id: idOf(at + 1) })));
        return false;
      },
      { ...slow, everyMs: 2_000 },
    );
    const lines = nvl.pipe.read().trimEnd().split('\n');
    const gaps = lines.filter((line) => line.includes('nobody read this log')).map((line) => JSON.parse(line));
    expect(gaps[0]).toMatchObject({ level: 'warn', seconds: expect.any(Number) });
    expect(gaps[0].bytes).toBeGreaterThan(500 * KIB);
    // No line is torn, neither at the gap nor where nvl's meet Vector's.
    for (const line of lines) expect(line).toMatch(/^(\{.*\}|2026-11-23T.*\S)$/);
  },
);

test('the reader goes away: nothing ends by it', MINUTES, async () => {
  const nvl = await start({ stdio: () => ['ignore', 'ignore', 'pipe'] });
  nvl.child.stderr?.destroy();
  await nvl.does('start');
  nvl.nomad.setAllocations([1, 2].map((digit) => aRawAllocation({ id: idOf(digit) })));
  await nvl.does('start', 'HUP');
  nvl.child.kill('SIGTERM');
  expect(await nvl.ended).toBe(0);
});
