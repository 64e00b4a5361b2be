import { type BigIntStats, lstatSync, statSync } from 'node:fs';
import type { Log } from '../log.ts';
import { type Checkpoints, fileKey, readCheckpoints } from './checkpoints.ts';
import { overHold } from './hold.ts';
import type { OwnLink, Shelf } from './shelf.ts';

export type Sweeping = {
  shelf: Shelf;
  /** Vector's data folder; undefined where it is not known. */
  dataDir: string | undefined;
  now: () => number;
};

/** Vector forgets the position of a file a minute after it was last there. */
const PIN_MS = 60_000;

/**
 * A pin goes when Nomad has deleted the file and no position of Vector's is left: its inode may then be another file's.
 * While Nomad has the file, the pin says that it was delivered.
 */
export const removePins = async ({
  shelf,
  dataDir,
  sources,
  now,
}: Sweeping & { /** Those that Vector may run. */ sources: () => readonly string[] }): Promise<void> => {
  const due = shelf.all().filter((own) => own.place.kind === 'pin' && now() - own.since >= PIN_MS && isOnlyOwn(own));
  if (due.length === 0) return;
  const running = new Set(sources());
  const positionsOf = rememberPositions(dataDir);
  for (const own of due) {
    const id = own.place.kind === 'pin' ? own.place.id : undefined;
    const readers = id === undefined ? [...running] : running.has(id) ? [id] : [];
    const all = await Promise.all(readers.map(positionsOf));
    const isNamed = all.some((positions) => positions.has(own.key));
    // A task that runs again may want it back meanwhile.
    if (!isNamed && own.place.kind === 'pin') shelf.drop(own);
  }
};

/** What Nomad has deleted and Vector has not read is bounded: the oldest goes first, and what was unread is told by task. */
export const boundHeld = async ({
  shelf,
  dataDir,
  holdBytes,
  log,
}: Sweeping & { holdBytes: number; log: Log }): Promise<void> => {
  const files = shelf.all().flatMap((own) => {
    const found = own.isHard && own.place.kind !== 'pin' ? lstatOf(own.path) : undefined;
    return found?.nlink === 1n ? [{ key: own.key, bytes: Number(found.size), at: Number(found.mtimeMs) }] : [];
  });
  const positionsOf = rememberPositions(dataDir);
  const lost = new Map<string, { files: number; unreadBytes: number }>();
  for (const { key, bytes } of overHold({ files, hold: holdBytes })) {
    const own = shelf.get(key);
    if (own === undefined) continue;
    const { place } = own;
    const position = place.kind === 'link' ? (await positionsOf(place.id)).get(key) : undefined;
    const task = place.kind === 'held' ? `${place.allocId} ${place.name}` : (place.id ?? key);
    const before = lost.get(task) ?? { files: 0, unreadBytes: 0 };
    lost.set(task, { files: before.files + 1, unreadBytes: before.unreadBytes + bytes - Number(position ?? 0n) });
    if (own.place === place) shelf.drop(own);
  }
  for (const [task, unread] of lost) log.error({ task, ...unread, hold: holdBytes }, OVER_HOLD);
};

const OVER_HOLD =
  'nvl held more deleted log files than collect.hold allows, and let the oldest go: the sink is slower than the tasks, or away';

/** Each source's are read once. */
const rememberPositions = (dataDir: string | undefined) => {
  const read = new Map<string, Promise<Checkpoints>>();
  return (id: string): Promise<Checkpoints> => {
    const known = read.get(id) ?? (dataDir === undefined ? NONE : readCheckpoints({ dataDir, id }));
    read.set(id, known);
    return known;
  };
};

const NONE: Promise<Checkpoints> = Promise.resolve(new Map());

const lstatOf = (path: string): BigIntStats | undefined => lstatSync(path, { bigint: true, throwIfNoEntry: false });

/** Nomad has deleted it. */
const isOnlyOwn = ({ path, key, isHard }: OwnLink): boolean => {
  const found = isHard ? lstatOf(path) : statSync(path, { bigint: true, throwIfNoEntry: false });
  if (found === undefined) return true;
  return isHard ? found.nlink === 1n : fileKey(found) !== key;
};
