import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { aRawAllocation } from '../support/builders.ts';
import { startChild } from '../support/child.ts';
import { daemonFiles } from '../support/daemon-files.ts';
import { projectFolder } from '../support/nvl.ts';
import { waitUntil } from '../support/wait.ts';
import { aFolder, aNomad, aVector, put } from './support.ts';

// nvl is a process of its own here, so that it can be killed: what it leaves behind is for the next one to find.

const aSite = async ({ drainMs = 0 } = {}) => {
  const folder = await aFolder();
  const nomad = await aNomad(folder, [aRawAllocation()]);
  const vector = await aVector(folder, [{ drainMs }]);
  await put(folder, {
    ...daemonFiles({ folder, address: nomad.address, config: { vector: { drain: '5s' } } }),
  });
  const start = async () => {
    const nvl = await startChild(
      process.execPath,
      [join(projectFolder, 'bin/nvl.js'), 'run', '--', vector.binary, '-c', join(folder, 'team.toml')],
      {
        cwd: folder,
        env: { PATH: process.env.PATH, HOME: folder },
        logFile: join(folder, 'nvl.log'),
      },
    );
    onTestFinished(() => void nvl.end());
    return nvl;
  };
  const events = vector.events;
  onTestFinished(async () => {
    for (const note of await vector.notes()) {
      const [event, pid] = note.split(' ');
      try {
        if (event === 'start') process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It has ended.
      }
    }
  });
  return { folder, start, events };
};

/** How many fake vectors ran at once at most, by their notes: each start must find the ones before it ended. */
const mostAtOnce = (events: readonly (string | undefined)[]): number => {
  let [running, most] = [0, 0];
  for (const event of events) {
    if (event === 'start') running += 1;
    if (event === 'end') running -= 1;
    most = Math.max(most, running);
  }
  return most;
};

const kill = async (nvl: Awaited<ReturnType<typeof startChild>>): Promise<void> => {
  nvl.kill('SIGKILL');
  await nvl.ended;
};

test('nvl is killed the moment its Vector appears, again and again: there is never a second one, and in the end one', {
  timeout: 180_000,
}, async () => {
  const { start, events } = await aSite({ drainMs: 100 });
  const starts = async () => (await events()).filter((event) => event === 'start').length;
  for (let turn = 0; turn < 3; turn += 1) {
    const before = await starts();
    const nvl = await start();
    await waitUntil('Vector', async () => (await starts()) > before, { everyMs: 2, timeoutMs: 60_000 });
    await kill(nvl);
  }
  const last = await start();
  await waitUntil('the last Vector', async () => (await starts()) === 4, { timeoutMs: 60_000 });
  await last.end();
  const all = await events();
  expect(mostAtOnce(all)).toBe(1);
  // Each was told to end, once.
  expect(all.filter((event) => event === 'TERM')).toHaveLength(4);
});

test.each([
  ['is gone', (file: string) => rm(file, { force: true })],
  ['is damaged', (file: string) => writeFile(file, '{"schema":1,"vec')],
])(
  'what nvl remembers %s when it is killed: its Vector is found all the same',
  { timeout: 180_000 },
  async (_, harm) => {
    const { folder, start, events } = await aSite();
    // Whether a Vector is told of rows depends on when it was ready.
    const lived = async () => (await events()).filter((event) => event !== 'HUP');
    const nvl = await start();
    await waitUntil('Vector', async () => (await lived()).length === 1, { timeoutMs: 60_000 });
    await sleep(300);
    await kill(nvl);
    await harm(join(folder, 'root/state/state.json'));
    const next = await start();
    await waitUntil('the next Vector', async () => (await lived()).length === 4, { timeoutMs: 60_000 });
    expect(await lived()).toEqual(['start', 'TERM', 'end', 'start']);
    await next.end();
  },
);
