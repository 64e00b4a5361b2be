import { finishedAtOf } from '../collect/finished-at.ts';
import { DOCKER, logRouteOf } from '../collect/log-route.ts';
import { readSwitch } from '../context/enabled.ts';
import { messageOf } from '../errors.ts';
import { http } from '../nomad/node-http.ts';
import { plural } from '../plural.ts';
import { engineHost, socketOf } from '../wiring/is-engine-there.ts';
import type { DoctorContext } from './doctor-context.ts';
import { type Finding, fail, notChecked, ok, warn } from './finding.ts';

/** Which tasks of docker have no log files, what reads their containers, and does that answer? */
export const checkContainers = async (context: DoctorContext): Promise<Finding[]> => {
  const { config, group } = context;
  if (group !== undefined) return [ok('not read: nvl is a task of a group')];
  const { docker } = config.collect;
  const withoutFiles = await tasksWithoutFiles(context);
  if (withoutFiles === undefined) return [notChecked('Nomad does not say which tasks there are')];
  const agent = await context.agent().catch(() => undefined);
  const settings =
    agent === undefined && withoutFiles.hasDocker
      ? [
          warn(
            'whether the docker plugin has disable_log_collection is not known: such tasks are taken to have log files, and nothing of them is read',
            'give the token agent:read',
          ),
        ]
      : [];
  const { names } = withoutFiles;
  const whom = `${plural(names.length, 'task')} of docker without log files`;
  if (docker === 'off') {
    if (names.length === 0) return [ok('no task of docker has its log collection off'), ...settings];
    const text = `${whom}: ${shown(names)}: nothing reads what they write`;
    return [warn(text, 'set collect.docker to docker_logs or journald (docs/modes.md says which)'), ...settings];
  }
  const by = ok(`${whom}, read by ${docker}${names.length === 0 ? '' : `: ${shown(names)}`}`);
  return [by, ...(docker === 'docker_logs' ? [await checkEngine(context)] : []), ...settings];
};

/** Those that run and are not opted out, as `job/task`; undefined where Nomad tells of none. */
const tasksWithoutFiles = async (
  context: DoctorContext,
): Promise<{ names: string[]; hasDocker: boolean } | undefined> => {
  const list = await context.list().catch(() => undefined);
  if (list === undefined) return undefined;
  const driversWithoutLogs = await context.driversWithoutLogs();
  const now = Date.now();
  const running = list.allocations.flatMap((allocation) =>
    allocation.tasks
      .filter(({ driver }) => driver === DOCKER)
      .filter((task) => finishedAtOf({ allocation, task, now }) === undefined)
      .map((task) => ({ allocation, task })),
  );
  const hasNoFiles = ({ allocation, task }: (typeof running)[number]): boolean =>
    logRouteOf({ task, driversWithoutLogs, docker: 'docker_logs' }) === 'containers' &&
    readSwitch({ allocation, task }).isOn;
  const names = running.filter(hasNoFiles).map(({ allocation, task }) => `${allocation.job.id}/${task.name}`);
  return { names: [...new Set(names)].sort(), hasDocker: running.length > 0 };
};

const MOST_NAMES = 5;

const shown = (names: readonly string[]): string =>
  `${names.slice(0, MOST_NAMES).join(', ')}${names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : ''}`;

const checkEngine = async ({ config, io }: DoctorContext): Promise<Finding> => {
  const host = engineHost(config);
  if (host.startsWith('https:')) return ok(`${host} is left to Vector, which has the certificates for it`);
  try {
    const status = await ping({ host, signal: io.signal });
    if (status === 200) return ok(`the docker engine answers at ${host}; Vector's user has to reach it, too`);
    return fail(`${host} answers ${status}, which is no docker engine's answer`, 'set collect.dockerHost');
  } catch (error) {
    return fail(
      `no docker engine answers at ${host}: ${messageOf(error)}`,
      'start docker, or set collect.dockerHost: no container is read meanwhile, and where its socket was there when Vector came to it, none until Vector is started again',
    );
  }
};

const ANSWER_MS = 5_000;

/**
 * The status of its answer.
 *
 * @source https://docs.docker.com/reference/api/engine/version/v1.43/#tag/System/operation/SystemPing
 */
const ping = ({ host, signal }: { host: string; signal: AbortSignal }): Promise<number> =>
  new Promise((resolve, reject) => {
    const timed = { signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]) };
    const socketPath = socketOf(host);
    const url = new URL(socketPath === undefined ? host.replace(/^tcp:/, 'http:') : 'http://docker');
    url.pathname = '/_ping';
    http
      .request(url, { ...timed, ...(socketPath !== undefined && { socketPath }) }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      })
      .on('error', reject)
      .end();
  });
