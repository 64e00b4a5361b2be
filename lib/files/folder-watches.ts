import { type FSWatcher, watch } from 'node:fs';
import type { LogFolder } from './log-folder.ts';

export type FolderWatches = {
  /**
   * Watches this folder on the way to an allocation's logs, in place of the one before. True where it was not watched
   * yet: what came before is seen by reading it now.
   */
  follow(where: { allocId: string; depth: number; folder: LogFolder }): boolean;
  isWatched(allocId: string): boolean;
  /** Allocations whose folders inotify has no room for, or that change too often to be watched. */
  unwatched(): string[];
  close(allocId: string): void;
  closeAll(): void;
};

type Watched = { key: string; watcher: FSWatcher | undefined; isDeepest: boolean; noise: Noise };

/** What happens in a folder, by the second. `restUntil`: it is not watched before. */
type Noise = { since: number; events: number; rests: number; restUntil: number };

/** A watch a folder of an allocation: as deep as it goes for now, and at last on the log folder alone. */
export const createFolderWatches = ({
  onChange,
  onTrouble,
  onLoud = () => {},
  watchFolder = watch,
  now = Date.now,
}: {
  /** A name came or went; undefined where it is not told. */
  onChange: (allocId: string, name: string | undefined) => void;
  onTrouble: (error: unknown) => void;
  /** It changes too often to be watched, and for a while it is not. What came from other folders may be lost. */
  onLoud?: (allocId: string) => void;
  /** For tests: what inotify does. */
  watchFolder?: (path: string, listener: (event: string, name: string | null) => void) => FSWatcher;
  now?: () => number;
}): FolderWatches => {
  const watched = new Map<string, Watched>();
  const close = (allocId: string): void => {
    watched.get(allocId)?.watcher?.close();
    watched.delete(allocId);
  };
  const hush = (allocId: string, one: Watched): void => {
    one.watcher?.close();
    one.watcher = undefined;
    onLoud(allocId);
  };
  const open = (allocId: string, one: Watched, folder: LogFolder): FSWatcher | undefined => {
    const lose = (error: unknown): void => {
      onTrouble(error);
      one.watcher = undefined;
    };
    try {
      // Of the folder that was opened, whatever lies at its path by now. A line that is written is no news: Node tells it all the same.
      return watchFolder(folder.pathOf(''), (event, name) => {
        if (isTooLoud(one.noise, now())) hush(allocId, one);
        else if (event === 'rename') onChange(allocId, name ?? undefined);
      }).on('error', lose);
    } catch (error) {
      lose(error);
      return undefined;
    }
  };
  return {
    follow: ({ allocId, depth, folder }) => {
      const before = watched.get(allocId);
      const isSame = before?.key === folder.key;
      if (isSame && before.watcher !== undefined) return false;
      before?.watcher?.close();
      const noise = before?.noise ?? { since: 0, events: 0, rests: 0, restUntil: 0 };
      const one: Watched = { key: folder.key, watcher: undefined, isDeepest: depth === DEEPEST, noise };
      watched.set(allocId, one);
      if (noise.restUntil <= now()) one.watcher = open(allocId, one, folder);
      return !isSame;
    },
    isWatched: (allocId) => {
      const one = watched.get(allocId);
      return one?.isDeepest === true && one.watcher !== undefined;
    },
    unwatched: () => [...watched].flatMap(([allocId, { watcher }]) => (watcher === undefined ? [allocId] : [])),
    close,
    closeAll: () => {
      for (const allocId of [...watched.keys()]) close(allocId);
    },
  };
};

/** How many names below the alloc directory the log folder is. */
export const DEEPEST = 3;

/** Nomad writes to a log ten times a second at most. Linux keeps 16,384 events for all folders together. */
const MOST_EVENTS_A_SECOND = 1_000;
const REST_MS = 10_000;
const MOST_REST_MS = 300_000;

/**
 * Counts one more event, and says whether the folder is to be left alone for a while: longer each time, until it was
 * quiet for as long as it may rest at most.
 */
const isTooLoud = (noise: Noise, now: number): boolean => {
  if (now - noise.since >= 1_000) {
    if (now - noise.restUntil >= MOST_REST_MS) noise.rests = 0;
    Object.assign(noise, { since: now, events: 0 });
  }
  noise.events += 1;
  if (noise.events <= MOST_EVENTS_A_SECOND) return false;
  noise.restUntil = now + Math.min(MOST_REST_MS, REST_MS * 2 ** noise.rests);
  noise.rests += 1;
  noise.events = 0;
  return true;
};
