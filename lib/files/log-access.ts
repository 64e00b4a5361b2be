import {
  type FilePlaces,
  isFolderGone,
  type LogFile,
  linksByStem,
  listTaskFiles,
  type TaskNames,
} from './log-files.ts';

/** What a cycle may look at; nothing is made or moved. */
export type TaskFiles = {
  /** The log files of one task; `pinned`: those it was let go with, which count too. */
  filesOf(names: TaskNames & { pinned?: readonly PinnedFile[] }): Promise<LogFile[] | undefined>;
  isGone(where: Pick<TaskNames, 'allocDir' | 'allocId'>): boolean;
};

export type PinnedFile = { name: string; dev: string; ino: string };

/** A task whose files go where Vector reads. A Vector in a container may see Nomad's files under another path. */
export type LinkedTask = TaskNames & { pipeline: string; asVectorSees: (path: string) => string };

/** How Vector reaches the logs of tasks. Each call is about one task, and throws for that one alone. */
export type LogAccess = TaskFiles & {
  /** Looks, once a cycle, what somebody took away of the links where Vector reads: `open` makes it anew. */
  findLost(): void;
  /** Vector may read this task from now on, new files of it included. `restore`: what was let go and is wanted again. */
  open(task: LinkedTask & { restore?: readonly PinnedFile[] }): void;
  /** Out of Vector's sight, which makes it deliver a last line without a newline. */
  close(task: { id: string }): void;
  /** The links of a task where Vector reads: what each leads to (`device:inode`), and its stream and index (`stdout.000000000`). */
  linkedOf(task: { id: string }): { key: string; file: string }[];
  /** Whether nvl has a link to what is at this `device:inode`, wherever. */
  owns(key: string): boolean;
  /** Vector was waited for, and has not read all of it: so many bytes are counted as unread. */
  gaveUp(task: { allocId: string; task: string; bytes: bigint }): void;
  /** What is held of a task that is not collected is let go, and of an allocation that nobody knows after a while. */
  settle(known: KnownTasks): void;
};

export type KnownTasks = {
  /** Sources whose files Vector reads. */
  linked: ReadonlySet<string>;
  /** Tasks that are remembered, by `taskKey`. */
  claimed: Pick<ReadonlySet<string>, 'has'>;
  /** Allocations whose tasks are all known. */
  listed: Pick<ReadonlySet<string>, 'has'>;
  /** The list is whole. */
  isSure: boolean;
  now: number;
};

/** One text for a task of an allocation. */
export const taskKey = ({ allocId, task }: { allocId: string; task: string }): string => `${allocId}/${task}`;

export const pinnedKey = ({ dev, ino }: PinnedFile): string => `${dev}:${ino}`;

export const lookOnly = (places: FilePlaces): TaskFiles => {
  let links: ReadonlyMap<string, string[]> | undefined;
  return {
    filesOf: ({ pinned = [], ...names }) => {
      links ??= linksByStem(places);
      return filesOf({ names, places, pinned, links: links.get(names.id) ?? [] });
    },
    isGone: (where) => isFolderGone({ ...where, only: places.only }),
  };
};

/** `links`: the paths of those of the task. */
export const filesOf = ({
  pinned,
  ...given
}: {
  names: TaskNames;
  places: FilePlaces;
  links: readonly string[];
  pinned: readonly PinnedFile[];
}): Promise<LogFile[] | undefined> =>
  listTaskFiles({ ...given, pinned: new Map(pinned.map((file) => [pinnedKey(file), file.name])) });

/** For a recording, of which no file is on this machine. */
export const NO_FILES: TaskFiles = { filesOf: async () => undefined, isGone: () => false };
