import type { Config } from '../config/config.ts';
import { accessByLinks } from '../files/links.ts';
import type { LogAccess, TaskLogs } from '../files/log-access.ts';

/** The way in which Vector reaches the logs of tasks: by links. */
export const chooseAccess = ({
  config,
  linksDir,
}: {
  config: { vector: Pick<Config['vector'], 'allocDir'> };
  linksDir: string;
}): LogAccess =>
  accessByLinks({ linksDir, targetOf: (logs) => asVectorSees({ logs, vectorAllocDir: config.vector.allocDir }) });

/** A Vector in a container may see the allocations' folder under another path. */
const asVectorSees = ({
  logs: { logDir, allocDir },
  vectorAllocDir,
}: {
  logs: TaskLogs;
  vectorAllocDir: string | undefined;
}): string =>
  vectorAllocDir !== undefined && logDir.startsWith(`${allocDir}/`)
    ? `${vectorAllocDir}${logDir.slice(allocDir.length)}`
    : logDir;
