import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { listOf, objectOf, textOf } from '../json.ts';

/** Why it went: no room (`collect.hold`), no end of waiting (`collect.ceiling`), or nobody could say whose it is. */
export type UnreadReason = 'hold' | 'ceiling' | 'unknown';

/** Bytes of a task that were let go and that Vector has not read. Times are milliseconds since the epoch. */
export type Unread = { task: string; why: UnreadReason; files: number; bytes: number; firstAt: number; lastAt: number };

export type UnreadCounts = {
  /** `task`: by `taskKey` where that is known. */
  add(lost: Pick<Unread, 'task' | 'why' | 'files' | 'bytes'>): void;
  all(): Unread[];
  /** Writes down what was counted since the last time, if the disk takes it. */
  save(): void;
};

/** A node that loses of more tasks than this has other troubles; the oldest are forgotten. */
const MOST_TASKS = 1_000;

/** Counts by task what went unread, over restarts too. Without a file, only until the end of this nvl. */
export const createUnread = ({ file, now = Date.now }: { file?: string; now?: () => number }): UnreadCounts => {
  const counts = new Map(readUnread(file).map((one) => [keyOf(one), one]));
  let isSaved = true;
  const save = (): void => {
    if (isSaved || file === undefined) return;
    const beside = `${file}.new`;
    writeFileSync(beside, `${JSON.stringify({ schema: SCHEMA, unread: [...counts.values()] })}\n`, { mode: 0o600 });
    renameSync(beside, file);
    isSaved = true;
  };
  return {
    add: (lost) => {
      const before = counts.get(keyOf(lost)) ?? { files: 0, bytes: 0, firstAt: now() };
      counts.delete(keyOf(lost));
      const { task, why } = lost;
      const { firstAt } = before;
      counts.set(keyOf(lost), {
        task,
        why,
        files: before.files + lost.files,
        bytes: before.bytes + lost.bytes,
        firstAt,
        lastAt: now(),
      });
      for (const key of counts.keys()) if (counts.size > MOST_TASKS) counts.delete(key);
      isSaved = false;
    },
    all: () => [...counts.values()],
    save,
  };
};

/** What an nvl has counted on this root. A file that is missing or damaged says nothing. */
export const readUnread = (file: string | undefined): Unread[] => {
  if (file === undefined) return [];
  try {
    const { schema, unread } = objectOf(JSON.parse(readFileSync(file, 'utf8')));
    return schema === SCHEMA ? listOf(unread).filter(isUnread) : [];
  } catch {
    return [];
  }
};

const SCHEMA = 1;
const REASONS = ['hold', 'ceiling', 'unknown'];

const keyOf = ({ task, why }: Pick<Unread, 'task' | 'why'>): string => `${why} ${task}`;

const isUnread = (value: unknown): value is Unread => {
  const { task, why, files, bytes, firstAt, lastAt } = objectOf(value);
  return (
    typeof task === 'string' && REASONS.includes(textOf(why)) && [files, bytes, firstAt, lastAt].every(Number.isFinite)
  );
};
