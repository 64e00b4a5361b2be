import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { aFolder, aNomad, textOf } from '../commands/support.ts';
import { aRawAllocation, idOf } from '../support/builders.ts';
import { type RunningNvl, startNvl } from '../support/nvl.ts';
import { needs, vector } from '../support/programs.ts';
import { aSmallDisk, canMount } from '../support/small-disk.ts';
import { readEvents } from '../support/vector.ts';
import { waitUntil } from '../support/wait.ts';

// nvl is killed with SIGKILL and started again, over and over, with a real Vector: never two of them, never none.

/** How often in each test; `VITEST_TIMES=20` for the whole proof (names that begin so reach a test). */
const TIMES = Number(process.env.VITEST_TIMES ?? 3);
const PATIENT = { timeoutMs: 60_000 };

/** Vectors that run on the files of this folder, but not those that only validate. */
const vectorsOn = (folder: string): number[] =>
  readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
      const isVector =
        basename(words[0] ?? '') === 'vector' &&
        words.some((word) => word.startsWith(folder) && word.endsWith('/own/in-use/files/*'));
      return isVector && !words.includes('validate') ? [Number(name)] : [];
    } catch {
      return [];
    }
  });

const aSite = async () => {
  const folder = await aFolder();
  const nomad = await aNomad(folder, [aRawAllocation()]);
  const logs = join(nomad.allocDir, idOf(1), 'alloc', 'logs');
  await mkdir(logs, { recursive: true });
  let lines = 0;
  const writing = setInterval(() => {
    appendFileSync(join(logs, 'app.stdout.0'), `line ${lines}\n`);
    lines += 1;
  }, 10);
  let most = 0;
  const watching = setInterval(() => {
    most = Math.max(most, vectorsOn(folder).length);
  }, 20);
  onTestFinished(() => {
    clearInterval(writing);
    clearInterval(watching);
    for (const pid of vectorsOn(folder)) process.kill(pid, 'SIGKILL');
  });
  return {
    folder,
    start: () =>
      startNvl({
        folder,
        config: { nomad: { address: nomad.address, interval: '1s' }, reload: { settle: '5ms:20ms' } },
      }),
    isLive: async () => ((await textOf(folder, 'root/live/nomad.toml')) ?? '').includes('[sources.nvl_default'),
    /** Ends the writing, and says what came of it all. */
    finish: async (nvl: RunningNvl) => {
      clearInterval(writing);
      const all = Array.from({ length: lines }, (_, index) => `line ${index}`);
      const arrived = async () => (await readEvents(nvl.delivered)).map(({ message }) => message);
      await waitUntil('the last line', async () => (await arrived()).includes(all.at(-1)), PATIENT);
      const running = vectorsOn(folder).length;
      await nvl.end();
      const got = await arrived();
      const [seen, missing] = [new Set(got), all.filter((line) => !got.includes(line)).length];
      return { most, running, missing, repeated: got.length - seen.size, left: vectorsOn(folder).length };
    },
  };
};

/** Resolves in the moment in which a new Vector is seen. */
const newVector = async (folder: string): Promise<void> => {
  const before = new Set(vectorsOn(folder));
  const end = Date.now() + PATIENT.timeoutMs;
  while (vectorsOn(folder).every((pid) => before.has(pid))) {
    if (Date.now() > end) throw new Error('waited in vain for a Vector');
    await sleep(1);
  }
};

const kill = async (nvl: RunningNvl): Promise<void> => {
  nvl.kill('SIGKILL');
  await nvl.ended;
};

const fine = { most: 1, running: 1, missing: 0, repeated: 0, left: 0 };

describe('nvl is killed', { timeout: 600_000 + TIMES * 60_000 }, () => {
  test('the moment its Vector appears', needs(vector), async () => {
    const site = await aSite();
    for (let turn = 0; turn < TIMES; turn += 1) {
      const nvl = await site.start();
      await newVector(site.folder);
      await kill(nvl);
    }
    const last = await site.start();
    await newVector(site.folder);
    expect(await site.finish(last)).toEqual(fine);
  });

  test('at any moment', needs(vector), async () => {
    const site = await aSite();
    for (let turn = 0; turn < TIMES; turn += 1) {
      const nvl = await site.start();
      // Evenly over what a start takes here, and some time behind it.
      await sleep(((turn + 0.5) / TIMES) * 5_000);
      await kill(nvl);
    }
    const last = await site.start();
    await newVector(site.folder);
    expect(await site.finish(last)).toEqual(fine);
  });

  test.runIf(canMount)('the moment its Vector appears, on a full disk', needs(vector), async () => {
    const site = await aSite();
    const disk = await aSmallDisk({ folder: join(site.folder, 'root') });
    const first = await site.start();
    await waitUntil('a live file', site.isLive, PATIENT);
    await waitUntil('a Vector', () => vectorsOn(site.folder).length === 1, PATIENT);
    // Its link is made last, and a full disk takes none.
    await waitUntil('a line', async () => (await readEvents(first.delivered)).length > 0, PATIENT);
    await kill(first);
    await disk.fill();
    for (let turn = 0; turn < TIMES; turn += 1) {
      const nvl = await site.start();
      await newVector(site.folder);
      await kill(nvl);
    }
    const last = await site.start();
    await newVector(site.folder);
    expect(await site.finish(last)).toEqual(fine);
  });
});
