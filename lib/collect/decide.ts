import type { Config } from '../config/config.ts';
import type { NvlError } from '../errors.ts';
import type { Checkpoints } from '../files/checkpoints.ts';
import { fileKey } from '../files/file-key.ts';
import type { LogFile } from '../files/log-files.ts';
import type { FileRecord, TaskRecord } from '../state/record.ts';
import { isSame } from '../state/same-state.ts';

/** What is known of a task in this cycle. */
export type Seen = {
  names: Pick<TaskRecord, 'allocId' | 'task' | 'namespace' | 'job' | 'profile' | 'logDir'>;
  /** When it finished, in ms since the epoch; undefined while it may still write. */
  finishedAt: number | undefined;
  /** It is in Nomad's list. A job that was purged is not, though its task may still write a last line. */
  isListed: boolean;
  /** Its log files; undefined when the folder is gone (or, before its start, not there yet). */
  files: readonly LogFile[] | undefined;
  checkpoints: Checkpoints;
};

export type Decision = {
  /** Undefined: there is nothing to remember. */
  record: TaskRecord | undefined;
  /** Whether its row belongs into the table, and whether its links have to be there. */
  isCollected: boolean;
  isLinked: boolean;
  /** When to look again without any news, in ms. */
  lookAgainMs?: number;
  /** Why nothing could be decided. */
  fault?: NvlError;
  /** What changed, for the log. */
  event?: { kind: 'unlinked' | 'linkedAgain' | 'drained' | 'collectedAgain' } | { kind: 'ceiling'; bytesLeft: bigint };
};

/**
 * Where a task stands on its way out. Pure. The order at its end: read to the last newline behind acknowledging sinks →
 * links away → rest delivered → within a minute row away → remembered as drained. The minute is Vector's: it forgets the
 * checkpoints of files it no longer finds after 60 s, and would read all of a file again whose link came back then.
 */
export const decide = ({
  record,
  seen,
  collect,
  installedAt,
  now,
}: {
  record: TaskRecord | undefined;
  seen: Seen;
  collect: Config['collect'];
  /** When nvl first ran on this root: what finished before is backfill. */
  installedAt: number;
  now: number;
}): Decision => {
  if (record === undefined) return decideNew({ seen, collect, installedAt, now });
  if (record.phase === 'drained') return decideDrained({ record, seen, now });
  if (record.phase === 'unlinked') return decideUnlinked({ record, seen, collect, now });
  return decideCollected({ record, seen, collect, now });
};

/** How long after its links a row stays at most, well within Vector's 60 s. */
const UNLINKED_MAX_MS = 45_000;
/** How long Vector may take to find a file, once it has the row: the glob's cooldown, and the back-off of an idle source. */
const FOUND_MS = 5_000;
/** How often Vector's positions are looked at while a task waits for them. */
const POSITIONS_POLL_MS = 500;
const POSITIONS_POLL_MAX_MS = 30_000;

const NOT_COLLECTED: Decision = { record: undefined, isCollected: false, isLinked: false };

const decideNew = ({
  seen,
  collect,
  installedAt,
  now,
}: {
  seen: Seen;
  collect: Config['collect'];
  installedAt: number;
  now: number;
}): Decision => {
  const record: TaskRecord = { ...seen.names, phase: 'collected' };
  if (seen.finishedAt === undefined) return { record, isCollected: true, isLinked: true };
  const hasLines = seen.files?.some((file) => file.size > 0n) ?? false;
  if (!hasLines || !isWithinBackfill({ finishedAt: seen.finishedAt, collect, installedAt })) return NOT_COLLECTED;
  return decideCollected({ record, seen, collect, now });
};

/** Whether a task that had finished by then is to be collected, if its files are there. */
export const isWithinBackfill = ({
  finishedAt,
  collect: { backfill },
  installedAt,
}: {
  finishedAt: number;
  collect: Config['collect'];
  installedAt: number;
}): boolean => {
  if (backfill.kind === 'all') return true;
  return finishedAt >= installedAt - (backfill.kind === 'since' ? backfill.ms : 0);
};

