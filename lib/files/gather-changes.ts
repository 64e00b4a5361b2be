export type ChangeGatherer = {
  add(allocId: string, name: string | undefined): void;
  stop(): void;
};

type Folder = { names: Set<string>; isWhole: boolean; timer: NodeJS.Timeout | undefined; readyAt: number };

/** The least pause between two looks at one folder, and how many times longer than the last look it is. */
const PAUSE_MS = 10;
const PAUSE_FACTOR = 9;
/** More names than this are not looked at one by one. */
const MOST_NAMES = 50;

/**
 * Gathers what changes in log folders, each by itself. A quiet folder is looked at at once. One in which a task makes names
 * as fast as it can takes a tenth of nvl's time at most, and keeps no other waiting.
 */
export const createChanges = (
  look: (allocId: string, names: readonly string[] | undefined) => void,
): ChangeGatherer => {
  const folders = new Map<string, Folder>();
  const flush = (allocId: string, folder: Folder): void => {
    const names = folder.isWhole ? undefined : [...folder.names];
    Object.assign(folder, { names: new Set(), isWhole: false, timer: undefined });
    const began = performance.now();
    look(allocId, names);
    const now = performance.now();
    folder.readyAt = now + Math.max(PAUSE_MS, (now - began) * PAUSE_FACTOR);
    forgetQuiet(now);
  };
  const forgetQuiet = (now: number): void => {
    if (folders.size < MOST_FOLDERS) return;
    for (const [allocId, { timer, readyAt }] of folders)
      if (timer === undefined && readyAt < now) folders.delete(allocId);
  };
  return {
    add: (allocId, name) => {
      const folder = folders.get(allocId) ?? { names: new Set(), isWhole: false, timer: undefined, readyAt: 0 };
      folders.set(allocId, folder);
      if (name === undefined || folder.names.size >= MOST_NAMES) folder.isWhole = true;
      else folder.names.add(name);
      // Not before all that inotify has now was read: it may be many times the same.
      folder.timer ??= setTimeout(() => flush(allocId, folder), Math.max(0, folder.readyAt - performance.now()));
    },
    stop: () => {
      for (const { timer } of folders.values()) clearTimeout(timer);
      folders.clear();
    },
  };
};

const MOST_FOLDERS = 1_000;
