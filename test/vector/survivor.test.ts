import { spawn } from 'node:child_process';
import { chmod, copyFile, mkdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isSameProcess, readProcess } from '../../lib/vector/process/identity.ts';
import { MARK, type MarkKind, markText, rootMark } from '../../lib/vector/process/mark.ts';
import { endSurvivors, type VectorRecord } from '../../lib/vector/process/survivor.ts';
import { type Behaviour, writeFakeVector } from './fake-vector.ts';
import { ownFolder, until, writeProgram } from './support.ts';

/** A root, and a fake vector that some earlier nvl has started on it; all of it is gone when the test ends. */
const aSite = async (behaviour: Behaviour = {}) => {
  const folder = await ownFolder();
  const root = join(folder, 'root');
  await mkdir(root);
  const fake = await writeFakeVector({ folder, behaviours: [behaviour] });
  const start = async ({ file = fake.binary, kind = 'runs' as MarkKind | 'unmarked', args = [] as string[] } = {}) => {
    const env = kind === 'unmarked' ? {} : { [MARK]: markText({ kind, mark: await rootMark(root) }) };
    const before = (await fake.events()).length;
    const child = spawn(file, args, { detached: true, stdio: 'ignore', env: { ...process.env, ...env } });
    onTestFinished(() => {
      try {
        process.kill(-(child.pid ?? 0), 'SIGKILL');
      } catch {
        // It is gone, as it should be.
      }
    });
    await until('it to start', async () => (await fake.events()).length > before);
    const record = await readProcess(child.pid ?? 0);
    if (record === undefined) throw new Error('no record');
    return record;
  };
  const end = async (given: Partial<Parameters<typeof endSurvivors>[0]> = {}) =>
    endSurvivors({ mark: await rootMark(root), binary: fake.binary, drainMs: 5_000, alsoAsks: true, ...given });
  return { ...fake, folder, root, start, end };
};

test('survivor: one that nobody wrote down is found by its mark, asked once, and waited for', async () => {
  const { start, end, events } = await aSite({ drainMs: 200 });
  const record = await start();
  const asked: VectorRecord[] = [];
  expect(await end({ onAsked: (one) => void asked.push(one) })).toEqual({ ended: 1, killed: 0 });
  expect(await events()).toEqual(['start', 'TERM', 'end']);
  expect(asked).toEqual([{ ...record, termSentAt: expect.any(Number) }]);
  expect(await isSameProcess(record)).toBe(false);
});

test.each([
  ['not asked yet', {}],
  ['asked by an earlier nvl', { termSentAt: 0 }],
])('survivor: a stopped one, %s, goes on, so that it can end', async (_, more) => {
  const { start, end, events } = await aSite();
  const record = await start();
  process.kill(record.pid, 'SIGSTOP');
  const asked = 'termSentAt' in more ? { record: { ...record, termSentAt: Date.now() } } : {};
  if ('termSentAt' in more) process.kill(record.pid, 'SIGTERM');
  expect(await end({ ...asked, drainMs: 20_000 })).toEqual({ ended: 1, killed: 0 });
  expect(await events()).toEqual(['start', 'TERM', 'end']);
});

test('survivor: one without a mark is found by what was written down', async () => {
  const { start, end, events } = await aSite();
  const record = await start({ kind: 'unmarked' });
  await end();
  expect(await events()).toEqual(['start']);
  await end({ record });
  expect(await events()).toEqual(['start', 'TERM', 'end']);
});

test('survivor: one that an earlier nvl asked is not asked again, and killed once its time is over', async () => {
  const { start, end, events } = await aSite({ drainMs: 60_000 });
  const record = { ...(await start()), termSentAt: Date.now() - 1_000 };
  expect(await end({ record, drainMs: 1_200 })).toEqual({ ended: 0, killed: 1 });
  expect(await events()).toEqual(['start']);
  expect(await isSameProcess(record)).toBe(false);
});

