import { expect, test } from 'vitest';
import { aFolder, put, startNvl } from '../commands/support.ts';
import { aTransform, idOf } from '../support/builders.ts';
import { waitUntil } from '../support/wait.ts';
import { anAllocationWithLogs, type GivenLogs, startLogNomad } from './stand-in.ts';

// The whole command, against a Nomad that has logs.

const [A, B, C] = [idOf(1), idOf(2), idOf(3)];

const aSite = async (given: GivenLogs[], files: Readonly<Record<string, unknown>> = {}) => {
  const folder = await aFolder();
  const nomad = await startLogNomad();
  nomad.setAllocations(given.map(anAllocationWithLogs));
  await put(folder, {
    'nvl.json': { nomad: { address: nomad.address, timeout: '2s' }, templates: 'templates' },
    'templates/vector/.keep': '',
    ...files,
  });
  const tail = (...args: string[]) => startNvl(['tail', ...args], { cwd: folder });
  return { folder, nomad, tail };
};

const events = (out: string) =>
  out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { message: string; nomad: Record<string, string>; nvl?: object });

const messages = (out: string): string[] => events(out).map(({ message }) => message);

const of = (out: string, id: string): string[] =>
  events(out)
    .filter(({ nomad }) => nomad.alloc_id === id)
    .map(({ message }) => message);

test('what is there and what comes, labelled, each line once; Ctrl-C ends it with 0', async () => {
  const { nomad, tail } = await aSite([{ id: A }]);
  nomad.write(A, 'a\nb\nc\nhalf');
  nomad.write(A, 'oops\n', { stream: 'stderr' });
  const running = tail('shop', '-n', '2', '--format', 'json');
  await waitUntil('both logs', () => nomad.reading() === 2);
  nomad.write(A, ' a line\nlast\n');
  await waitUntil('the last', () => running.out().includes('last'));
  const { code, out, err } = await running.end();
  expect([code, err]).toEqual([0, '']);
  expect(messages(out).sort()).toEqual(['b', 'c', 'half a line', 'last', 'oops']);
  expect(events(out).find(({ message }) => message === 'oops')?.nomad).toEqual({
    namespace: 'default',
    node_name: 'node-1',
    job_name: 'shop',
    group_name: 'web',
    task_name: 'app',
    alloc_id: A,
    stream: 'stderr',
  });
});

test('an allocation that joins is shown from its first line, and one that ends to its last, with or without an end', async () => {
  const { nomad, tail } = await aSite([{ id: A }]);
  nomad.write(A, 'a1\n');
  const running = tail('shop', '--stdout', '--format', 'json');
  await waitUntil('the first', () => running.out().includes('a1'));
  nomad.write(B, `${Array.from({ length: 30 }, (_, index) => `b${index}`).join('\n')}\n`);
  nomad.setAllocations([
    anAllocationWithLogs({ id: A, status: 'complete' }),
    anAllocationWithLogs({ id: B, createIndex: 2 }),
  ]);
  nomad.write(A, 'a2\nbye');
  await waitUntil('its last words', () => running.out().includes('bye'));
  await waitUntil('the other one', () => running.out().includes('b29'));
  await waitUntil('the first to leave', () => nomad.reading() === 1);
  const { out } = await running.end();
  expect(of(out, A)).toEqual(['a1', 'a2', 'bye']);
  expect(of(out, B)).toEqual(Array.from({ length: 30 }, (_, index) => `b${index}`));
});

test('a task that is started again in its allocation goes on where it was', async () => {
  const { nomad, tail } = await aSite([{ id: A }]);
  nomad.write(A, 'before\n');
  const running = tail('shop', '--stdout', '--format', 'json');
  await waitUntil('the first run', () => running.out().includes('before'));
  nomad.setAllocations([anAllocationWithLogs({ id: A, state: 'dead' })]);
  await waitUntil('its end', () => nomad.reading() === 0);
  nomad.write(A, 'after\n');
  nomad.setAllocations([anAllocationWithLogs({ id: A })]);
  await waitUntil('the second run', () => running.out().includes('after'));
  expect(messages((await running.end()).out)).toEqual(['before', 'after']);
});

