import type { Log } from '../log.ts';
import { positionsReader } from './checkpoints.ts';
import { overHold } from './hold.ts';
import type { LogKeeper } from './keep-logs.ts';
import { lstatOf, type Orphans } from './orphans.ts';

export type Bounding = {
  keeper: LogKeeper;
  orphans: Orphans;
  /** Vector's data folder; undefined where it is not known. */
  dataDir: string | undefined;
  /** The most bytes that only nvl keeps. */
  holdBytes: number;
  log: Log;
};

/** What Nomad has deleted and Vector has not read is bounded: the oldest goes first, and what was unread is counted by task. */
export const boundHeld = async ({ keeper, orphans, dataDir, holdBytes, log }: Bounding): Promise<void> => {
  const { shelf } = keeper;
  const held = orphans.all().flatMap((own) => {
    const found = own.isHard && own.place.kind !== 'pin' ? lstatOf(own.path) : undefined;
    return found === undefined ? [] : [{ key: own.key, bytes: Number(found.size), at: Number(found.mtimeMs) }];
  });
  const positionsOf = positionsReader(dataDir);
  const gone = new Map<string, { files: number; bytes: number }>();
  for (const { key, bytes } of overHold({ files: held, hold: holdBytes })) {
    const own = shelf.get(key);
    if (own === undefined) continue;
    const { place } = own;
    const position = place.kind === 'link' ? (await positionsOf(place.pipeline)).get(key) : undefined;
    // A cycle may have moved it meanwhile.
    if (own.place !== place) continue;
    const task = keeper.taskOf(own);
    const before = gone.get(task) ?? { files: 0, bytes: 0 };
    gone.set(task, { files: before.files + 1, bytes: before.bytes + Math.max(0, bytes - Number(position ?? 0n)) });
    shelf.drop(own);
  }
  for (const [task, unread] of gone) {
    keeper.unread.add({ task, ...unread, why: 'hold' });
    log.error({ task, files: unread.files, unreadBytes: unread.bytes, hold: holdBytes }, OVER_HOLD);
  }
};

const OVER_HOLD =
  'nvl held more deleted log files than collect.hold allows, and let the oldest go: the sink is slower than the tasks, or away';
