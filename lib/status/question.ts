import type { AskedTasks } from './make-status.ts';

/** Which tasks `nvl status JOB[/TASK]` and `nvl status JOB TASK` ask about. Pure. */
export const askedIn = ([given, second]: readonly string[]): AskedTasks => {
  if (given === undefined) return {};
  const [, job = given, task = second] = /^([^/]+)\/(.+)$/.exec(given) ?? [];
  return { job, task };
};

/** The query that the daemon is asked with. Pure. */
export const statusQuestion = ({
  asked: { job, task },
  limit,
}: {
  asked: AskedTasks;
  /** How many tasks are listed. */
  limit: number | undefined;
}): string =>
  String(
    new URLSearchParams({
      ...(job !== undefined && { job }),
      ...(task !== undefined && { task }),
      ...(limit !== undefined && { limit: String(limit) }),
    }),
  );