test('over cut connections, rotated files and much that was written meanwhile, each line comes once', async () => {
  const { nomad, tail } = await aSite([{ id: A }]);
  const lines = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => `line ${from + index} ${'x'.repeat(60)}`);
  const textOf = (list: readonly string[]) => list.map((line) => `${line}\n`).join('');
  nomad.write(A, textOf(lines(0, 3)));
  const running = tail('shop', '--stdout', '--format', 'json');
  const until = (line: number) => waitUntil(`line ${line}`, () => running.out().includes(`line ${line} `));
  await until(2);
  nomad.write(A, textOf(lines(3, 4_000)).slice(0, -10));
  await until(4_001);
  nomad.cut();
  nomad.write(A, textOf(lines(3, 4_000)).slice(-10));
  nomad.rotate(A);
  nomad.write(A, textOf(lines(4_003, 5_000)));
  await until(9_002);
  nomad.cut();
  await waitUntil('a new connection', () => nomad.reading() === 1);
  nomad.write(A, 'the last\n');
  await waitUntil('the last', () => running.out().includes('the last'));
  const { out, err } = await running.end();
  const expected = [...lines(0, 9_003), 'the last'];
  const shown = messages(out);
  // Not the lists: of thousands of lines a difference takes minutes to print.
  expect(shown.find((line, index) => line !== expected[index])).toBeUndefined();
  expect(shown.length).toBe(expected.length);
  expect(err.split('\n').filter((line) => line.includes('lost') || line.includes('rotated'))).toEqual([]);
});

test('what was rotated away while the connection was cut is said to be gone', async () => {
  const { nomad, tail } = await aSite([{ id: A }]);
  nomad.write(A, 'a\n');
  const running = tail('shop', '--stdout', '--format', 'json');
  await waitUntil('the first', () => running.out().includes('"a"'));
  nomad.cut();
  nomad.write(A, 'nobody reads this\n');
  nomad.rotate(A, { keep: 1 });
  nomad.write(A, 'c\n');
  await waitUntil('the next', () => running.out().includes('"c"'));
  const { out, err } = await running.end();
  expect(messages(out)).toEqual(['a', 'c']);
  expect(err).toContain('app/11111111: Nomad rotated lines of stdout away before nvl could read them');
});

test.each<[string, { status: number; text: string }, string]>([
  [
    'the token may not read logs there',
    { status: 403, text: 'Permission denied' },
    "Nomad refused what nvl asked (403 Permission denied); the token needs the capability read-logs in the allocation's namespace",
  ],
  ['its node is away', { status: 500, text: 'No path to node' }, "Nomad's agent does not reach its servers"],
  [
    'its node has cleared it away',
    { status: 404, text: `Unknown allocation "${B}"` },
    `Nomad has no such log (Unknown allocation "${B}")`,
  ],
])('%s: that is said once, tried again, and nothing to the others', async (_, failure, said) => {
  const { nomad, tail } = await aSite([{ id: A }, { id: B }]);
  nomad.failures.push({ path: new RegExp(`/logs/${B}`), ...failure });
  for (const id of [A, B])
    for (const stream of ['stdout', 'stderr'] as const) nomad.write(id, `${stream} of ${id}\n`, { stream });
  const running = tail('shop', '--format', 'json');
  const tries = () => nomad.asked.filter(({ url }) => url?.includes(`/logs/${B}`)).length;
  await waitUntil('some more tries', () => tries() >= 6);
  expect(of(running.out(), A).sort()).toEqual([`stderr of ${A}`, `stdout of ${A}`]);
  nomad.failures.length = 0;
  await waitUntil('the other one', () => of(running.out(), B).length === 2);
  const { out, err } = await running.end();
  expect(of(out, B).sort()).toEqual([`stderr of ${B}`, `stdout of ${B}`]);
  expect(err.split(said).length - 1).toBe(1);
  expect(err.split('\n').filter((line) => line.includes('app/22222222'))).toEqual([
    expect.stringContaining('; nvl tries again'),
    'nvl: app/22222222: works again',
  ]);
});

