import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from '../errors.ts';
import { type PositionsOf, positionsReader, readPosition } from '../files/checkpoints.ts';

/** One file that Vector reads, and where its events end up. */
export type Watched = {
  id: string;
  /** The id of its source. */
  pipeline: string;
  bytes: number;
  eventsFile: string;
  /** By which the source knows it among others, as `fileKey` gives it; undefined where it is the source's only one. */
  key?: string | undefined;
};

/**
 * Waits until each file was read to its end and what came of it was delivered, which behind acknowledging sinks is what a
 * checkpoint says. A transform that holds events back for longer (`reduce`) keeps checkpoints standing: the wait ends
 * as well when nothing has moved for `stillMs`, since the orderly end of Vector that follows lets go of them. Stillness is counted
 * in looks: a machine with much to do makes fewer of them, and Vector slower by as much. Returns the ids that are not at their end.
 */
export const waitUntilRead = async ({
  watched,
  dataDir,
  startMs,
  stillMs,
  limitMs,
  hasStarted,
  isOver,
}: {
  watched: readonly Watched[];
  dataDir: string;
  /** How long Vector may take to start. */
  startMs: number;
  stillMs: number;
  /** The whole wait. */
  limitMs: number;
  hasStarted: () => boolean;
  /** True when Vector has ended, or nobody waits any more. */
  isOver: () => boolean;
}): Promise<string[]> => {
  const began = Date.now();
  let open = watched.filter(({ bytes }) => bytes > 0);
  let still = { looks: 0, mark: '' };
  while (open.length > 0 && !isOver()) {
    const isRunning = hasStarted();
    const positions = positionsReader(dataDir);
    const looks = await Promise.all(open.map((one) => look({ one, dataDir, positions })));
    open = open.filter((one, index) => (looks[index]?.position ?? 0n) < one.bytes);
    const mark = [isRunning, ...looks.map(({ position, delivered }) => `${position}/${delivered}`)].join(' ');
    still = mark === still.mark ? { looks: still.looks + 1, mark } : { looks: 0, mark };
    const everyMs = Math.max(EVERY_MS, open.length);
    if (still.looks * everyMs > (isRunning ? stillMs : startMs) || Date.now() - began > limitMs) break;
    if (open.length > 0) await sleep(everyMs);
  }
  return open.map(({ id }) => id);
};

/** And a ms for each file: to look at hundreds takes a while itself, which Vector could use. */
const EVERY_MS = 60;

const look = async ({
  one,
  ...where
}: {
  one: Watched;
  dataDir: string;
  positions: PositionsOf;
}): Promise<{ position: bigint; delivered: number }> => ({
  position: await positionOf({ one, ...where }),
  delivered: await sizeOf(one.eventsFile),
});

/** How far a file was read and delivered. */
export const positionOf = async ({
  one: { pipeline, key },
  dataDir,
  positions,
}: {
  one: Pick<Watched, 'pipeline' | 'key'>;
  dataDir: string;
  /** What Vector tells now of files that share a source. */
  positions: PositionsOf;
}): Promise<bigint> =>
  key === undefined ? readPosition({ dataDir, id: pipeline }) : ((await positions(pipeline)).get(key) ?? 0n);

const sizeOf = async (file: string): Promise<number> => {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 0;
    throw error;
  }
};
