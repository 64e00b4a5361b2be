import { execFileSync, spawn } from 'node:child_process';
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { ANOTHER_NAME } from '../../lib/files/judge-file.ts';
import { grabInThread, grabInThreadOf, type StartGrabber } from '../../lib/files/start-grabber.ts';
import { createTurns } from '../../lib/files/turns.ts';
import { idOf } from '../support/builders.ts';
import { waitUntil } from '../support/wait.ts';
import { ALLOC, aSite, linkOf, PIPELINE } from './support.ts';

/** A keeper that watches, as under the daemon, once its thread is at work. */
const watching = async (site: ReturnType<typeof aSite>, startGrabber: StartGrabber = grabInThread) => {
  const keeper = site.keeper({ startGrabber });
  onTestFinished(() => keeper.stop());
  keeper.watch();
  keeper.see({ allocDir: site.allocDir });
  site.write('first.stdout.0', 'a\n', idOf(9));
  await waitUntil('the thread to be at work', () => site.held(idOf(9)).length === 1);
  return keeper;
};

const sleepWithoutTurn = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

// As Nomad does on a full node: the folder is there for a fifth of a second.
const SHORT_TASK =
  'sleep 0.1; mkdir -p "$1"; echo all it ever said > "$1/app.stdout.0"; sleep 0.2; rm -r "$2"; echo gone';

test('a folder that comes and goes while nvl does nothing but think is taken', async () => {
  const site = aSite();
  const keeper = await watching(site);
  const child = spawn('sh', ['-c', SHORT_TASK, 'sh', site.logsOf(), join(site.allocDir, ALLOC)]);
  const gone = new Promise((resolve) => child.stdout.once('data', resolve));
  sleepWithoutTurn(1_500);
  expect(readdirSync(site.allocDir)).toEqual([idOf(9)]);
  expect(readFileSync(join(site.places.held, ALLOC, 'app.stdout.0'), 'utf8')).toBe('all it ever said\n');
  await gone;
  keeper.open(site.app());
  await waitUntil('it to lie where Vector reads', () => site.linked().includes(linkOf(0)));
  expect([site.held(), site.refused()]).toEqual([[], []]);
});

test('a new file of a task whose files Vector reads goes where it reads', async () => {
  const site = aSite();
  site.write('app.stdout.0', 'a\n');
  const keeper = await watching(site);
  keeper.open(site.app());
  for (let index = 1; index <= 5; index += 1) {
    site.write(`app.stdout.${index}`, 'a\n');
    await waitUntil(`index ${index}`, () => site.linked().includes(linkOf(index)), { everyMs: 2 });
  }
  expect(site.held()).toEqual([]);
});

