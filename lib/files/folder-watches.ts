import { type FSWatcher, watch } from 'node:fs';
import type { LogFolder } from './log-folder.ts';

export type FolderWatches = {
  /**
   * Watches this folder on the way to an allocation's logs, in place of the one before. True where it was not watched
   * yet: what came before is seen by reading it now.
   */
  follow(where: { allocId: string; depth: number; folder: LogFolder }): boolean;
  isWatched(allocId: string): boolean;
  /** Allocations whose folders inotify has no room for. */
  unwatched(): string[];
  close(allocId: string): void;
  closeAll(): void;
};

type Watched = { key: string; watcher: FSWatcher | undefined; isDeepest: boolean };

/** A watch a folder of an allocation: as deep as it goes for now, and at last on the log folder alone. */
export const createFolderWatches = ({
  onChange,
  onTrouble,
  watchFolder = watch,
}: {
  /** A name came or went; undefined where it is not told. */
  onChange: (allocId: string, name: string | undefined) => void;
  onTrouble: (error: unknown) => void;
  /** For tests: what inotify does. */
  watchFolder?: (path: string, listener: (event: string, name: string | null) => void) => FSWatcher;
}): FolderWatches => {
  const watched = new Map<string, Watched>();
  const close = (allocId: string): void => {
    watched.get(allocId)?.watcher?.close();
    watched.delete(allocId);
  };
  const open = ({ allocId, folder }: { allocId: string; folder: LogFolder }): FSWatcher | undefined => {
    const lose = (error: unknown): void => {
      onTrouble(error);
      const now = watched.get(allocId);
      if (now !== undefined) now.watcher = undefined;
    };
    try {
      // Of the folder that was opened, whatever lies at its path by now. A line that is written is no news: Node tells it all the same.
      return watchFolder(folder.pathOf(''), (event, name) => {
        if (event === 'rename') onChange(allocId, name ?? undefined);
      }).on('error', lose);
    } catch (error) {
      lose(error);
      return undefined;
    }
  };
  return {
    follow: ({ allocId, depth, folder }) => {
      const before = watched.get(allocId);
      if (before?.key === folder.key && before.watcher !== undefined) return false;
      close(allocId);
      watched.set(allocId, { key: folder.key, watcher: open({ allocId, folder }), isDeepest: depth === DEEPEST });
      return before?.key !== folder.key;
    },
    isWatched: (allocId) => {
      const now = watched.get(allocId);
      return now?.isDeepest === true && now.watcher !== undefined;
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
