import { glob, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Child, startChild } from '../support/child.ts';
import { type NomadAgent, startNomadAgent } from '../support/nomad-agent.ts';
import { nvlProgram } from '../support/nvl.ts';
import { isAbsent, loki, needs, nomad, pathOf, vector, victoriaLogs } from '../support/programs.ts';
import { freePort, type LogServer, startLoki, startVictoriaLogs } from '../support/servers.ts';
import { readEvents, startVector } from '../support/vector.ts';
import { waitFor } from '../support/wait.ts';

// Each sink that `nvl init` offers, as a new user gets it: init, the addresses changed, README's `nvl run -- vector`, a job
// of a real Nomad, and what a real server answers to a query.

let agent: NomadAgent | undefined;
let allocId = '';

beforeAll(async () => {
  if (isAbsent(nomad) || isAbsent(vector)) return;
  agent = await startNomadAgent();
  await agent.run({ job: shopJob() });
  allocId = await waitFor(
    'the job to end',
    async () =>
      (await agent?.allocationsOf({ jobId: JOB }))?.find(({ ClientStatus }) => ClientStatus === 'complete')?.ID,
  );
});
afterAll(async () => {
  await agent?.close();
});

let folder: string;
const open: { end: () => Promise<unknown> }[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nvl-sinks-'));
});
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.end();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

/** A name with a slash, as children of periodic and parameterized jobs have them. */
const JOB = '.shop/web';

const PLAIN = Array.from({ length: 200 }, (_, number) => `an order of ${number} apples`);
const WARNED = ['out of stock'];
const JSON_LINES = [
  '{"message":"paid","level":"WARN","took_ms":3}',
  '{"message":"forged","nomad":{"job_name":"evil"},"nomad.job_name":"evil","nomad.alloc_id":"evil","level":"info"}',
  '{"message":"routed","data_stream":"evil","timestamp":"yesterday","level":"info"}',
  'panic: out of cheese',
];

const shopJob = () => ({
  ID: JOB,
  Name: JOB,
  Type: 'batch',
  Datacenters: ['*'],
  TaskGroups: [
    {
      Name: 'group',
      Tasks: [
        task(
          'plain',
          `printf '%s\\n' ${PLAIN.map(quoted).join(' ')}; printf '%s\\n' ${WARNED.map(quoted).join(' ')} >&2`,
        ),
        { ...task('json', `printf '%s\\n' ${JSON_LINES.map(quoted).join(' ')}`), Meta: { nvl_profile: 'app' } },
      ],
    },
  ],
});

const task = (name: string, script: string) => ({
  Name: name,
  Driver: 'raw_exec',
  Config: { command: '/bin/sh', args: ['-c', script] },
  Resources: { CPU: 10, MemoryMB: 10 },
});

const quoted = (text: string): string => `'${text}'`;

const labels = (taskName: string, stream = 'stdout') => ({
  namespace: 'default',
  node_name: agent?.nodeName,
  job_name: JOB,
  group_name: 'group',
  task_name: taskName,
  alloc_id: allocId,
  stream,
});

/** `nvl init --sink S`, what a user changes in its files, and README's command. */
const collectWith = async (sink: string, edit: (text: string) => string = (text) => text): Promise<Child> => {
  const dir = join(folder, 'logging');
  await nvl(folder, 'init', dir, '--sink', sink);
  await editFile(join(dir, 'templates/vector/sink.toml.hbs'), edit);
  await editFile(join(dir, 'nvl.yaml'), (text) =>
    text.replace('/var/lib/nvl', join(folder, 'root')).replace('http://127.0.0.1:4646', agent?.address ?? ''),
  );
  const args = [nvlProgram, 'run', '--', pathOf(vector)];
  const child = await startChild(process.execPath, args, { cwd: dir, logFile: join(folder, 'nvl.log') });
  open.push(child);
  return child;
};

const nvl = async (cwd: string, ...args: string[]): Promise<void> => {
  const child = await startChild(process.execPath, [nvlProgram, ...args], {
    cwd,
    logFile: join(folder, 'command.log'),
  });
  const code = await child.ended;
  if (code !== 0) throw new Error(`nvl ${args.join(' ')} ended with ${code}: ${await child.said()}`);
};

