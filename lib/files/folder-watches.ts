import { type FSWatcher, watch } from 'node:fs';
import type { LogFolder } from './log-folder.ts';
import { createNoise, type Noise } from './noise.ts';

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

type Watching = {
  /** A name came or went; undefined where it is not told. */
  onChange: (allocId: string, name: string | undefined) => void;
  onTrouble: (error: unknown, allocId: string) => void;
  /** It changes too often to be watched, and for a while it is not. What came from other folders may be lost. */
  onLoud?: (allocId: string) => void;
  /** For tests: what inotify does. */
  watchFolder?: (path: string, listener: (event: string, name: string | null) => void) => FSWatcher;
  now?: () => number;
};

/** A watch a folder of an allocation: as deep as it goes for now, and at last on the log folder alone. */
export const createFolderWatches = ({
  onChange,
  onTrouble,
  onLoud = () => {},
  watchFolder = watch,
  now = Date.now,
}: Watching): FolderWatches => {
  const watched = new Map<string, Watched>();
  const close = (allocId: string): void => {
    watched.get(allocId)?.watcher?.close();
    watched.delete(allocId);
  };
  const open = (allocId: string, one: Watched, folder: LogFolder): FSWatcher | undefined => {
    const lose = (error: unknown): void => {
      one.watcher = undefined;
      onTrouble(error, allocId);
    };
    try {
      // Of the folder that was opened, whatever lies at its path by now. A line that is written is no news: Node tells it all the same.
      return watchFolder(folder.pathOf(''), (event, name) => {
        if (one.noise.isTooMuch(now())) {
          one.watcher?.close();
          one.watcher = undefined;
          onLoud(allocId);
        } else if (event === 'rename') onChange(allocId, name ?? undefined);
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
      const noise = before?.noise ?? createNoise();
      const one: Watched = { key: folder.key, watcher: undefined, isDeepest: depth === DEEPEST, noise };
      watched.set(allocId, one);
      if (!noise.isResting(now())) one.watcher = open(allocId, one, folder);
      return !isSame;
    },
    isWatched: (allocId) => {
      const one = watched.get(allocId);
      return one?.isDeepest === true && one.watcher !== undefined;
    },
    unwatched: () => {
      const found: string[] = [];
      // Every second, and there is mostly none among thousands.
      for (const [allocId, { watcher }] of watched) if (watcher === undefined) found.push(allocId);
      return found;
    },
    close,
    closeAll: () => {
      for (const allocId of [...watched.keys()]) close(allocId);
    },
  };
};

/** How many names below the alloc directory the log folder is. */
export const DEEPEST = 3;
