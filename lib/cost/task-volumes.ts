import { stemOf } from '../context/id.ts';
import { STREAMS } from '../link-name.ts';
import type { Allocation } from '../nomad/allocation.ts';
import type { RecordedLogs, WrittenLog } from '../nomad/recorded-logs.ts';

/**
 * What a recorded task adds to what its job writes. `isWhole`: both of its streams are known. `overMs`: of which time it is the average,
 * from the job's oldest recorded allocation to the recording.
 */
export type TaskVolume = { bytesPerDay: number; isWhole: boolean; overMs: number };

/**
 * The tasks of a recording that were measured, by their stems. A task that ended counts for as long as it ran, so that those of a job may be
 * added up. A job that is younger than ten minutes tells nothing of a day. Pure.
 */
export const taskVolumes = ({
  allocations,
  logs,
}: {
  allocations: readonly Allocation[];
  logs: RecordedLogs | undefined;
}): Map<string, TaskVolume> => {
  const found = new Map<string, TaskVolume>();
  if (logs === undefined) return found;
  const atMs = Date.parse(logs.at);
  const firstMs = firstOfJobs(allocations);
  const written = Map.groupBy(logs.written, ({ allocId }) => allocId);
  for (const allocation of allocations) {
    const createdMs = Date.parse(allocation.createTime);
    const overMs = atMs - (firstMs.get(jobKeyOf(allocation)) ?? atMs);
    if (!(overMs >= LEAST_MS)) continue;
    for (const [task, own] of Map.groupBy(written.get(allocation.id) ?? [], (one) => one.task)) {
      const bytesPerDay = own.reduce((sum, one) => sum + (bytesOf({ one, createdMs }) / overMs) * DAY_MS, 0);
      const isWhole = STREAMS.every((stream) => own.some((one) => one.stream === stream));
      found.set(stemOf({ allocId: allocation.id, task }), { bytesPerDay, isWhole, overMs });
    }
  }
  return found;
};

export const DAY_MS = 86_400_000;

/** Nothing is said of a day by less. */
export const LEAST_MS = 600_000;

/** By which the runs of a periodic or a parameterized job are one job. */
export const jobKeyOf = ({ namespace, job }: Pick<Allocation, 'namespace' | 'job'>): string =>
  JSON.stringify([namespace, job.parentId || job.id]);

const firstOfJobs = (allocations: readonly Allocation[]): Map<string, number> => {
  const first = new Map<string, number>();
  for (const allocation of allocations) {
    const key = jobKeyOf(allocation);
    const createdMs = Date.parse(allocation.createTime);
    if (createdMs > 0) first.set(key, Math.min(createdMs, first.get(key) ?? createdMs));
  }
  return first;
};

/** What it wrote in all, at the pace of the time that is known of it. */
const bytesOf = ({ one: { bytes, from, to }, createdMs }: { one: WrittenLog; createdMs: number }): number => {
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  return fromMs < toMs ? bytes * Math.max(1, (toMs - createdMs) / (toMs - fromMs)) : 0;
};
