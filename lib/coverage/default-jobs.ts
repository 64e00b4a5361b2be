import type { NodeTask } from '../collect/node-tasks.ts';
import type { Config } from '../config/config.ts';
import { chooseProfile } from '../context/profile.ts';

/** A job for which nothing chooses a profile, and how many tasks it has in the recordings. */
export type DefaultJob = { namespace: string; job: string; tasks: number };

/** The jobs all of whose collected tasks ship by `default` since neither their meta nor a rule names a profile. Pure. */
export const defaultJobs = ({ tasks, rules }: { tasks: readonly NodeTask[]; rules: Config['rules'] }): DefaultJob[] => {
  const wanted = tasks.filter(({ wanted: one }) => one !== undefined);
  const byJob = Map.groupBy(wanted, ({ allocation: { namespace, job } }) =>
    JSON.stringify([namespace, job.parentId === '' ? job.id : job.parentId]),
  );
  return [...byJob]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, own]) => {
      const isDefault = own.every(
        ({ allocation, task }) => chooseProfile({ allocation, task, rules }).chosenBy.by === 'default',
      );
      const [namespace, job] = JSON.parse(key) as [string, string];
      return isDefault ? [{ namespace, job, tasks: own.length }] : [];
    });
};