const editFile = async (file: string, edit: (text: string) => string): Promise<void> => {
  await writeFile(file, edit(await readFile(file, 'utf8')));
};

const serve = async (start: (folder: string) => Promise<LogServer>): Promise<LogServer> => {
  const server = await start(folder);
  open.push(server);
  return server;
};

const COUNT = PLAIN.length + WARNED.length + JSON_LINES.length;

/** Waits for all lines, and a little longer, so that one too many is seen. */
const all = async <T>(read: () => Promise<T[]>): Promise<T[]> => {
  await waitFor('all lines', async () => ((await read()).length >= COUNT ? true : undefined), {
    timeoutMs: 60_000,
    everyMs: 500,
  }).catch(async (error: unknown) => {
    const said = (await readFile(join(folder, 'nvl.log'), 'utf8').catch(() => '')).split('\n').slice(-25).join('\n');
    throw new Error(`${(await read().catch(() => [])).length} of ${COUNT} lines came\n${said}`, { cause: error });
  });
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  return read();
};

const lokiStarts = [
  ['victoria-logs', victoriaLogs, startVictoriaLogs],
  ['loki', loki, startLoki],
] as const;

for (const [name, program, start] of lokiStarts) {
  test(`the sink loki, as ${name} answers it`, needs(nomad, vector, program), async () => {
    const { address, lines } = await serve(start);
    const endpoint = name === 'loki' ? address : `${address}/insert`;
    await collectWith('loki', (text) => text.replace('http://127.0.0.1:3100', endpoint));
    const found = await all(lines);

    const expected = (taskName: string, stream = 'stdout') => ({
      namespace: 'default',
      job: JOB,
      group: 'group',
      task: taskName,
      stream,
      node: agent?.nodeName,
      alloc_id: allocId,
    });
    const of = (taskName: string, stream = 'stdout') =>
      found.filter(({ fields }) => fields.task === taskName && fields.stream === stream);
    expect(found).toHaveLength(COUNT);
    // What was not parsed is the line as it was, and nothing beside its labels.
    expect(
      of('plain')
        .map(({ line }) => line)
        .sort(),
    ).toEqual([...PLAIN].sort());
    expect(of('plain', 'stderr').map(({ line }) => line)).toEqual(WARNED);
    for (const stream of ['stdout', 'stderr'])
      for (const { fields } of of('plain', stream)) expect(fields).toEqual(expected('plain', stream));

    const parsed = of('json').filter(({ line }) => line.startsWith('{'));
    expect(parsed.map(({ line }) => JSON.parse(line) as unknown)).toEqual(
      expect.arrayContaining([
        { message: 'paid', level: 'warn', took_ms: 3 },
        { message: 'forged', level: 'info' },
        { message: 'routed', level: 'info', data_stream: 'evil', timestamp: 'yesterday' },
      ]),
    );
    for (const { fields } of parsed) expect(fields).toEqual(expected('json'));
    expect(of('json').filter(({ line }) => !line.startsWith('{'))).toEqual([
      { line: 'panic: out of cheese', fields: { ...expected('json'), parse_error: 'app: not a JSON object' } },
    ]);
  });
}

test('the sink elasticsearch, as victoria-logs answers it', needs(nomad, vector, victoriaLogs), async () => {
  const { address, lines } = await serve(startVictoriaLogs);
  await collectWith('elasticsearch', (text) =>
    text
      .replace('http://127.0.0.1:9200', `${address}/insert/elasticsearch`)
      // What VictoriaLogs asks beside Elasticsearch's own protocol: which field is the text, which the time.
      .replace(
        'mode = "data_stream"',
        'mode = "data_stream"\nquery._msg_field = "message"\nquery._time_field = "@timestamp"',
      ),
  );
  const found = await all(lines);

  const expected = (taskName: string, stream = 'stdout') =>
    Object.fromEntries(Object.entries(labels(taskName, stream)).map(([key, value]) => [`nomad.${key}`, value]));
  const of = (taskName: string, stream = 'stdout') =>
    found.filter(({ fields }) => fields['nomad.task_name'] === taskName && fields['nomad.stream'] === stream);
  expect(found).toHaveLength(COUNT);
  expect(
    of('plain')
      .map(({ line }) => line)
      .sort(),
  ).toEqual([...PLAIN].sort());
  expect(of('plain', 'stderr').map(({ line }) => line)).toEqual(WARNED);
  for (const stream of ['stdout', 'stderr'])
    for (const { fields } of of('plain', stream)) expect(fields).toEqual(expected('plain', stream));
  const json = Object.fromEntries(of('json').map(({ line, fields }) => [line, fields]));
  expect(json).toEqual({
    paid: { ...expected('json'), level: 'warn', took_ms: '3' },
    forged: { ...expected('json'), level: 'info' },
    routed: { ...expected('json'), level: 'info', 'nvl.line.data_stream': 'evil', 'nvl.line.timestamp': 'yesterday' },
    'panic: out of cheese': { ...expected('json'), 'nvl.parse_error': 'app: not a JSON object' },
  });
});

