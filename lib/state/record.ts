/**
 * What nvl remembers of one task, in `<root>/state`. Times are milliseconds since the epoch. Inodes and sizes are
 * digits, since JSON's numbers end at 2^53.
 *
 * `collected`: its links are there. `unlinked`: they are away so that Vector sends a last line without a newline; its row
 * is still there. `drained`: nobody asks for the row any more, and what was read is known by file.
 */
export type TaskRecord = {
  allocId: string;
  task: string;
  namespace: string;
  job: string;
  profile: string;
  logDir: string;
  phase: 'collected' | 'unlinked' | 'drained';
  /** The pipeline in whose folder its links are. */
  pipeline?: string;
  /** Those before, and when each was left: they may still deliver what they had read. */
  former?: { pipeline: string; leftAt: number }[];
  /** When the Vector that runs was first known to have its row; unknown when it ends. */
  loadedAt?: number | undefined;
  finishedAt?: number;
  /** Its files that Vector had not read to their last newline, each with the offset of that as its size. */
  unread?: FileRecord[];
  /** When the log folder was first seen to be gone. */
  goneAt?: number;
  /** Vector's positions in its files when they were last seen to move, and when that was. */
  positions?: { digest: string; since: number };
  /** When its links were first known to be gone. */
  unlinkedAt?: number;
  /** What its link was taken from: how large each was then. Of a collected task: those to be brought back. */
  files?: FileRecord[];
};

export type FileRecord = { name: string; dev: string; ino: string; size: string };