test('the thread and the keeper look at the same files at the same time: each file has one link of nvl, and none is refused', async () => {
  const site = aSite();
  const keeper = await watching(site);
  const script =
    'for id in $2; do mkdir -p $1/$id/alloc/logs; for n in 0 1 2; do : > $1/$id/alloc/logs/app.stdout.$n; done; done';
  const ids = Array.from({ length: 150 }, (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`);
  const child = spawn('sh', ['-c', script, 'sh', site.allocDir, ids.join(' ')]);
  const isMade = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const heldCount = () => ids.reduce((sum, id) => sum + site.held(id).length, 0);
  for (const end = Date.now() + 20_000; heldCount() < 450 && Date.now() < end; await sleep(0))
    keeper.lookAgain({ isAll: true });
  await isMade;
  await waitUntil('all to be known', () => ids.every((id) => keeper.shelf.heldOf(id).length === 3));
  const links = ids.flatMap((id) =>
    readdirSync(site.logsOf(id)).map((name) => statSync(join(site.logsOf(id), name)).nlink),
  );
  expect(links).toEqual(Array.from({ length: 450 }, () => 2));
  expect([site.refused(), readdirSync(site.places.held).filter((name) => name.startsWith('.'))]).toEqual([[], []]);
}, 40_000);

test('what a task plants is named once, and nothing of it is taken', async () => {
  const site = aSite();
  const keeper = await watching(site);
  const secret = join(site.folder, 'secret');
  writeFileSync(secret, 'secret\n');
  mkdirSync(site.logsOf(), { recursive: true });
  await sleep(50);
  symlinkSync(secret, join(site.logsOf(), 'app.stdout.1'));
  execFileSync('mkfifo', [join(site.logsOf(), 'app.stdout.2')]);
  linkSync(secret, join(site.logsOf(), 'app.stdout.3'));
  site.write('app.stdout.0', 'a\n');
  await waitUntil('all to be judged', () => site.refused().length === 3 && site.held().length === 1);
  for (let times = 0; times < 3; times += 1) keeper.open(site.app());
  await sleep(100);
  expect([site.held(), site.linked()]).toEqual([[], [linkOf(0)]]);
  expect(readFileSync(join(site.places.links, PIPELINE, linkOf(0)), 'utf8')).toBe('a\n');
  expect(site.refused()).toEqual([
    'app.stdout.1: it is a symbolic link',
    'app.stdout.2: it is a pipe',
    `app.stdout.3: ${ANOTHER_NAME}`,
  ]);
});

test('a new file of a task that is not collected is let go at once', async () => {
  const site = aSite();
  site.write('opted-out.stdout.0', 'a\n');
  const keeper = await watching(site);
  await waitUntil('it to be known', () => keeper.shelf.heldOf(ALLOC).length === 1);
  keeper.settle(site.known());
  expect(site.held()).toEqual([]);
  site.write('opted-out.stdout.1', 'a\n');
  site.write('app.stdout.0', 'a\n');
  await waitUntil('the other one to be known', () => keeper.shelf.heldOf(ALLOC).length === 1);
  expect(site.held()).toEqual(['app.stdout.0']);
  expect(statSync(join(site.logsOf(), 'opted-out.stdout.1')).nlink).toBe(1);
});

test('a file is not put in the place of one of its name that is held', async () => {
  const site = aSite();
  await watching(site);
  const file = site.write('app.stdout.0', 'old\n');
  await waitUntil('it to be held', () => site.held().length === 1);
  const { ino } = statSync(file);
  mkdirSync(join(site.folder, 'kept'));
  linkSync(join(site.places.held, ALLOC, 'app.stdout.0'), join(site.folder, 'kept', 'old'));
  rmSync(file);
  const child = spawn('sh', ['-c', 'echo new > "$1"', 'sh', file]);
  // The thread alone is at work.
  sleepWithoutTurn(400);
  expect(statSync(join(site.places.held, ALLOC, 'app.stdout.0')).ino).toBe(ino);
  await new Promise((resolve) => child.once('close', resolve));
});

test('a thread that ends is told, and started anew; meanwhile folders are looked at', async () => {
  const site = aSite();
  const marker = join(site.folder, 'was-there');
  const program = join(site.folder, 'thread.mjs');
  const real = new URL('../../lib/files/grab-thread.ts', import.meta.url).href;
  writeFileSync(
    program,
    `import { existsSync, writeFileSync } from 'node:fs';
if (!existsSync(${JSON.stringify(marker)})) { writeFileSync(${JSON.stringify(marker)}, ''); throw new Error('it broke'); }
await import(${JSON.stringify(real)});`,
  );
  const keeper = site.keeper({
    startGrabber: (given) => grabInThreadOf({ ...given, program: pathToFileURL(program) }),
  });
  onTestFinished(() => keeper.stop());
  keeper.watch();
  keeper.see({ allocDir: site.allocDir });
  site.write('app.stdout.0', 'a\n');
  await waitUntil('it to be told', () => site.logged.some((line) => line.startsWith('error')));
  expect(site.entries.filter(({ said }) => said === 'it broke')).toHaveLength(1);
  keeper.lookAgain({ isAll: false });
  expect(site.held()).toEqual(['app.stdout.0']);
  // By the new one: nobody else looks.
  await waitUntil('what is new to be seen', () => {
    site.write('app.stdout.1', 'b\n', idOf(2));
    return site.held(idOf(2)).length === 1;
  });
  expect(site.refused()).toEqual([]);
});

test('whoever ended in its turn keeps the other waiting for a while, not for ever', () => {
  const shared = new Int32Array(new SharedArrayBuffer(4));
  const inTurn = createTurns({ shared, mostWaitMs: 50 });
  expect(inTurn(() => shared[0])).toBe(1);
  expect(() => inTurn(() => expect.fail('within'))).toThrow('within');
  expect(shared[0]).toBe(0);
  shared[0] = 1;
  const began = performance.now();
  expect(inTurn(() => 'done')).toBe('done');
  expect(performance.now() - began).toBeGreaterThanOrEqual(49);
  expect(shared[0]).toBe(1);
});

const mayHurry = (): boolean => {
  const child = spawn('sleep', ['10'], { stdio: 'ignore' });
  try {
    setPriority(child.pid ?? 0, -10);
    return true;
  } catch {
    return false;
  } finally {
    child.kill('SIGKILL');
  }
};

/** nice of each thread of this process; proc_pid_stat(5). */
const niceOfThreads = (): number[] =>
  readdirSync('/proc/self/task').map((thread) =>
    Number(
      readFileSync(`/proc/self/task/${thread}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[16],
    ),
  );

test.runIf(mayHurry())('the thread alone has a higher priority: not nvl, and no program that it starts', async () => {
  const site = aSite();
  const own = getPriority();
  const hurried = () => niceOfThreads().filter((nice) => nice === -10).length;
  await waitUntil('threads of other tests to end', () => hurried() === 0);
  await watching(site);
  await waitUntil('a thread to have it', () => hurried() === 1);
  expect(getPriority()).toBe(own);
  const said = execFileSync('sh', ['-c', 'nice'], { encoding: 'utf8' });
  expect(Number(said)).toBe(own);
});