test('survivor: two of them are both ended', async () => {
  const { start, end, events } = await aSite();
  await start();
  await start();
  await end();
  expect((await events()).sort()).toEqual(['TERM', 'TERM', 'end', 'end', 'start', 'start']);
});

test.each([
  ['another start time', { startTime: '1' }],
  ['another boot', { bootId: 'other' }],
])('survivor: a record with %s speaks of another process, which is left alone', async (_, change) => {
  const { start, end, events } = await aSite();
  const record = await start({ kind: 'unmarked' });
  await end({ record: { ...record, ...change } });
  expect(await events()).toEqual(['start']);
});

test('survivor: that of another root is left alone', async () => {
  const [one, other] = [await aSite(), await aSite()];
  const record = await other.start();
  await one.end();
  expect(await isSameProcess(record)).toBe(true);
});

test('survivor: a root that was moved is known by its folder, one that was made anew by its path', async () => {
  const { root, folder, start, end, events } = await aSite();
  await start();
  await rename(root, join(folder, 'moved'));
  await end({ mark: await rootMark(join(folder, 'moved')) });
  expect(await events()).toEqual(['start', 'TERM', 'end']);
  await mkdir(root);
  await start();
  await rm(root, { recursive: true });
  await mkdir(join(folder, 'takes the inode'));
  await mkdir(root);
  await end();
  expect(await events()).toEqual(['start', 'TERM', 'end', 'start', 'TERM', 'end']);
});

test('survivor: one that only validates holds nothing and is killed at once, unless it may be this nvl’s own', async () => {
  const { start, end, events } = await aSite({ drainMs: 60_000 });
  const record = await start({ kind: 'asks' });
  await end({ alsoAsks: false });
  expect(await isSameProcess(record)).toBe(true);
  await end();
  expect(await events()).toEqual(['start']);
  expect(await isSameProcess(record)).toBe(false);
});

test('survivor: a script in front of Vector does not keep Vector from being asked once', async () => {
  const { folder, binary, start, end, events } = await aSite({ drainMs: 200 });
  const file = await writeProgram({ folder, name: 'wrapper', source: `#!/bin/sh\n${binary} "$@"\necho over\n` });
  await start({ file, args: ['-c', join(folder, 'root/live/nomad.toml')] });
  await end();
  expect(await events()).toEqual(['start', 'TERM', 'end']);
});

test('survivor: a script that passes the signal on and waits: Vector is asked once', async () => {
  const { folder, binary, start, end, events } = await aSite({ drainMs: 300 });
  const source = `#!/bin/bash\n${binary} "$@" &\ntrap 'kill $!; wait $!; exit' TERM\nwait $!\n`;
  const file = await writeProgram({ folder, name: 'wrapper', source });
  await start({ file });
  await end();
  expect(await events()).toEqual(['start', 'TERM', 'end']);
});

test('survivor: a program that Vector runs is not asked while Vector drains, and does not outlive it', async () => {
  const { folder, root, start, end, events } = await aSite({ drainMs: 300 });
  // The fake vector stands for the program: it notes each signal. What runs it is the Vector.
  const outer = await writeFakeVector({ folder: await ownFolder(), behaviours: [{ drainMs: 300 }] });
  const file = await writeProgram({
    folder,
    name: 'vector-with-exec',
    source: `const { spawn } = require('node:child_process');
spawn(${JSON.stringify(join(folder, 'vector'))}, [], { stdio: 'ignore' });
require(${JSON.stringify(outer.binary)});`,
  });
  await start({ file });
  await until('both', async () => (await outer.events()).length === 1);
  expect(await end({ mark: await rootMark(root) })).toMatchObject({ killed: 0 });
  expect(await outer.events()).toEqual(['start', 'TERM', 'end']);
  expect(await events()).toEqual(['start', 'TERM', 'end']);
});

