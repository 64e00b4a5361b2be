import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DemoJob } from '../../lib/demo/allocation.ts';
import { createDemoNode } from '../../lib/demo/node.ts';
import { rowsOf } from '../../lib/pipelines/table.ts';
import { projectFolder } from '../../test/support/nvl.ts';
import { writePackage } from '../../test/support/package.ts';
import { waitUntil } from '../../test/support/wait.ts';
import { childrenOf, cpuSeconds, residentBytes } from './proc.ts';
import { TINY_VECTOR } from './tiny-vector.ts';

export type MemoryUse = {
  /** Resident bytes once every task is live, in the last third of the time (median), and the most there ever was. */
  started: number;
  settled: number;
  highest: number;
  /** How many tasks ended and were followed by another. */
  cycles: number;
  /** The most that the Vector below it ever took; next to nothing where that is the stand-in. */
  highestOfVector: number;
  /** Processor time of nvl from its start to the end, in seconds: what being small costs. */
  cpuSeconds: number;
};

const CHURN_MS = 500;

/** A node of so many tasks, two of which are replaced each second, nvl over it, and its resident memory once a second. */
export const measureMemory = async ({
  tasks,
  seconds,
  isSource,
  vector,
}: {
  tasks: number;
  seconds: number;
  isSource: boolean;
  /** A real Vector's program; a stand-in that takes nothing if undefined. */
  vector: string | undefined;
}): Promise<MemoryUse> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-memory-'));
  const node = await createDemoNode({ dataDir: join(folder, 'nomad'), seed: 1, pause: async () => {} });
  const ids: string[] = [];
  const startOne = async (number: number) => void ids.push(...(await node.startJob(jobOf(number))));
  for (let number = 0; number < tasks; number += 1) await startOne(number);
  await mkdir(join(folder, 'data'));
  await writeFile(join(folder, 'vector'), TINY_VECTOR, { mode: 0o755 });
  await writeFile(join(folder, 'team.toml'), `data_dir = ${JSON.stringify(join(folder, 'data'))}\n`);
  await writeFile(
    join(folder, 'nvl.yaml'),
    JSON.stringify({ root: 'root', nomad: { address: node.address }, collect: { removalDelay: '1s' } }),
  );
  const log = openSync(join(folder, 'nvl.log'), 'a');
  const args = [
    'run',
    '-c',
    join(folder, 'nvl.yaml'),
    '--',
    vector ?? join(folder, 'vector'),
    '-c',
    join(folder, 'team.toml'),
  ];
  const program = isSource ? join(projectFolder, 'bin', 'nvl.js') : writePackage(join(folder, 'package'));
  const nvl = spawn(process.execPath, [program, ...args], { cwd: folder, stdio: ['ignore', log, log] });
  const pid = nvl.pid ?? 0;
  const ended = new Promise((resolve) => nvl.once('exit', resolve));
  try {
    const table = () => readFile(join(folder, 'root/rows/tasks.csv'), 'utf8').catch(() => '');
    await waitUntil('all tasks to have a row', async () => rowsOf(await table()).length >= tasks, {
      timeoutMs: 120_000,
    }).catch(async (error: unknown) => {
      throw new Error(await readFile(join(folder, 'nvl.log'), 'utf8'), { cause: error });
    });
    const started = residentBytes(pid);
    const seen: number[] = [];
    const seenOfVector: number[] = [];
    let cycles = 0;
    for (const end = Date.now() + seconds * 1_000; Date.now() < end; cycles += 1) {
      const oldest = ids.shift();
      if (oldest !== undefined) {
        node.finishAllocation(oldest);
        node.removeAllocation(oldest);
      }
      await startOne(tasks + cycles);
      await sleep(CHURN_MS);
      // No faster than a busy machine can follow: what piles up there is no part of what nvl takes.
      const newest = (ids.at(-1) ?? '').slice(0, 8);
      await waitUntil('the row of the newest task', async () => (await table()).includes(newest), {
        timeoutMs: 60_000,
      });
      seen.push(residentBytes(pid));
      seenOfVector.push(residentBytesOfChildren(pid));
    }
    const last = seen.slice(-Math.ceil(seen.length / 3)).sort((a, b) => a - b);
    return {
      started,
      settled: last[Math.floor(last.length / 2)] ?? started,
      highest: Math.max(started, ...seen),
      cycles,
      highestOfVector: Math.max(...seenOfVector),
      cpuSeconds: cpuSeconds(pid),
    };
  } finally {
    nvl.kill('SIGTERM');
    await ended;
    await node.close();
    await rm(folder, { recursive: true, force: true });
  }
};

const jobOf = (number: number): DemoJob => ({
  id: `job-${number}`,
  meta: { team: `team-${number % 7}`, nvl_profile: 'default' },
  tasks: [{ name: 'app' }],
});

/** A child that has just ended counts for nothing. */
const residentBytesOfChildren = (pid: number): number =>
  childrenOf(pid).reduce((sum, child) => sum + residentBytes(child), 0);
