import { appendFile, chmod, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { aFolder, aNomad, put, startNvl, textOf } from '../commands/support.ts';
import { aRawAllocation, type GivenAllocation, idOf } from '../support/builders.ts';
import { startDockerEngine } from '../support/docker-engine.ts';
import { needs, pathOf, vector } from '../support/programs.ts';
import { type DeliveredEvent, fileSink, readEvents } from '../support/vector.ts';
import { waitUntil } from '../support/wait.ts';

// Tasks of Nomad's docker driver that Nomad writes no files of, with a real Vector. There is no docker engine on this machine: a stand-in
// speaks its API over a socket.

/** An allocation of the docker driver, named by its digit. */
const aDocker = (digit: number, given: GivenAllocation = {}) =>
  aRawAllocation({ id: idOf(digit), job: `job${digit}`, driver: 'docker', ...given });

const aSite = async ({
  allocations,
  collect = {},
  plugins = [],
}: {
  allocations: unknown[];
  collect?: object;
  plugins?: unknown[];
}) => {
  const folder = await aFolder();
  const engine = await startDockerEngine();
  onTestFinished(() => engine.end());
  const nomad = await aNomad(folder, allocations, { plugins });
  const delivered = join(folder, 'delivered.ndjson');
  const config = (more: object) => ({
    root: 'root',
    templates: 'templates',
    nomad: { address: nomad.address, interval: '1s' },
    reload: { settle: '5ms:20ms' },
    // Where a test puts a `journalctl`.
    vector: { env: { PATH: `${join(folder, 'bin')}:${process.env.PATH}` } },
    collect: { docker: 'docker_logs', dockerHost: engine.host, ...collect, ...more },
  });
  await put(folder, {
    'nvl.json': config({}),
    'team.toml': `data_dir = "${folder}/data"\n`,
    'data/.keep': '',
    'templates/vector/sink.toml.hbs': fileSink({ id: 'out', inputs: ['{{input}}'], file: delivered }),
    'templates/profiles/marked/transform.toml.hbs': `[transforms.{{id}}_parse]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = '''\n.by = "marked"\nif .message == "bad" { .nvl.parse_error = "bad" }\n'''\n`,
  });
  const writeLog = async (digit: number, line: string) => {
    const logs = join(nomad.allocDir, idOf(digit), 'alloc', 'logs');
    await mkdir(logs, { recursive: true });
    await appendFile(join(logs, 'app.stdout.0'), `${line}\n`);
  };
  return {
    folder,
    engine,
    nomad,
    writeLog,
    configure: (more: object) => put(folder, { 'nvl.json': config(more) }),
    container: (digit: number) => engine.start({ task: 'app', allocId: idOf(digit) }),
    start: async () => {
      const daemon = startNvl(['run', '--', pathOf(vector), '-c', join(folder, 'team.toml')], { cwd: folder });
      await slowly('Vector to follow the engine', () => (engine.asked.get('/events') ?? 0) > 0);
      return daemon;
    },
    live: async () => (await textOf(folder, 'root/live/nomad.toml')) ?? '',
    events: () => readEvents(delivered),
    messages: async () => (await readEvents(delivered)).map(({ message }) => message),
  };
};

const slowly = (what: string, isSo: () => boolean | Promise<boolean>) => waitUntil(what, isSo, { timeoutMs: 40_000 });

/** What is said of a line beside when it came. */
const untimed = ({ timestamp: _, ...event }: DeliveredEvent) => event;

const labelsOf = (digit: number, stream: string) => ({
  alloc_id: idOf(digit),
  group_name: 'web',
  job_name: `job${digit}`,
  namespace: 'default',
  node_name: 'node-1',
  stream,
  task_name: 'app',
});

test(
  'lines of containers come labelled and parsed as lines of files do, each once, and none of a task that is opted out',
  needs(vector),
  async () => {
    const site = await aSite({
      allocations: [
        aRawAllocation({ id: idOf(1), job: 'job1' }),
        aDocker(2, { logsDisabled: true }),
        aDocker(3, { logsDisabled: true, jobMeta: { nvl_profile: 'marked' } }),
        aDocker(4),
        aDocker(5, { logsDisabled: true, jobMeta: { nvl_enabled: 'false' } }),
        aDocker(6, { logsDisabled: true }),
      ],
    });
    await Promise.all([1, 4].map((digit) => site.writeLog(digit, 'from a file')));
    await site.start();
    await slowly('the pipelines', async () => (await site.live()).includes('profile marked'));
    await slowly('the lines of files', async () => (await site.events()).length === 2);
    const containers = new Map([2, 3, 4, 5, 6].map((digit) => [digit, site.container(digit)]));
    // Of docker, but none of Nomad's.
    const stranger = site.engine.start({ task: 'app', allocId: 'of nobody', labels: {} });
    await slowly('their logs to be followed', () => site.engine.asked.get('/containers/{id}/logs') === 5);
    stranger.print('of a stranger');
    for (const [digit, container] of containers) container.print(`${digit} to stdout`);
    containers.get(2)?.print('2 to stderr', 'stderr');
    containers.get(3)?.print('bad');
    containers.get(6)?.print(`${'é'.repeat(20_000)}!`);
    await slowly('the lines of containers', async () => (await site.events()).length >= 8);
    // Longer than a line waits for its row.
    await new Promise((resolve) => setTimeout(resolve, 13_000));

    const events = (await site.events()).map(untimed);
    const byMessage = (message: string) => events.find((event) => event.message === message);
    expect(events.map(({ message }) => message?.slice(0, 11)).sort()).toEqual(
      [
        'from a file',
        'from a file',
        '2 to stdout',
        '2 to stderr',
        '3 to stdout',
        'bad',
        '6 to stdout',
        'ééééééééééé',
      ].sort(),
    );
    expect(byMessage('from a file')).toEqual({ message: 'from a file', nomad: labelsOf(1, 'stdout') });
    expect(byMessage('2 to stdout')).toEqual({ message: '2 to stdout', nomad: labelsOf(2, 'stdout') });
    expect(byMessage('2 to stderr')).toEqual({ message: '2 to stderr', nomad: labelsOf(2, 'stderr') });
    expect(byMessage('3 to stdout')).toEqual({ message: '3 to stdout', by: 'marked', nomad: labelsOf(3, 'stdout') });
    expect(byMessage('bad')).toEqual({
      message: 'bad',
      by: 'marked',
      nvl: { parse_error: 'bad' },
      nomad: labelsOf(3, 'stdout'),
    });
    expect(byMessage(`${'é'.repeat(20_000)}!`)).toMatchObject({ nomad: labelsOf(6, 'stdout') });
  },
);

test(
  'where the plugin collects no logs, all its tasks are read as containers, also those that nvl hears of after their first lines',
  needs(vector),
  async () => {
    const site = await aSite({
      allocations: [aDocker(1)],
      plugins: [{ Name: 'docker', Config: { disable_log_collection: true } }],
    });
    // From before the setting.
    await site.writeLog(1, 'from a file');
    const daemon = await site.start();
    const container = site.container(1);
    await slowly('its logs to be followed', () => site.engine.asked.get('/containers/{id}/logs') === 1);
    container.print('1 to stdout');
    await slowly('its line', async () => (await site.messages()).includes('1 to stdout'));

    const early = site.container(2);
    const short = site.container(3);
    early.print('2 first');
    early.print('2 second', 'stderr');
    short.print('3 is over');
    await slowly('their logs to be read', () => site.engine.asked.get('/containers/{id}/logs') === 3);
    short.stop();
    await site.nomad.setAllocations([
      aDocker(1),
      aDocker(2),
      aDocker(3, { status: 'complete', finishedAt: new Date().toISOString() }),
    ]);
    await slowly('the lines that waited', async () => (await site.messages()).length === 4);
    const found = (await site.events()).map(untimed);
    expect(found.slice(1).sort((a, b) => String(a.message).localeCompare(String(b.message)))).toEqual([
      { message: '2 first', nomad: labelsOf(2, 'stdout') },
      { message: '2 second', nomad: labelsOf(2, 'stderr') },
      { message: '3 is over', nomad: labelsOf(3, 'stdout') },
    ]);

    await site.configure({ docker: 'off' });
    daemon.hangUp();
    await slowly('containers to be left alone', async () => !(await site.live()).includes('nvl_containers'));
    await slowly('the file to be read', async () => (await site.messages()).includes('from a file'));
    early.print('2 to nobody');
    await site.writeLog(1, 'the end');
    await slowly('the end', async () => (await site.messages()).includes('the end'));
    expect(await site.messages()).toHaveLength(6);
  },
);

test('an engine that is not there holds up no other task, and is read when it is there', needs(vector), async () => {
  const site = await aSite({
    allocations: [aRawAllocation({ id: idOf(1), job: 'job1' }), aDocker(2, { logsDisabled: true })],
  });
  const socket = join(site.folder, 'docker.sock');
  await site.configure({ dockerHost: `unix://${socket}` });
  await site.writeLog(1, 'from a file');
  const daemon = startNvl(['run', '--', pathOf(vector), '-c', join(site.folder, 'team.toml')], { cwd: site.folder });
  await slowly('the line of a file', async () => (await site.messages()).includes('from a file'));
  expect(daemon.log().filter(({ level }) => level === 'error')).toEqual([]);
  await symlink(site.engine.host.slice('unix://'.length), socket);
  await slowly('Vector to follow the engine', () => (site.engine.asked.get('/events') ?? 0) > 0);
  site.container(2).print('2 to stdout');
  await slowly('the line of a container', async () => (await site.messages()).includes('2 to stdout'));
  expect(daemon.log().map(({ msg }) => msg)).toContain('containers are read again');
});

test(
  'lines of the journal come labelled, whole, and from where Vector was; what another unit says of a container is none',
  needs(vector),
  async () => {
    const site = await aSite({
      allocations: [
        aDocker(1, { logsDisabled: true, jobMeta: { nvl_profile: 'marked' } }),
        aDocker(2, { logsDisabled: true, jobMeta: { nvl_enabled: 'false' } }),
        aDocker(3),
      ],
      collect: { docker: 'journald' },
    });
    const journal = await aJournal(site.folder);
    const start = () =>
      startNvl(['run', '--', pathOf(vector), '-c', join(site.folder, 'team.toml')], { cwd: site.folder });
    const first = start();
    await slowly('the pipeline', async () => (await site.live()).includes('profile marked with containers'));
    await site.writeLog(3, 'from a file');
    await journal.write(1, 'first');
    await journal.write(1, 'bad', { PRIORITY: '3' });
    await journal.write(2, 'opted out');
    await journal.write(3, 'from a file');
    await journal.write(1, 'forged', { _SYSTEMD_UNIT: 'evil.service' });
    await journal.write(1, 'of the engine', { CONTAINER_NAME: undefined });
    const part = (last: boolean) => ({ CONTAINER_PARTIAL_ID: 'a', CONTAINER_PARTIAL_LAST: String(last) });
    await journal.write(1, 'one ', part(false));
    await journal.write(1, 'whole ', part(false));
    await journal.write(1, 'line', part(true));
    await slowly('the first lines', async () => (await site.messages()).length === 4);
    await first.end();
    await journal.write(1, 'while nobody looked');
    start();
    await slowly('the rest', async () => (await site.messages()).includes('while nobody looked'));
    expect(
      (await site.events()).map(untimed).sort((a, b) => String(a.message).localeCompare(String(b.message))),
    ).toEqual([
      { message: 'bad', by: 'marked', nvl: { parse_error: 'bad' }, nomad: labelsOf(1, 'stderr') },
      { message: 'first', by: 'marked', nomad: labelsOf(1, 'stdout') },
      { message: 'from a file', nomad: labelsOf(3, 'stdout') },
      { message: 'one whole line', by: 'marked', nomad: labelsOf(1, 'stdout') },
      { message: 'while nobody looked', by: 'marked', nomad: labelsOf(1, 'stdout') },
    ]);
  },
);

/**
 * A `journalctl` that follows a file of records as journalctl writes them (`--output=json`), from behind a cursor, which is the number of a record. There is no
 * journal with a docker engine's lines on this machine.
 */
const aJournal = async (folder: string) => {
  const file = join(folder, 'journal.ndjson');
  await put(folder, {
    'journal.ndjson': '',
    'bin/journalctl': `#!/bin/sh
[ "$1" != --version ] || { echo "systemd 252 (252)"; exit 0; }
for word; do case $word in --after-cursor=*) cursor=\${word#*=};; esac; done
exec tail -n +$((\${cursor:-0} + 1)) -F ${file}
`,
  });
  await chmod(join(folder, 'bin/journalctl'), 0o755);
  let count = 0;
  return {
    write: async (digit: number, message: string, fields: object = {}) => {
      count += 1;
      const record = {
        __CURSOR: String(count),
        __REALTIME_TIMESTAMP: String(Date.now() * 1_000),
        MESSAGE: message,
        PRIORITY: '6',
        _SYSTEMD_UNIT: 'docker.service',
        _HOSTNAME: 'elsewhere',
        CONTAINER_NAME: `app-${idOf(digit)}`,
        CONTAINER_ID: 'c0ffee',
        ...fields,
      };
      await appendFile(file, `${JSON.stringify(record)}\n`);
    },
  };
};
