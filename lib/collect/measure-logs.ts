import { messageOf } from '../errors.ts';
import { type LogSize, logSizesIn } from '../files/log-sizes.ts';
import { STREAMS } from '../link-name.ts';
import type { Allocation, Task } from '../nomad/allocation.ts';
import type { NodeSnapshot } from '../nomad/node-source.ts';
import type { RecordedLogs, WrittenLog } from '../nomad/recorded-logs.ts';
import { compare } from '../order.ts';
import { finishedAtOf } from './finished-at.ts';

/** `unmeasured`: running allocations without sizes, and why the first has none. Of one that has ended Nomad deletes the files. */
export type MeasuredLogs = { logs: RecordedLogs; unmeasured: { allocations: number; why: string } | undefined };

/** What the tasks of a node have written, by the files on this machine. */
export const measureLogs = ({
  snapshot: { allocations, allocDir },
  now,
}: {
  snapshot: Pick<NodeSnapshot, 'allocations' | 'allocDir'>;
  now: number;
}): MeasuredLogs => {
  const written: WrittenLog[] = [];
  const reasons: string[] = [];
  for (const allocation of allocations.toSorted((a, b) => compare(a.id, b.id))) {
    const files = filesOf({ allocDir, allocId: allocation.id });
    if ('why' in files) {
      if (allocation.tasks.some((task) => finishedAtOf({ allocation, task, now }) === undefined))
        reasons.push(files.why);
    } else
      written.push(...allocation.tasks.flatMap((task) => writtenBy({ allocation, task, files: files.sizes, now })));
  }
  const [why] = reasons;
  return {
    logs: { at: new Date(now).toISOString(), written },
    unmeasured: why === undefined ? undefined : { allocations: reasons.length, why },
  };
};

const filesOf = (where: { allocDir: string; allocId: string }): { sizes: LogSize[] } | { why: string } => {
  try {
    const sizes = logSizesIn(where);
    return sizes === undefined ? { why: `${where.allocDir} has no log folder of it on this machine` } : { sizes };
  } catch (error) {
    return { why: messageOf(error) };
  }
};

/**
 * What a task wrote to each of its streams, and over which time. Nomad deletes the oldest files: what is left was then written since the
 * last write to the oldest of them, whose own bytes came before. A stream of which that tells nothing is left out. Pure.
 */
export const writtenBy = ({
  allocation,
  task,
  files,
  now,
}: {
  allocation: Allocation;
  task: Task;
  /** Of the allocation. */
  files: readonly LogSize[];
  /** In ms since 1970. */
  now: number;
}): WrittenLog[] => {
  const to = finishedAtOf({ allocation, task, now }) ?? now;
  return STREAMS.flatMap((stream) => {
    const own = files
      .filter((file) => file.task === task.name && file.stream === stream)
      .sort((a, b) => a.index - b.index);
    const [oldest, ...others] = own;
    if (oldest === undefined) return [];
    const isWhole = oldest.index === 0;
    const from = isWhole ? Date.parse(allocation.createTime) : oldest.modifiedMs;
    const counted = isWhole ? own : others;
    if (counted.length === 0 || !(from < to)) return [];
    const bytes = counted.reduce((sum, file) => sum + file.bytes, 0);
    return [{ allocId: allocation.id, task: task.name, stream, bytes, from: timeText(from), to: timeText(to) }];
  });
};

const timeText = (ms: number): string => new Date(ms).toISOString();
