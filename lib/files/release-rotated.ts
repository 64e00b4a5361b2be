import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { type PositionsOf, positionsReader } from './checkpoints.ts';
import { fileKey } from './file-key.ts';
import type { LogKeeper } from './keep-logs.ts';
import { endOfLastLine } from './log-files.ts';
import { isReadToEnd, rotatedOf } from './rotation.ts';
import type { OwnLink } from './shelf.ts';

export type Releasing = {
  keeper: LogKeeper;
  /** Undefined: how far Vector has read is not known, and nothing is let go for having been read. */
  dataDir: string | undefined;
  /** When the Vector that runs was first known to run this source. */
  loadedAt: (id: string) => number | undefined;
  now: () => number;
};

/** How long Vector may take to find a file of a source it runs. */
const FOUND_MS = 5_000;
const PAUSE_MS = 1_000;
const MOST_PAUSE_MS = 10_000;

type End = { size: bigint; lastNewline: bigint };

/** A file that is not the newest of its stream goes out of Vector's sight as soon as it is read. */
export const createRelease = (releasing: Releasing): (() => Promise<void>) => {
  const { keeper, dataDir, now } = releasing;
  /** A sink that is away for hours is not worth a look a second. */
  const pauses = new Map<string, { ms: number; until: number }>();
  const ends = new Map<string, End>();
  /** Sources that may have rotated files: all at first, and then those whose links came or went. */
  const waiting = new Set(keeper.shelf.linkedIds());
  return async () => {
    if (dataDir === undefined) return;
    for (const id of keeper.shelf.takeTouched()) waiting.add(id);
    if (waiting.size === 0) return;
    const positionsOf = positionsReader(dataDir);
    const linked = new Set(keeper.linkedIds());
    for (const id of waiting) {
      const rotated = rotatedIn(keeper.shelf.linksOf(id));
      if (rotated.length === 0) {
        waiting.delete(id);
        pauses.delete(id);
      }
      if (rotated.length === 0 || !linked.has(id) || (pauses.get(id)?.until ?? 0) > now()) continue;
      const isMoved = await releaseOf({ id, rotated, positionsOf, ends, releasing });
      const ms = isMoved ? 0 : Math.min(MOST_PAUSE_MS, (pauses.get(id)?.ms ?? PAUSE_MS) * 2);
      pauses.set(id, { ms, until: now() + ms });
    }
  };
};

/** Whether one went. */
const releaseOf = async ({
  id,
  rotated,
  positionsOf,
  ends,
  releasing: { keeper, loadedAt, now },
}: {
  id: string;
  rotated: readonly OwnLink[];
  positionsOf: PositionsOf;
  ends: Map<string, End>;
  releasing: Releasing;
}): Promise<boolean> => {
  const isOld = (since: number): boolean => now() - since >= FOUND_MS;
  let isMoved = false;
  for (const own of rotated) {
    const end = await endOf({ own, known: ends.get(own.key) });
    if (end === undefined) continue;
    ends.set(own.key, end);
    if (own.place.kind !== 'link') continue;
    const { pipeline } = own.place;
    const position = (await positionsOf(pipeline)).get(own.key);
    const isWhole = position !== undefined && position >= end.size;
    // When it was loaded is asked for only where it matters, since that costs.
    const isFound = !isWhole && isOld(own.since) && isOld(loadedAt(id) ?? now());
    // A cycle may have moved it meanwhile.
    if (!isReadToEnd({ ...end, position, isFound }) || own.place.kind !== 'link') continue;
    isMoved = keeper.shelf.move(own, { kind: 'pin', id, pipeline }) || isMoved;
    ends.delete(own.key);
  }
  return isMoved;
};

const rotatedIn = (links: readonly OwnLink[]): OwnLink[] => {
  if (links.length < 2) return [];
  const named = new Map(
    links.flatMap((own): [string, OwnLink][] => (own.place.kind === 'link' ? [[own.place.name, own]] : [])),
  );
  return rotatedOf([...named.keys()]).flatMap((name) => named.get(name) ?? []);
};

const endOf = async ({ own, known }: { own: OwnLink; known: End | undefined }): Promise<End | undefined> => {
  const found = openOwn(own);
  if (found === undefined) return undefined;
  try {
    const { fd, size } = found;
    if (known?.size === size) return known;
    return { size, lastNewline: BigInt(await endOfLastLine({ fd, size: Number(size) })) };
  } finally {
    closeSync(found.fd);
  }
};

const openOwn = ({ path, key, isHard }: OwnLink): { fd: number; size: bigint } | undefined => {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | (isHard ? constants.O_NOFOLLOW : 0));
    const found = fstatSync(fd, { bigint: true });
    if (fileKey(found) === key && found.isFile()) return { fd, size: found.size };
    closeSync(fd);
  } catch {
    // Somebody took it away: a cycle finds that out.
  }
  return undefined;
};
