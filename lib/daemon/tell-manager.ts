import type { CycleResult } from '../cycle-deps.ts';
import { messageOf } from '../errors.ts';
import type { Reporter } from './reporter.ts';
import type { ServiceManager } from './service-manager.ts';

/**
 * The same reporter, which tells the service manager of each cycle, too. The end of the first one, good or bad, is what makes
 * the daemon ready: a Nomad that is away must not keep a node's other units from their start.
 */
export const tellManager = ({
  reporter,
  manager,
}: {
  reporter: Reporter;
  manager: Pick<ServiceManager, 'ready'>;
}): Reporter => ({
  ...reporter,
  result: (result) => {
    reporter.result(result);
    manager.ready(statusOf(result));
  },
  failure: (error) => {
    reporter.failure(error);
    manager.ready(`tries again: ${messageOf(error)}`);
  },
});

/** How the daemon stands after a cycle, in one line for `systemctl status`. */
export const statusOf = ({
  collectedTasks,
  refused,
  outcome,
  why,
  isAssumed,
}: Pick<CycleResult, 'collectedTasks' | 'refused' | 'outcome' | 'why' | 'isAssumed'>): string => {
  const count = collectedTasks.filter(({ decision }) => decision.isCollected).length;
  const tasks = `collects ${count} ${count === 1 ? 'task' : 'tasks'}`;
  if (why !== undefined && !isAssumed) return `${tasks}; ${outcome}: ${why.message}`;
  if (refused.length === 0) return tasks;
  return `${tasks}; ${refused.length} ${refused.length === 1 ? 'block is' : 'blocks are'} not in use: nvl doctor says which`;
};
