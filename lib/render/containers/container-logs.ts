import type { Config } from '../../config/config.ts';

/** How the lines of containers are read on this node. */
export type ContainerLogs =
  | {
      from: 'docker_logs';
      /** Undefined: as Vector itself finds the engine. */
      host: string | undefined;
    }
  | {
      from: 'journald';
      /** The engine's systemd unit. */
      unit: string;
    }
  | {
      /** What would read them is not there now, and Vector would refuse the whole configuration over it. */
      from: 'nowhere';
    };

/** Undefined where no container is to be read. `isThere`: what reads them is. Pure. */
export const containerLogsOf = ({
  config: { collect },
  isThere,
}: {
  config: Pick<Config, 'collect'>;
  isThere: boolean;
}): ContainerLogs | undefined => {
  const { docker, dockerHost, dockerUnit } = collect;
  if (docker === 'off') return undefined;
  if (!isThere) return { from: 'nowhere' };
  return docker === 'docker_logs' ? { from: docker, host: dockerHost } : { from: docker, unit: dockerUnit };
};

/**
 * As Nomad's docker driver names a task's container, whatever the plugin's settings.
 *
 * @source https://github.com/hashicorp/nomad/blob/v2.0.6/drivers/docker/driver.go (`containerName`)
 */
export const containerName = ({ task, allocId }: { task: string; allocId: string }): string =>
  `${task.replaceAll('/', '_')}-${allocId}`;

/** The column of a row that says this of a task, for nvl: no label reads it. */
export const CONTAINER_COLUMN = 'c_container';
