import { rootPaths } from '../apply/paths.ts';
import { taskKey } from '../files/log-access.ts';
import { readUnread, type Unread, type UnreadReason } from '../files/unread.ts';
import type { DoctorContext } from './doctor-context.ts';
import { type Finding, ok, warn } from './finding.ts';

const DAYS = 7;
const MOST_NAMED = 3;

/** What did the nvl of this root let go without being read? */
export const checkUnread = async (context: DoctorContext): Promise<Finding[]> => {
  const since = Date.now() - DAYS * 86_400_000;
  const unread = readUnread(rootPaths(context.config.root).unreadFile).filter(({ lastAt }) => lastAt >= since);
  if (unread.length === 0) return [ok(`nothing went unread in the last ${DAYS} days`)];
  const tasks = (await context.state().catch(() => undefined))?.tasks ?? {};
  const jobs = new Map(Object.values(tasks).map((record) => [taskKey(record), record.job]));
  return REASONS.flatMap(([why, text, advice]) => {
    const lost = unread.filter((one) => one.why === why).sort((a, b) => b.lastAt - a.lastAt);
    return lost.length === 0 ? [] : [warn(`${text}: ${tellTasks({ lost, jobs })}`, advice)];
  });
};

const REASONS: readonly [UnreadReason, string, string][] = [
  [
    'hold',
    'deleted log files went unread, as collect.hold had no room for them',
    'fix the sink, or raise collect.hold',
  ],
  [
    'ceiling',
    'finished tasks were given up before Vector had read all of them',
    'fix the sink, or raise collect.ceiling',
  ],
  [
    'unknown',
    'log files of allocations that Nomad does not name went unread',
    'give the token the capability read-job in every namespace',
  ],
];

const tellTasks = ({ lost, jobs }: { lost: readonly Unread[]; jobs: ReadonlyMap<string, string> }): string => {
  const bytes = lost.reduce((sum, one) => sum + one.bytes, 0);
  const named = lost.slice(0, MOST_NAMED).map((one) => {
    const job = jobs.get(one.task);
    return `${job === undefined ? '' : `${job} `}${one.task} (${one.bytes} bytes, ${new Date(one.lastAt).toISOString()})`;
  });
  const more = lost.length > named.length ? `, and ${lost.length - named.length} more` : '';
  return `${bytes} bytes of ${named.join(', ')}${more}`;
};
