import { appendFile, mkdir, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunningVector, startVector } from '../support/vector.ts';
import { waitUntil } from '../support/wait.ts';

/** What one file gets in a round. */
type FilePart = { path: string; bytes: Buffer; isRead: boolean };

/**
 * Has a Vector read files: what they get in a round, once it has read what they got before and `roundMs` have passed. Then they are taken
 * away, so that a last line without its end is one, and Vector is ended in order. Rejects with what it says where it does not run.
 */
export const readFilesByVector = async ({
  root,
  folder,
  config,
  rounds,
  roundMs,
}: {
  /** For its data and its log. */
  root: string;
  /** Where all the files are. */
  folder: string;
  /** The glob of its configurations. */
  config: string;
  rounds: readonly (readonly FilePart[])[];
  roundMs: number;
}): Promise<void> => {
  const [first = [], ...later] = rounds;
  await append(first);
  const vector = await startVector({ folder: root, configs: [config], args: ['--color=never'], env: { TZ: 'UTC' } });
  try {
    const sizes = new Map<string, number>();
    for (const [index, round] of [first, ...later].entries()) {
      if (index > 0) await append(round);
      for (const { path, bytes, isRead } of round) if (isRead) sizes.set(path, (sizes.get(path) ?? 0) + bytes.length);
      await reached(vector, 'to read the files', () => hasRead({ vector, folder, sizes }));
      await sleep(roundMs);
    }
    await Promise.all([...sizes].map(([path]) => rm(path)));
    await reached(vector, 'to let go the files', async () => (await openFiles({ vector, folder })).size === 0);
    await sleep(SETTLE_MS);
  } finally {
    await vector.end({ graceMs: 60_000 });
  }
};

/** For what was read last to be on its way. */
const SETTLE_MS = 2_000;

const append = async (parts: readonly FilePart[]): Promise<void> => {
  // One after the other: Vector reads them in the order in which they were made.
  for (const { path, bytes } of parts) {
    await mkdir(dirname(path), { recursive: true });
    await appendFile(path, bytes);
  }
};

const reached = async (vector: RunningVector, what: string, isSo: () => Promise<boolean>): Promise<void> => {
  await waitUntil(`Vector ${what}`, async () => vector.hasEnded() || (await isSo()), {
    timeoutMs: 60_000,
    everyMs: 300,
  });
  if (vector.hasEnded()) throw new Error(`Vector ended\n${await vector.said()}`);
};

type Open = { vector: RunningVector; folder: string };

const hasRead = async ({ sizes, ...open }: Open & { sizes: ReadonlyMap<string, number> }): Promise<boolean> => {
  const positions = await openFiles(open);
  return [...sizes].every(([path, size]) => positions.get(path) === size);
};

/** The files below `folder` that it has open, and how far it has read each: proc_pid_fdinfo(5). */
const openFiles = async ({ vector: { pid }, folder }: Open): Promise<Map<string, number>> => {
  const found = new Map<string, number>();
  for (const fd of await readdir(`/proc/${pid}/fd`)) {
    const path = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '');
    if (!path.startsWith(`${folder}/`)) continue;
    const info = await readFile(`/proc/${pid}/fdinfo/${fd}`, 'utf8').catch(() => '');
    found.set(path, Number(/^pos:\s*(\d+)/m.exec(info)?.[1] ?? -1));
  }
  return found;
};
