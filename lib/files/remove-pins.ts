import { closeSync, constants, fstatSync, ftruncateSync, openSync } from 'node:fs';
import { type Checkpoints, positionsReader } from './checkpoints.ts';
import { fileKey } from './file-key.ts';
import { forgetPositions, ownSources } from './forget-positions.ts';
import type { Orphans } from './orphans.ts';
import type { OwnLink, Shelf } from './shelf.ts';

export type PinSweep = {
  shelf: Shelf;
  orphans: Orphans;
  /** Vector's data folder; undefined where it is not known. */
  dataDir: string | undefined;
  /** Sources that Vector may run, or is about to. */
  sources: () => readonly string[];
  now: () => number;
};

/** Vector forgets the position of a file a minute after it was last there. */
const PIN_MS = 60_000;
/** Vector never forgets a position that it read at its start and whose file was gone by then. */
const NEVER_FORGOTTEN_MS = 600_000;
const LONGEST_MS = 24 * 3_600_000;

/**
 * A pin goes when Nomad has deleted the file and no position of Vector's is left: its inode may then be another file's,
 * whose beginning would not be read. While Nomad has the file, the pin says that it was delivered.
 *
 * A source that has ended leaves its positions behind for ever; those of the pins are taken out, in case it comes back.
 * One that runs keeps some for ever too: then the pin stays for its inode, and is emptied, so that it costs no space.
 */
export const removePins = async (sweep: PinSweep): Promise<void> => {
  const { shelf, orphans, dataDir, now } = sweep;
  const due = orphans.all().filter((own) => own.place.kind === 'pin' && now() - own.since >= PIN_MS);
  if (due.length === 0) return;
  const named = await readersOf({ due, sweep });
  // From here on nothing can come between: a source that starts reads its positions.
  const running = new Set(sweep.sources());
  const stale = forgetEnded({ named, running, dataDir });
  for (const [own, readers] of named) {
    // A task that runs again may have wanted it back meanwhile.
    if (own.place.kind !== 'pin') continue;
    const runs = readers.filter(({ id }) => running.has(id));
    const ageMs = now() - own.since;
    const isStale = readers.some(({ id }) => stale.has(id)) && ageMs < LONGEST_MS;
    if (runs.length === 0 && !isStale) shelf.drop(own);
    else if (ageMs >= NEVER_FORGOTTEN_MS) emptyPin({ own, readers: runs, isOver: ageMs >= LONGEST_MS });
  }
};

/** Which sources have ended and keep their positions, since they cannot be written. */
const forgetEnded = ({
  named,
  running,
  dataDir,
}: {
  named: ReadonlyMap<OwnLink, readonly Reader[]>;
  running: ReadonlySet<string>;
  dataDir: string | undefined;
}): Set<string> => {
  const ended = new Map<string, Set<string>>();
  for (const [{ key, place }, readers] of named) {
    if (place.kind !== 'pin') continue;
    for (const { id } of readers) if (!running.has(id)) ended.set(id, (ended.get(id) ?? new Set()).add(key));
  }
  const failed = [...ended].filter(([id, keys]) => dataDir !== undefined && !forgetPositions({ dataDir, id, keys }));
  return new Set(failed.map(([id]) => id));
};

type Reader = { id: string; position: bigint };

/** Which sources have a position in each. */
const readersOf = async ({
  due,
  sweep: { dataDir, sources },
}: {
  due: readonly OwnLink[];
  sweep: PinSweep;
}): Promise<Map<OwnLink, Reader[]>> => {
  const positionsOf = positionsReader(dataDir);
  const everyone = due.every(({ place }) => place.kind === 'pin' && place.pipeline !== undefined)
    ? []
    : [...new Set([...sources(), ...ownSources(dataDir)])];
  const all = new Map<string, Checkpoints>();
  for (const id of everyone) all.set(id, await positionsOf(id));
  const readers = new Map<OwnLink, Reader[]>();
  for (const own of due) {
    const id = own.place.kind === 'pin' ? own.place.pipeline : undefined;
    const asked = id === undefined ? all : new Map([[id, await positionsOf(id)]]);
    readers.set(
      own,
      [...asked].flatMap(([reader, positions]) => {
        const position = positions.get(own.key);
        return position === undefined ? [] : [{ id: reader, position }];
      }),
    );
  }
  return readers;
};

/** What was delivered to its last byte, by everybody who read it; and at last whatever it is. */
const emptyPin = ({
  own: { path, key, isHard },
  readers,
  isOver,
}: {
  own: OwnLink;
  readers: readonly Reader[];
  isOver: boolean;
}): void => {
  if (!isHard) return;
  const fd = openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = fstatSync(fd, { bigint: true });
    const isRead = readers.every(({ position }) => position >= found.size);
    const isOurs = found.isFile() && fileKey(found) === key && found.nlink === 1n;
    if (isOurs && found.size > 0n && (isRead || isOver)) ftruncateSync(fd, 0);
  } finally {
    closeSync(fd);
  }
};