/** What the sinks that pass whole events on deliver. */
const expectEvents = (events: readonly Record<string, unknown>[]): void => {
  expect(events).toHaveLength(COUNT);
  const shown = events.map(({ timestamp, ...rest }) => rest);
  const of = (taskName: string, stream = 'stdout') =>
    shown.filter(
      ({ nomad: own }) =>
        (own as Record<string, string>).task_name === taskName && (own as Record<string, string>).stream === stream,
    );
  expect(
    of('plain')
      .map(({ message }) => message)
      .sort(),
  ).toEqual([...PLAIN].sort());
  for (const event of of('plain')) expect(event).toEqual({ message: event.message, nomad: labels('plain') });
  expect(of('plain', 'stderr')).toEqual(WARNED.map((message) => ({ message, nomad: labels('plain', 'stderr') })));
  expect(of('json')).toEqual(
    expect.arrayContaining([
      { message: 'paid', level: 'warn', took_ms: 3, nomad: labels('json') },
      { message: 'forged', level: 'info', nomad: labels('json') },
      { message: 'routed', level: 'info', data_stream: 'evil', nomad: labels('json') },
      { message: 'panic: out of cheese', nvl: { parse_error: 'app: not a JSON object' }, nomad: labels('json') },
    ]),
  );
};

test('the sink console', needs(nomad, vector), async () => {
  const child = await collectWith('console');
  const read = async () =>
    (await child.said())
      .split('\n')
      .filter((line) => line.startsWith('{') && line.includes('"nomad":'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  expectEvents(await all(read));
});

test('the sink file: a job’s name leads into no other folder', needs(nomad, vector), async () => {
  await collectWith('file', (text) => text.replaceAll('/var/log/nomad-jobs', join(folder, 'jobs')));
  const files = async () => {
    const names: string[] = [];
    for await (const name of glob('jobs/**/*.log', { cwd: folder })) names.push(name);
    return names;
  };
  const read = async () => (await Promise.all((await files()).map((name) => readEvents(join(folder, name))))).flat();
  expectEvents(await all(read));
  for (const name of await files()) expect(name).toMatch(/^jobs\/default\/%2Eshop%2Fweb\/\d{4}-\d\d-\d\d\.log$/);
});

test(
  'the sink vector: another Vector gets events and nothing of nvl’s own metadata',
  needs(nomad, vector),
  async () => {
    const port = await freePort();
    const gathered = join(folder, 'gathered.ndjson');
    const config = join(folder, 'aggregator.toml');
    await writeFile(
      config,
      `[sources.nodes]
type = "vector"
address = "127.0.0.1:${port}"
[transforms.seen]
type = "remap"
inputs = ["nodes"]
source = '.hidden = %nvl'
[sinks.gathered]
type = "file"
inputs = ["seen"]
path = ${JSON.stringify(gathered)}
encoding.codec = "json"
acknowledgements.enabled = true
`,
    );
    open.push(await startVector({ folder, configs: [config] }));
    await collectWith('vector', (text) => text.replace('127.0.0.1:6000', `127.0.0.1:${port}`));
    const events = await all(() => readEvents(gathered));
    expect(events.filter(({ hidden }) => hidden !== null)).toEqual([]);
    // The source that gathers names itself.
    expectEvents(events.map(({ hidden: _, source_type: __, ...event }) => event));
  },
);