test('an allocation that cannot be read, and a list that cannot, are said once and no end of the others', async () => {
  const { nomad, tail } = await aSite([{ id: A }, { id: B }]);
  for (const id of [A, B]) nomad.write(id, `of ${id}\n`);
  nomad.failures.push({ path: new RegExp(`^/v1/allocation/${B}`), status: 500, text: 'rpc error: EOF', times: 2 });
  const running = tail('shop', '--stdout', '--format', 'json');
  await waitUntil('both', () => messages(running.out()).length === 2);
  nomad.failures.push({ path: /allocations$/, status: 500, text: 'No cluster leader', times: 2 });
  nomad.setAllocations([A, B].map((id) => anAllocationWithLogs({ id })));
  await waitUntil('the word', () => running.said().includes('no leader'));
  nomad.write(C, 'late\n');
  nomad.setAllocations([A, B, C].map((id) => anAllocationWithLogs({ id })));
  await waitUntil('the third', () => messages(running.out()).length === 3);
  const { err } = await running.end();
  expect(err.split('\n')).toEqual([
    "nvl: shop.web[0] 22222222: Nomad's agent failed to answer (500 rpc error: EOF); nvl tries again",
    'nvl: shop.web[0] 22222222: works again',
    'nvl: the list of allocations: The Nomad servers have no leader (500 No cluster leader); nvl tries again',
    'nvl: the list of allocations: works again',
    '',
  ]);
});

test('a task that has not started is waited for, and shown from its first line', async () => {
  const { nomad, tail } = await aSite([{ id: A, state: 'pending', isStarted: false }]);
  const running = tail('shop', '--stdout', '-n', '1', '--format', 'json');
  await waitUntil('the word', () => running.said().includes('app/11111111: has not started yet'));
  expect(nomad.asked.filter(({ url }) => url?.includes('/logs/'))).toEqual([]);
  nomad.write(A, 'one\ntwo\nthree\n');
  nomad.setAllocations([anAllocationWithLogs({ id: A })]);
  await waitUntil('its lines', () => running.out().includes('three'));
  expect(messages((await running.end()).out)).toEqual(['one', 'two', 'three']);
});

test('--no-follow shows what there is and ends, also of what is over', async () => {
  const { nomad, tail } = await aSite([
    { id: A, status: 'complete', createIndex: 7 },
    { id: B, status: 'complete', createIndex: 9, tasks: ['app', 'side'] },
  ]);
  nomad.write(A, 'a1\na2\nrest');
  nomad.write(B, 'b1\n');
  nomad.write(B, 's1\n', { task: 'side', stream: 'stderr' });
  for (const task of ['app', 'side'])
    for (const stream of ['stdout', 'stderr'] as const) nomad.write(B, '', { task, stream });
  nomad.write(A, '', { stream: 'stderr' });
  const { code, out } = await tail('shop', '--no-follow', '-n', '1', '--format', 'json').ended;
  expect(code).toBe(0);
  expect(messages(out).sort()).toEqual(['a2', 'b1', 'rest', 's1']);
  const side = await tail('shop/side', '--no-follow', '--format', 'json').ended;
  expect(messages(side.out)).toEqual(['s1']);
  const none = await tail('shop', '--task', 'sidecar', '--no-follow').ended;
  expect([none.code, none.err]).toEqual([1, 'nvl: no allocation has a task sidecar\n  tasks  app, side\n']);
});

