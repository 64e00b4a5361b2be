import type { Config } from '../config/config.ts';
import type { Task } from '../nomad/allocation.ts';
import type { NodeSnapshot } from '../nomad/node-source.ts';

/** How a task's lines are read: from the log files that Nomad writes, or as those of a container. */
export type LogRoute = 'files' | 'containers';

/**
 * The one route of a task, by what Nomad does with its logs; undefined: there is none. A task that Nomad writes files of is never read
 * as a container too. A plugin that collects no logs is known of only where the agent was asked. Pure.
 *
 * @source https://github.com/hashicorp/nomad/blob/v2.0.6/client/allocrunner/taskrunner/logmon_hook.go (`isLoggingDisabled`)
 */
export const logRouteOf = ({
  task: { driver, logs },
  driversWithoutLogs = [],
  docker,
}: {
  task: Pick<Task, 'driver' | 'logs'>;
  driversWithoutLogs?: NodeSnapshot['driversWithoutLogs'] | undefined;
  docker: Config['collect']['docker'];
}): LogRoute | undefined => {
  const isOff = logs.disabled || driversWithoutLogs.includes(driver);
  if (isOff && driver === DOCKER && docker !== 'off') return 'containers';
  return logs.disabled ? undefined : 'files';
};

/** The name of Nomad's docker driver. Podman's has the same setting, but another engine. */
export const DOCKER = 'docker';