const decideCollected = ({
  record,
  seen,
  collect,
  now,
}: {
  record: TaskRecord;
  seen: Seen;
  collect: Config['collect'];
  now: number;
}): Decision => {
  const { files: _, ...before } = record;
  const wanted = pinnedOf(seen);
  const next: TaskRecord = { ...before, ...seen.names, ...(wanted.length === 0 ? {} : { files: wanted }) };
  const isGone = seen.files === undefined;
  if (seen.finishedAt === undefined) {
    const { finishedAt: __, goneAt: ___, positions: ____, unread: _____, ...running } = next;
    return { record: isSame(running, record) ? record : running, isCollected: true, isLinked: true };
  }
  next.finishedAt = seen.finishedAt;
  if (isGone) next.goneAt = record.goneAt ?? now;
  else delete next.goneAt;
  next.positions = positionsOf({ record, seen, now });
  next.unread = unreadOf({ record, seen });
  const since = Math.max(
    next.finishedAt,
    isGone ? (next.goneAt ?? now) : 0,
    isGone || !seen.isListed ? next.positions.since : 0,
  );
  const dueMs = since + collect.removalDelay - now;
  const isOver = now - next.finishedAt >= collect.ceiling;
  if (dueMs > 0 && !isOver) return { record: next, isCollected: true, isLinked: true, lookAgainMs: dueMs };
  const bytesLeft = bytesLeftOf(next.unread, seen);
  if ((bytesLeft > 0n || mayBeUnfound({ record: next, seen, now })) && !isOver) {
    return { record: next, isCollected: true, isLinked: true, lookAgainMs: pollMs(now - since - collect.removalDelay) };
  }
  return {
    record: { ...next, phase: 'unlinked', files: shownOf(seen).map(fileRecord) },
    isCollected: true,
    isLinked: false,
    lookAgainMs: POSITIONS_POLL_MS,
    event: bytesLeft > 0n ? { kind: 'ceiling', bytesLeft } : { kind: 'unlinked' },
  };
};

const decideUnlinked = ({
  record,
  seen,
  collect,
  now,
}: {
  record: TaskRecord;
  seen: Seen;
  collect: Config['collect'];
  now: number;
}): Decision => {
  const shown = shownOf(seen);
  const isDelivered = shown.every((file) => positionOf(seen, file) >= file.size);
  const isOver = now - (seen.finishedAt ?? record.finishedAt ?? now) >= collect.ceiling;
  if (record.loadedAt === undefined && !isOver && shown.some((file) => mayBeCutOff(seen, file))) {
    const { unlinkedAt: _, ...back } = record;
    return {
      record: { ...back, phase: 'collected' },
      isCollected: true,
      isLinked: true,
      lookAgainMs: POSITIONS_POLL_MS,
      event: { kind: 'linkedAgain' },
    };
  }
  // The cycle that decided it took the links away at its end, and may have taken a minute until then.
  const unlinkedAt = record.unlinkedAt ?? now;
  if (!isDelivered && now - unlinkedAt < UNLINKED_MAX_MS) {
    const next = record.unlinkedAt === undefined ? { ...record, unlinkedAt } : record;
    return { record: next, isCollected: true, isLinked: false, lookAgainMs: POSITIONS_POLL_MS };
  }
  const { positions: _, unread: __, loadedAt: ___, ...rest } = record;
  return {
    record: { ...rest, phase: 'drained', files: shown.map(fileRecord) },
    isCollected: false,
    isLinked: false,
    event: { kind: 'drained' },
  };
};

/** A task that was restarted by hand writes on: a new file, or an old one that grew. */
const decideDrained = ({ record, seen, now }: { record: TaskRecord; seen: Seen; now: number }): Decision => {
  const known = new Map((record.files ?? []).map((file) => [`${file.dev}:${file.ino}`, BigInt(file.size)]));
  const hasMore = (seen.files ?? []).some((file) => file.size > (known.get(fileKey(file)) ?? 0n));
  if (!hasMore && seen.finishedAt !== undefined) return { record, isCollected: false, isLinked: false };
  const { files = [] } = record;
  if (!hasMore) return { record: { ...seen.names, phase: 'collected', files }, isCollected: true, isLinked: true };
  return {
    record: { ...seen.names, phase: 'collected', files, ...(seen.finishedAt === undefined ? {} : { finishedAt: now }) },
    isCollected: true,
    isLinked: true,
    lookAgainMs: POSITIONS_POLL_MS,
    event: { kind: 'collectedAgain' },
  };
};

