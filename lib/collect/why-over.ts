import type { Config } from '../config/config.ts';
import { stemOf } from '../context/id.ts';
import type { Allocation } from '../nomad/allocation.ts';
import type { WhyOver } from '../nomad/known-list.ts';
import type { State } from '../state/state.ts';
import { isWithinBackfill } from './decide.ts';
import { finishedAtOf } from './finished-at.ts';

/** Long enough for whatever Nomad still writes of a task that has ended. */
const SETTLED_MS = 600_000;

/**
 * Why nothing of an allocation is to be collected, now or later, unless Nomad says something new of it: all of its tasks
 * have finished ten minutes ago, and each was drained, or finished too long ago, or has no files. Undefined where
 * something may be left. Nodes have hundreds that run and ten thousands that are over, so that this says no in no time.
 */
export const whyOver = ({
  allocation,
  state,
  collect,
  hasFiles,
  now,
}: {
  allocation: Allocation;
  state: Pick<State, 'tasks' | 'installedAt'>;
  collect: Config['collect'];
  /** Whether there is a log file of it, in Nomad's folder or nvl's. */
  hasFiles: (allocId: string) => boolean;
  now: number;
}): WhyOver | undefined => {
  let why: WhyOver = 'past';
  for (const task of allocation.tasks) {
    const finishedAt = finishedAtOf({ allocation, task, now });
    if (finishedAt === undefined || now - finishedAt < SETTLED_MS) return undefined;
    const record = state.tasks[stemOf({ allocId: allocation.id, task: task.name })];
    if (record !== undefined && record.phase !== 'drained') return undefined;
    const isPast = record !== undefined || !isWithinBackfill({ finishedAt, collect, installedAt: state.installedAt });
    if (isPast) continue;
    if (hasFiles(allocation.id)) return undefined;
    why = 'noFiles';
  }
  return why;
};