test('survivor: a program that Vector left behind, and that comes again whenever it goes, holds nobody up', async () => {
  const { folder, root, end } = await aSite();
  const over = join(folder, 'over');
  // Each starts the next one and ends; they end by themselves after half a minute.
  const file = await writeProgram({
    folder,
    name: 'again',
    source: `#!/bin/sh\ntrap '' TERM\nsleep 0.8\n[ "$1" -gt 40 ] || [ -e ${over} ] || "$0" $(($1 + 1)) &\n`,
  });
  onTestFinished(() => writeFile(over, ''));
  const env = { ...process.env, [MARK]: markText({ kind: 'runs', mark: await rootMark(root) }) };
  const first = spawn(file, ['0'], { detached: true, stdio: 'ignore', env });
  await new Promise((resolve) => first.once('close', resolve));
  expect(await end()).toEqual({ ended: 0, killed: 0 });
}, 20_000);

test('survivor: an nvl told to end meanwhile leaves it, asked once, to the next', async () => {
  const { start, end, events } = await aSite({ drainMs: 600 });
  await start();
  let record: VectorRecord | undefined;
  const onAsked = (one: VectorRecord) => {
    record = one;
  };
  await expect(end({ onAsked, signal: AbortSignal.timeout(200) })).rejects.toThrow();
  await end({ record });
  expect(await events()).toEqual(['start', 'TERM', 'end']);
});

test.runIf(process.getuid?.() === 0)(
  'survivor: one of another user hides its mark; it is known by its name and what it loads, and told of',
  async () => {
    const { root, folder } = await aSite();
    const file = join(await ownFolder(), 'vector');
    // A program of that name, which takes a path behind what it does.
    await copyFile(await realpath('/bin/sh'), file);
    const run = (path: string) => {
      const child = spawn(file, ['-c', 'sleep 60; :', path], { detached: true, stdio: 'ignore' });
      onTestFinished(() => void process.kill(-(child.pid ?? 0), 'SIGKILL'));
      return child.pid;
    };
    const pid = run(join(root, 'live/nomad.toml'));
    run('/another/live/nomad.toml');
    const found = await asNobody({ root, folder });
    expect(found).toEqual([pid]);
  },
);

/** What `findMarked` finds as a user that may read no environment. */
const asNobody = async ({ root, folder }: { root: string; folder: string }): Promise<number[]> => {
  const script = join(folder, 'look.mts');
  const [lib, marks] = ['marked', 'mark'].map(
    (name) => new URL(`../../lib/vector/process/${name}.ts`, import.meta.url).href,
  );
  await writeFile(
    script,
    `import { findMarked } from ${JSON.stringify(lib)};
     import { rootMark } from ${JSON.stringify(marks)};
     process.setuid(65534);
     const found = await findMarked({ mark: await rootMark(${JSON.stringify(root)}), binary: '/usr/bin/vector' });
     console.log(JSON.stringify(found.map(({ pid }) => pid)));`,
  );
  await chmod(folder, 0o755);
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await new Promise((resolve) => child.once('close', resolve));
  return JSON.parse(said);
};

test('survivor: neither this process nor what it descends from is ever taken for one', async () => {
  const { root, folder } = await aSite();
  const [lib, mark] = ['survivor', 'mark'].map(
    (name) => new URL(`../../lib/vector/process/${name}.ts`, import.meta.url).href,
  );
  const script = join(folder, 'nvl.mts');
  await writeFile(
    script,
    `import { endSurvivors } from ${JSON.stringify(lib)};
     import { rootMark } from ${JSON.stringify(mark)};
     console.log(await endSurvivors({ mark: await rootMark(${JSON.stringify(root)}), binary: 'vector', drainMs: 100, alsoAsks: true }));`,
  );
  const env = { ...process.env, [MARK]: markText({ kind: 'runs', mark: await rootMark(root) }) };
  // A shell that carries the mark as well, as where a Vector runs nvl.
  const child = spawn('sh', ['-c', `"${process.execPath}" ${script}; exit $?`], { env, stdio: 'ignore' });
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
});
