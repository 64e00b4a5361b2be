import { type BigIntStats, lstatSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type LogStream, parseLinkName } from '../link-name.ts';
import type { Checkpoints, PositionsOf } from './checkpoints.ts';
import { fileKey } from './file-key.ts';
import type { FilePlaces } from './log-files.ts';
import { parseLogName } from './log-name.ts';
import { namesIn } from './own-folders.ts';

/** One log file as it is at one moment. Sizes are bytes, times milliseconds since the epoch. */
export type SampledFile = {
  /** The stem of its task. */
  id: string;
  /** Of one that is held, before its task is known. */
  allocId?: string;
  /** Undefined: it is held, and Vector does not see it. */
  pipeline?: string;
  stream: LogStream;
  index: number;
  bytes: number;
  /** Vector's position; undefined where that cannot be known. */
  readBytes: number | undefined;
  /** Nomad has deleted it: nvl's link is the only name that it has. */
  isOnlyCopy: boolean;
  modifiedAt: number;
};

export type LogSample = { at: number; files: readonly SampledFile[] };

/** A link of nvl's to a log file, as `Shelf` keeps it or a folder lists it. */
export type LinkToSample = {
  path: string;
  place: { kind: 'held'; allocId: string; name: string } | { kind: 'link'; pipeline: string } | { kind: 'pin' };
};

/** How many files are looked at before others have their turn. */
const FILES_A_TURN = 100;

/**
 * Looks at each log file that nvl has a link to and that is not delivered yet: its size, and how far Vector has read it. Nothing
 * is opened. It gives way to others all the time, and a file that goes meanwhile is left out.
 */
export const sampleLogs = async ({
  links,
  positionsOf,
  idOf,
  now,
}: {
  links: readonly LinkToSample[];
  /** Undefined: how far Vector has read is not known. */
  positionsOf: PositionsOf | undefined;
  /** The stem of a task. */
  idOf: (of: { allocId: string; task: string }) => string;
  now: () => number;
}): Promise<LogSample> => {
  const at = now();
  const files: SampledFile[] = [];
  const positions = await positionsIn({ links, positionsOf });
  for (const [count, { path, place }] of links.entries()) {
    if (count % FILES_A_TURN === FILES_A_TURN - 1) await nextTurn();
    const named = namedBy({ path, place, idOf });
    const found = named === undefined ? undefined : lookAtLink(path);
    if (named === undefined || found === undefined) continue;
    const { stats, isOnlyCopy } = found;
    const [bytes, modifiedAt] = [Number(stats.size), Number(stats.mtimeMs)];
    const readBytes =
      named.pipeline === undefined ? 0 : readBytesOf({ stats, positions: positions.get(named.pipeline) });
    files.push({ ...named, bytes, modifiedAt, isOnlyCopy, readBytes });
  }
  return { at, files };
};

/** The links below nvl's folders, for whoever only looks: the daemon knows its own. */
export const linksToSample = ({ links, held }: FilePlaces): LinkToSample[] => [
  ...namesIn(links).flatMap((pipeline) =>
    namesIn(join(links, pipeline)).map((name): LinkToSample => {
      return { path: join(links, pipeline, name), place: { kind: 'link', pipeline } };
    }),
  ),
  ...namesIn(held).flatMap((allocId) =>
    namesIn(join(held, allocId)).map((name): LinkToSample => {
      return { path: join(held, allocId, name), place: { kind: 'held', allocId, name } };
    }),
  ),
];

const namedBy = ({
  path,
  place,
  idOf,
}: LinkToSample & { idOf: (of: { allocId: string; task: string }) => string }):
  | Pick<SampledFile, 'id' | 'allocId' | 'pipeline' | 'stream' | 'index'>
  | undefined => {
  if (place.kind === 'pin') return undefined;
  if (place.kind === 'link') {
    const found = parseLinkName(basename(path));
    return found && { id: found.stem, pipeline: place.pipeline, stream: found.stream, index: found.index };
  }
  const { allocId } = place;
  const found = parseLogName(place.name);
  return found && { id: idOf({ allocId, task: found.task }), allocId, stream: found.stream, index: found.index };
};

/** Of a symbolic link, what it leads to: it holds nothing. */
const lookAtLink = (path: string): { stats: BigIntStats; isOnlyCopy: boolean } | undefined => {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (stats?.isFile() === true) return { stats, isOnlyCopy: stats.nlink === 1n };
  const target = stats?.isSymbolicLink() ? statSync(path, { bigint: true, throwIfNoEntry: false }) : undefined;
  return target?.isFile() ? { stats: target, isOnlyCopy: false } : undefined;
};

/** What Vector has read of each pipeline, asked once for each: to wait for every file takes as long as to look at it. */
const positionsIn = async ({
  links,
  positionsOf,
}: {
  links: readonly LinkToSample[];
  positionsOf: PositionsOf | undefined;
}): Promise<ReadonlyMap<string, Checkpoints | undefined>> => {
  const read = new Map<string, Checkpoints | undefined>();
  for (const { place } of links) {
    if (place.kind !== 'link' || read.has(place.pipeline)) continue;
    // One after the other: each is a file that is opened.
    read.set(place.pipeline, await positionsOf?.(place.pipeline).catch(() => undefined));
  }
  return read;
};

const readBytesOf = ({
  stats,
  positions,
}: {
  stats: BigIntStats;
  positions: Checkpoints | undefined;
}): number | undefined => (positions === undefined ? undefined : Number(positionIn(positions, stats)));

/** A file that was cut is no longer than it is. */
const positionIn = (positions: Checkpoints, stats: BigIntStats): bigint => {
  const position = positions.get(fileKey(stats)) ?? 0n;
  return position > stats.size ? stats.size : position;
};