test('--no-follow ends with 1 where something could not be read', async () => {
  const { nomad, tail } = await aSite([{ id: A }, { id: B }]);
  for (const id of [A, B]) nomad.write(id, `of ${id}\n`);
  nomad.failures.push({ path: new RegExp(`/logs/${B}`), status: 403, text: 'Permission denied' });
  const { code, out } = await tail('shop', '--stdout', '--no-follow', '--format', 'json').ended;
  expect([code, messages(out)]).toEqual([1, [`of ${A}`]]);
});

test('a condition lets through what fulfils it, over the labelled event', async () => {
  const { nomad, tail } = await aSite([{ id: A }], {
    'templates/profiles/levels/transform.toml.hbs': aTransform(
      '.level = if contains(string!(.message), "bad") { "error" } else { "info" }',
    ),
  });
  nomad.setAllocations([anAllocationWithLogs({ id: A, taskMeta: { nvl_profile: 'levels' } })]);
  nomad.write(A, 'good\nbad\nbad too\n');
  const where = '.level == "error" && .nomad.task_name == "app" && .message != "bad too"';
  const { out } = await tail('shop', '--stdout', '--no-follow', '--where', where, '--format', 'json').ended;
  expect(messages(out)).toEqual(['bad']);
});

test.each([
  ['a call that is unknown', 'no_such(.message)', /error\[E105\]: call to undefined function[\s\S]*no_such/],
  ['no condition', '.message', /error\[E\d+\]/],
])('%s is told as the compiler prints it, and nothing is asked of Nomad', async (_, where, said) => {
  const { nomad, tail } = await aSite([{ id: A }]);
  const { code, out, err } = await tail('shop', '--where', where).ended;
  expect([code, out]).toEqual([1, '']);
  expect(err).toMatch(/^nvl: The condition of --where does not compile\n {2}said {2}/);
  expect(err).toMatch(said);
  expect(nomad.asked).toEqual([]);
});

test('lines that are joined are let go after a second without new ones', async () => {
  const { nomad, tail } = await aSite([{ id: A, taskMeta: { nvl_profile: 'joined' } }], {
    'templates/profiles/joined/transform.toml.hbs': `[transforms.{{id}}_parse]
type = "reduce"
inputs = ["{{input}}"]
starts_when = '!starts_with(string!(.message), " ")'
merge_strategies.message = "concat_newline"
`,
  });
  nomad.write(A, '');
  const running = tail('shop', '--stdout', '--format', 'json');
  await waitUntil('the log', () => nomad.reading() === 1);
  nomad.write(A, 'error\n at a\n');
  nomad.write(A, ' at b\n');
  await waitUntil('the event', () => running.out() !== '');
  nomad.write(A, 'next\n');
  await waitUntil('the next', () => running.out().includes('next'));
  expect(messages((await running.end()).out)).toEqual(['error\n at a\n at b', 'next']);
});

test.each<[string, string, RegExp]>([
  ['is unknown', 'nope', /no profile is named nope/],
  ['does not compile', 'broken', /error\[E105\][\s\S]*no_such/],
  ['does not run here', 'lua', /does not run without Vector/],
])('a profile that %s costs no line: by default, marked, and said', async (_, profile, said) => {
  const { nomad, tail } = await aSite([{ id: A, taskMeta: { nvl_profile: profile } }], {
    'templates/profiles/broken/transform.toml.hbs': aTransform('.a = no_such(.message)'),
    'templates/profiles/lua/transform.toml.hbs': `[transforms.{{id}}_parse]
type = "lua"
version = "2"
inputs = ["{{input}}"]
hooks.process = "function (event, emit) emit(event) end"
`,
  });
  nomad.write(A, 'a line\n');
  const { code, out, err } = await tail('shop', '--stdout', '--no-follow', '--format', 'json').ended;
  expect([code, messages(out)]).toEqual([0, ['a line']]);
  expect(events(out)[0]?.nvl).toMatchObject({ profile_error: expect.stringContaining('') });
  expect(err).toMatch(/^nvl: app\/11111111: ships by default, unparsed and marked, since\n/);
  expect(err).toMatch(said);
});

