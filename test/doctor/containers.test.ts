import { expect, onTestFinished, test } from 'vitest';
import { aFolder, aNomad, put, startNvl } from '../commands/support.ts';
import { aRawAllocation, idOf } from '../support/builders.ts';
import { startDockerEngine } from '../support/docker-engine.ts';

/** What `nvl doctor` says of containers on a node with these allocations, as `verdict text`. */
const look = async ({
  allocations = [],
  collect = {},
  plugins = [],
}: {
  allocations?: unknown[];
  collect?: object;
  plugins?: unknown[];
}): Promise<string[]> => {
  const folder = await aFolder();
  const { address } = await aNomad(folder, allocations, { plugins });
  await put(folder, { 'nvl.json': { root: 'root', nomad: { address }, collect } });
  const { out } = await startNvl(['doctor', '--', 'no-such-vector'], { cwd: folder }).ended;
  return out.split('\n').flatMap((line) => {
    const [, verdict, text] = /^(ok|warn|fail) +containers +(.*)$/.exec(line) ?? [];
    return verdict === undefined ? [] : [`${verdict} ${text}`];
  });
};

const aDocker = (digit: number, given: object = {}) =>
  aRawAllocation({ id: idOf(digit), job: `job${digit}`, driver: 'docker', ...given });

const withoutFiles = [
  aDocker(1, { logsDisabled: true }),
  aDocker(2),
  aDocker(3, { logsDisabled: true, jobMeta: { nvl_enabled: 'false' } }),
  aDocker(4, { logsDisabled: true, status: 'complete' }),
  aRawAllocation({ id: idOf(5), driver: 'exec', logsDisabled: true }),
];

test('where no task of docker has its log collection off, there is nothing to do', async () => {
  expect(await look({ allocations: [aDocker(1)] })).toEqual(['ok no task of docker has its log collection off']);
});

test.each([
  ['by their jobs', [], '1 task of docker without log files: job1/app'],
  [
    'by the plugin',
    [{ Name: 'docker', Config: { disable_log_collection: true } }],
    '2 tasks of docker without log files: job1/app, job2/app',
  ],
])('tasks whose log collection is off, %s, are named, and what would read them', async (_, plugins, text) => {
  expect(await look({ allocations: withoutFiles, plugins })).toEqual([
    `warn ${text}: nothing reads what they write  ->  set collect.docker to docker_logs or journald (docs/modes.md says which)`,
  ]);
});

test('with an engine that answers, all is well', async () => {
  const engine = await startDockerEngine();
  onTestFinished(() => engine.end());
  const collect = { docker: 'docker_logs', dockerHost: engine.host };
  expect(await look({ allocations: withoutFiles, collect })).toEqual([
    'ok 1 task of docker without log files, read by docker_logs: job1/app',
    `ok the docker engine answers at ${engine.host}; Vector's user has to reach it, too`,
  ]);
});

test('an engine that does not answer is a fault', async () => {
  const collect = { docker: 'docker_logs', dockerHost: 'unix:///nowhere/docker.sock' };
  expect(await look({ collect })).toEqual([
    'ok 0 tasks of docker without log files, read by docker_logs',
    expect.stringMatching(/^fail no docker engine answers at unix:\/\/\/nowhere\/docker\.sock: .*ENOENT/),
  ]);
});

test('of the journal nothing is asked here: the proof has Vector look for journalctl', async () => {
  expect(await look({ allocations: withoutFiles, collect: { docker: 'journald' } })).toEqual([
    'ok 1 task of docker without log files, read by journald: job1/app',
  ]);
});
