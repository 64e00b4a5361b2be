import type { Config } from '../config/config.ts';
import { NvlError } from '../errors.ts';
import { isAllocId } from '../files/log-name.ts';
import type { NomadClient } from '../nomad/client.ts';
import { groupSource } from '../nomad/group-source.ts';
import { type FollowedSource, nomadSource } from '../nomad/node-source.ts';
import type { Io } from './io.ts';

/** The allocation that nvl is a task of; `allocDir`: its shared folder. */
export type OwnGroup = { allocId: string; allocDir: string; task: string; datacenter: string | undefined };

/**
 * By what Nomad tells each of its tasks; undefined for an nvl of a whole node. Throws `configInvalid` where `collect.groupOnly` is set
 * and nvl is no task.
 *
 * @source https://developer.hashicorp.com/nomad/docs/reference/runtime-environment-settings
 */
export const ownGroupOf = ({ config, env }: { config: Config; env: Io['env'] }): OwnGroup | undefined => {
  if (!config.collect.groupOnly) return undefined;
  const { NOMAD_ALLOC_ID: allocId = '', NOMAD_ALLOC_DIR: allocDir = '', NOMAD_TASK_NAME: task = '' } = env;
  const given = { NOMAD_ALLOC_ID: isAllocId(allocId), NOMAD_ALLOC_DIR: allocDir !== '', NOMAD_TASK_NAME: task !== '' };
  const missing = Object.entries(given).flatMap(([name, isGiven]) => (isGiven ? [] : [name]));
  if (missing.length === 0) return { allocId, allocDir, task, datacenter: env.NOMAD_DC };
  throw new NvlError('configInvalid', {
    message: 'collect.groupOnly is set, and nvl is no task of Nomad',
    facts: { missing: missing.join(', ') },
    advice: 'run it as the task that `nvl sidecar` adds to a job, or leave --group-only (NVL_COLLECT_GROUP_ONLY) out',
  });
};

/** What nvl itself is on the node; without a group, the task does not matter. */
export const ownIn = ({ env, group }: { env: Io['env']; group: OwnGroup | undefined }) => ({
  ownAllocId: env.NOMAD_ALLOC_ID,
  ownTask: group?.task,
});

/** What is asked about: the node, or where nvl belongs to a group, its allocation. Throws as `ownGroupOf` does. */
export const sourceFor = ({
  client,
  config,
  env,
  over,
  ...more
}: {
  client: NomadClient;
  config: Config;
  env: Io['env'];
  /** Aborts when all other tasks of the group have ended. */
  over?: AbortSignal | undefined;
} & Pick<Parameters<typeof nomadSource>[0], 'intervalMs' | 'whyOver' | 'found'>): FollowedSource => {
  const group = ownGroupOf({ config, env });
  const { nodeId, allocDir } = config.nomad;
  const asksDrivers = config.collect.docker !== 'off';
  return group === undefined
    ? nomadSource({ client, nodeId, allocDir, asksDrivers, ...more })
    : groupSource({ client, ...group, over, intervalMs: more.intervalMs });
};