test('a terminal that takes nothing holds the reading up, and gets all of it later', async () => {
  const { nomad, folder } = await aSite([{ id: A }]);
  const line = 'x'.repeat(999);
  nomad.write(A, `${line}\n`.repeat(3_000));
  const { promise: isRead, resolve: read } = Promise.withResolvers<void>();
  const args = ['tail', 'shop', '--stdout', '-n', '3000', '--format', 'json'];
  const running = startNvl(args, { cwd: folder, outTakesMore: () => isRead });
  await waitUntil('the first', () => running.out() !== '');
  await new Promise((resolve) => setTimeout(resolve, 300));
  // What one frame had, and no more.
  expect(messages(running.out()).length).toBeLessThan(70);
  read();
  await waitUntil('the rest', () => messages(running.out()).length === 3_000);
});

test('a person gets a line an event, in which nothing controls the terminal', async () => {
  const { nomad, tail } = await aSite([{ id: A }]);
  nomad.write(A, 'red \u001b[31m \u009b2J \u202e\r\n', { stream: 'stderr' });
  const { out } = await tail('shop', '--stderr', '--no-follow').ended;
  expect(out).toMatch(/^\S+Z app\/11111111 red \\e\[31m \\x9b2J \\u202e\\r stream=stderr\n$/);
});

test('by the id of an allocation, or its beginning; it ends when that is over', async () => {
  const [one, other] = ['abcd1234-0000-4000-8000-000000000001', 'abcd9999-0000-4000-8000-000000000002'];
  const { nomad, tail } = await aSite([
    { id: one, namespace: 'apps' },
    { id: other, job: 'other' },
  ]);
  nomad.write(one, 'of one\n');
  nomad.write(other, 'of other\n');
  const running = tail('abcd123', '--stdout', '--format', 'json');
  await waitUntil('its line', () => running.out().includes('of one'));
  nomad.setAllocations([anAllocationWithLogs({ id: one, namespace: 'apps', status: 'complete' })]);
  const { code, out } = await running.ended;
  expect([code, messages(out)]).toEqual([0, ['of one']]);
});

test('the children of a periodic or parameterized job are shown with it', async () => {
  const { nomad, tail } = await aSite([
    { id: A, job: 'nightly/periodic-17' },
    { id: B, job: 'nightly-other' },
  ]);
  nomad.setJobs({ nightly: { ID: 'nightly', Periodic: { Enabled: true } } });
  nomad.write(A, 'a child\n');
  nomad.write(B, 'another job\n');
  const { out } = await tail('nightly', '--stdout', '--no-follow', '--format', 'json').ended;
  expect(messages(out)).toEqual(['a child']);
});

test('a job is looked for in its namespace', async () => {
  const { nomad, tail } = await aSite([{ id: A, namespace: 'payments' }]);
  nomad.write(A, 'paid\n');
  const missed = await tail('shop', '--no-follow').ended;
  expect([missed.code, missed.err]).toEqual([
    1,
    `nvl: Nomad knows no job shop in namespace default, and no allocation whose id begins so
  try   name its namespace with --namespace (\`*\` for all of them); nomad job status lists the jobs
`,
  ]);
  for (const namespace of ['payments', '*']) {
    const { out } = await tail('shop', '--stdout', '--no-follow', '--format', 'json', '--namespace', namespace).ended;
    expect(messages(out)).toEqual(['paid']);
  }
});

test.each(['-1', 'ten', '1.5', ''])('%j is no number of lines', async (lines) => {
  const { tail } = await aSite([{ id: A }]);
  const { code, err } = await tail('shop', `--lines=${lines}`).ended;
  expect([code, err]).toEqual([1, expect.stringContaining('--lines takes a whole number')]);
});