/** What Vector was shown. A new file that came since the link went is not among it, and is more to collect. */
const shownOf = (seen: Seen): LogFile[] => (seen.files ?? []).filter(({ place }) => place !== 'held');

/** Files that were let go as delivered, and are wanted back. */
const pinnedOf = (seen: Seen): FileRecord[] =>
  (seen.files ?? []).filter(({ place }) => place === 'pin').map(fileRecord);

const positionOf = (seen: Seen, file: LogFile): bigint => seen.checkpoints.get(fileKey(file)) ?? 0n;

/**
 * Files with whole lines that Vector has not read yet. A last line without a newline does not count: it can't be read.
 * Where the folder is gone Vector may still hold what was unread then; what it has read of that is not looked up again,
 * since it forgets the positions of deleted files a minute after it has read them.
 */
const unreadOf = ({ record, seen }: { record: TaskRecord; seen: Seen }): FileRecord[] =>
  seen.files === undefined
    ? (record.unread ?? []).filter((file) => leftOf(file, seen) > 0n)
    : seen.files
        .map((file) => ({ ...fileRecord(file), size: String(file.lastNewline) }))
        .filter((file) => leftOf(file, seen) > 0n);

const bytesLeftOf = (unread: readonly FileRecord[], seen: Seen): bigint =>
  unread.reduce((sum, file) => sum + leftOf(file, seen), 0n);

const leftOf = ({ dev, ino, size }: FileRecord, seen: Seen): bigint =>
  BigInt(size) - (seen.checkpoints.get(`${dev}:${ino}`) ?? 0n);

/**
 * To take the link away before the Vector that runs has found the file would lose a last line without a newline: the
 * position, of which a file without any newline has none, may be that of a Vector before it.
 */
const mayBeUnfound = ({ record, seen, now }: { record: TaskRecord; seen: Seen; now: number }): boolean =>
  (record.loadedAt === undefined || now - record.loadedAt < FOUND_MS) &&
  (seen.files ?? []).some((file) => positionOf(seen, file) < file.size);

/**
 * Whether the Vector that the link was taken from may have ended before it sent the rest. A file with newlines that has no
 * position is one whose rest was sent more than a minute ago: all of it would be read again.
 */
const mayBeCutOff = (seen: Seen, file: LogFile): boolean =>
  positionOf(seen, file) < file.size && (seen.checkpoints.has(fileKey(file)) || file.lastNewline === 0n);

/** A pipeline has positions of many tasks' files: those of others say nothing of this one. What it had when it went is told by then. */
const ownFiles = ({ record, seen }: { record: TaskRecord; seen: Seen }): string[] =>
  seen.files?.map(fileKey) ?? [...(record.positions?.digest ?? '').matchAll(/(\S+)=/g)].map(([, file]) => String(file));

const positionsOf = ({
  record,
  seen,
  now,
}: {
  record: TaskRecord;
  seen: Seen;
  now: number;
}): { digest: string; since: number } => {
  const digest = ownFiles({ record, seen })
    .sort()
    .map((file) => `${file}=${seen.checkpoints.get(file) ?? ''}`)
    .join(' ');
  return record.positions?.digest === digest ? record.positions : { digest, since: now };
};

/** Often at first, then less: a sink that is down for hours is not worth a look twice a second. */
const pollMs = (waitedMs: number): number =>
  Math.min(POSITIONS_POLL_MAX_MS, Math.max(POSITIONS_POLL_MS, Math.round(waitedMs / 10)));

const fileRecord = (file: LogFile): FileRecord => ({
  name: file.name,
  dev: String(file.dev),
  ino: String(file.ino),
  size: String(file.size),
});
