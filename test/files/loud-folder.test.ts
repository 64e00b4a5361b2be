import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createFolderWatches } from '../../lib/files/folder-watches.ts';
import type { LogFolder } from '../../lib/files/log-folder.ts';
import { createRounds } from '../../lib/files/rounds.ts';
import { idOf } from '../support/builders.ts';
import { waitUntil } from '../support/wait.ts';
import { ALLOC, aSite, linkOf } from './support.ts';

const folder = {
  key: '1:1',
  state: undefined,
  owner: { dev: 1n, uid: 0n },
  pathOf: () => '/',
  names: () => [],
} satisfies LogFolder;

/** Watches of one folder whose events the test makes. */
const aLoudFolder = () => {
  let now = 0;
  let listen: (event: string, name: string | null) => void = () => {};
  let opened = 0;
  const changes: unknown[] = [];
  const loud: string[] = [];
  const watches = createFolderWatches({
    onChange: (_, name) => changes.push(name),
    onTrouble: () => {},
    onLoud: (allocId) => loud.push(allocId),
    now: () => now,
    watchFolder: (_, listener) => {
      opened += 1;
      listen = listener;
      const watcher = { close: () => {}, on: () => watcher };
      return watcher as never;
    },
  });
  return {
    watches,
    changes,
    loud,
    opened: () => opened,
    follow: () => watches.follow({ allocId: ALLOC, depth: 3, folder }),
    make: (events: number, event = 'change') => {
      for (let made = 0; made < events; made += 1) listen(event, 'app.stdout.0');
    },
    wait: (ms: number) => (now += ms),
  };
};

test('a folder that changes over 1,000 times a second is not watched for a while, longer each time', () => {
  const { watches, loud, opened, follow, make, wait } = aLoudFolder();
  follow();
  for (let second = 0; second < 100; second += 1) {
    make(1_000);
    wait(1_000);
  }
  expect(loud).toEqual([]);
  make(1_001);
  expect([loud, watches.isWatched(ALLOC), watches.unwatched()]).toEqual([[ALLOC], false, [ALLOC]]);
  wait(9_999);
  follow();
  expect([opened(), watches.isWatched(ALLOC)]).toEqual([1, false]);
  wait(1);
  follow();
  expect([opened(), watches.isWatched(ALLOC)]).toEqual([2, true]);
  make(1_001, 'rename');
  wait(19_999);
  follow();
  expect(watches.isWatched(ALLOC)).toBe(false);
  wait(1);
  follow();
  expect(watches.isWatched(ALLOC)).toBe(true);
  // It was quiet for five minutes.
  wait(300_000);
  make(1_001);
  wait(10_000);
  follow();
  expect(watches.isWatched(ALLOC)).toBe(true);
});

test('all come by within so many calls, each once, however many there are', () => {
  for (const size of [0, 1, 7, 300, 1_001]) {
    const rounds = createRounds(() => Array.from({ length: size }, (_, index) => index));
    const seen: number[] = [];
    let calls = 0;
    do {
      seen.push(...rounds.next(300));
      calls += 1;
    } while (!rounds.isBetween());
    expect(seen).toHaveLength(size);
    expect(calls).toBeLessThanOrEqual(300);
  }
});

// `mv` in a loop: some hundred thousand events a second, which fill the queue that all folders share.
const RENAMES = `
const { renameSync, writeFileSync } = require('node:fs');
process.chdir(process.argv[1]);
writeFileSync('a', '');
const until = Date.now() + Number(process.argv[2]);
while (Date.now() < until) for (let i = 0; i < 100; i += 1) { renameSync('a', 'b'); renameSync('b', 'a'); }
`;

test("a task that changes its folder as fast as it can takes little of nvl's time, and keeps no other from its rotation", async () => {
  const site = aSite();
  mkdirSync(site.logsOf(), { recursive: true });
  site.write('app.stdout.0', 'a\n', idOf(2));
  const keeper = site.keeper();
  onTestFinished(() => keeper.stop());
  keeper.watch();
  keeper.see({ allocDir: site.allocDir });
  keeper.open(site.app(idOf(2)));
  const child = spawn(process.execPath, ['-e', RENAMES, site.logsOf(), '4000']);
  onTestFinished(() => void child.kill('SIGKILL'));
  await waitUntil('the folder to be left alone', () => site.logged.some((line) => line.includes('1,000 times')));
  const began = process.cpuUsage();
  for (let index = 1; index <= 10; index += 1) {
    site.write(`app.stdout.${index}`, 'a\n', idOf(2));
    await waitUntil(`index ${index}`, () => site.linked().includes(linkOf(index)), { everyMs: 2 });
    keeper.lookAgain({ isAll: false });
    await sleep(150);
  }
  const { user, system } = process.cpuUsage(began);
  expect(child.exitCode).toBe(null);
  // Of some 1.5 seconds; it was over half of a core. What tests before it left to be collected counts, too.
  expect((user + system) / 1_000).toBeLessThan(600);
}, 30_000);
