import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, onTestFinished, test, vi } from 'vitest';
import { lockRoot } from '../../lib/apply/lock.ts';
import { prepareRoot } from '../../lib/apply/root.ts';
import { doctor } from '../../lib/commands/doctor.ts';
import { shippedTemplatesDir } from '../../lib/config/read-templates.ts';
import { createDemoNode } from '../../lib/demo/node.ts';
import { failOf } from '../../lib/doctor/finding.ts';
import { NvlError } from '../../lib/errors.ts';
import { createUnread } from '../../lib/files/unread.ts';

/** A Vector that accepts everything. */
const GOOD_VECTOR = '#!/bin/sh\n[ "$1" = --version ] && echo "vector 0.57.0 (tiny)"\nexit 0\n';

const open = async (config: Record<string, unknown> = {}) => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-doctor-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const node = await createDemoNode({ dataDir: join(folder, 'nomad'), seed: 1, pause: async () => {} });
  onTestFinished(() => node.close());
  const write = async (name: string, text: string, mode = 0o644) => {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text, { mode });
  };
  await write('vector', GOOD_VECTOR, 0o755);
  await write('data/.keep', '');
  await write('team.toml', `data_dir = ${JSON.stringify(join(folder, 'data'))}\n`);
  const settings = {
    root: join(folder, 'root'),
    nomad: { address: node.address },
    vector: { binary: join(folder, 'vector'), args: ['-c', join(folder, 'team.toml')] },
    reload: { method: 'none' },
  };
  await write('nvl.yaml', JSON.stringify({ ...settings, ...config }));
  /** The report's lines of one name, as `verdict text`. */
  const look = async (name: string, words: string[] = [], limitMs?: number) => {
    let out = '';
    const exitCode = await doctor({
      io: {
        out: (text) => {
          out += text;
        },
        err: () => {},
        stderr: new PassThrough(),
        readInput: async function* () {},
        env: {},
        cwd: folder,
        systemDir: '/no/such/folder',
        isTty: false,
        isErrTty: false,
        signal: new AbortController().signal,
        onHangup: () => () => {},
      },
      flags: { config: join(folder, 'nvl.yaml') },
      rest: words,
      ...(limitMs !== undefined && { limitMs }),
    });
    const lines = out.split('\n').flatMap((line) => {
      const [, verdict, about, text] = /^(ok|warn|fail) +(.{12}) {2}(.*)$/.exec(line) ?? [];
      return about?.trim() === name ? [`${verdict} ${text}`] : [];
    });
    return { exitCode, lines, out };
  };
  return { folder, node, write, look };
};

// Longer than doctor waits for a check: what hangs is then named.
vi.setConfig({ testTimeout: 130_000 });

test('a configuration with faults lists them all and looks at nothing', async () => {
  const { look } = await open({ collect: { removalDelay: '5' }, sinks: 'nine' });
  await expect(look('config')).rejects.toMatchObject({
    code: 'configInvalid',
    message: 'the configuration has 2 faults',
  });
});

test('the links to log files: hard ones, and where they cannot be, the line that cures it', async () => {
  const { folder, look } = await open();
  const allocDir = join(folder, 'nomad', 'alloc');
  expect((await look('log links')).lines).toEqual([
    `ok hard links from ${join(folder, 'root')} to the logs in ${allocDir}: what Nomad deletes is kept`,
  ]);
  // Another file system, on any Linux.
  const apart = await open({ root: '/dev/shm/nvl-doctor-none' });
  const { lines } = await apart.look('log links');
  expect(lines).toEqual([
    expect.stringMatching(
      /^warn the output root .* are on two file systems, so that nvl makes symbolic links: .* {2}-> {2}put nvl's output root beside .*: root = ".*\/nomad\/nvl"$/,
    ),
  ]);
});

test('what went unread: by its reason, with the tasks that lost it last', async () => {
  const { folder, look } = await open();
  const root = join(folder, 'root');
  expect((await look('unread logs')).lines).toEqual(['ok nothing went unread in the last 7 days']);
  const { unreadFile } = await prepareRoot({ root });
  const day = 86_400_000;
  const start = Date.now();
  let now = start - 8 * day;
  const unread = createUnread({ file: unreadFile, now: () => now });
  unread.add({ task: 'long-ago/app', files: 1, bytes: 1, why: 'hold' });
  now = start - day;
  for (const task of ['a/app', 'b/app', 'c/app', 'd/app']) {
    unread.add({ task, files: 2, bytes: 100, why: 'hold' });
  }
  unread.add({ task: 'e/app', files: 1, bytes: 7, why: 'ceiling' });
  unread.add({ task: 'f/app', files: 1, bytes: 8, why: 'unknown' });
  unread.save();
  const { lines } = await look('unread logs');
  expect(lines).toEqual([
    expect.stringMatching(
      /^warn deleted log files .*: 400 bytes of a\/app \(100 bytes, .*\), .*, and 1 more {2}-> {2}fix the sink/,
    ),
    expect.stringMatching(/^warn finished tasks were given up .*: 7 bytes of e\/app .* {2}-> {2}.*collect.ceiling/),
    expect.stringMatching(
      /^warn log files of allocations that Nomad does not name .*: 8 bytes of f\/app .* {2}-> {2}.*read-job/,
    ),
  ]);
});

test('a check that hangs is told, and the others are made', async () => {
  const { look, write } = await open();
  await write('vector', '#!/bin/sh\nexec sleep 5\n', 0o755);
  const { out, lines } = await look('vector', [], 1_000);
  expect(lines).toEqual([expect.stringMatching(/^fail no answer within 1 s {2}-> {2}see whether a disk/)]);
  expect(out).toMatch(/^ok +nomad /m);
});

test('the root: not there yet, used by another nvl, and none that can be one', async () => {
  const { folder, look, write } = await open();
  const root = join(folder, 'root');
  expect((await look('root')).lines).toEqual([`ok ${root}, which nvl makes at its first run`]);
  const { lockFile } = await prepareRoot({ root });
  expect((await look('root')).lines).toEqual([`ok ${root}, and no nvl works on it now`]);
  const lock = await lockRoot({ lockFile });
  expect((await look('root')).lines).toEqual([`ok ${root}, and an nvl (process ${process.pid}) works on it`]);
  expect(await lock.isHeld()).toBe(true);
  await lock.release();
  await rm(join(root, 'live'), { recursive: true });
  await symlink(folder, join(root, 'live'));
  expect((await look('root')).lines).toEqual([
    expect.stringMatching(/^fail a folder of the output root is not nvl’s own.*it is a symbolic link/),
  ]);
  await rm(root, { recursive: true });
  await write('root', 'a file');
  const { lines, exitCode } = await look('root');
  expect(lines).toEqual([
    expect.stringMatching(/^fail the output root cannot be used .*ENOTDIR.* {2}-> {2}make it a folder/),
  ]);
  expect(exitCode).toBe(1);
});

test.each([
  [
    'missing',
    { 'team.toml': 'data_dir = "/nowhere/at/all"\n' },
    /^fail \/nowhere\/at\/all does not exist, .*mkdir -p \/nowhere/,
  ],
  ['a file', { 'team.toml': 'data_dir = "/proc/version"\n' }, /^fail \/proc\/version cannot be read: ENOTDIR/],
  ['there', {}, /^ok .*\/data$/],
])('data_dir: %s', async (_, files, expected) => {
  const { look, write } = await open();
  for (const [name, text] of Object.entries(files)) await write(name, text);
  expect((await look('data_dir')).lines).toEqual([expect.stringMatching(expected)]);
});

test("the team's Vector files: one that nobody can parse, and an id that is nvl's", async () => {
  const { folder, look, write } = await open();
  await write('team.toml', 'data_dir = "/x"\n[sources.nomad_logs]\ntype = "demo_logs"\n[sinks\n');
  expect((await look('vector files')).lines).toEqual([
    expect.stringMatching(/^fail .*team\.toml cannot be parsed: .* {2}-> {2}fix it/),
  ]);
  await write('team.toml', '[sources.nomad_logs]\ntype = "demo_logs"\n');
  const owned = await look('vector files');
  expect(owned.lines).toEqual([
    `fail a Vector file of your own has an id that nvl keeps for itself (found source nomad_logs in ${join(folder, 'team.toml')})  ->  rename it: nomad_logs and all that begins with nvl_ are written by nvl`,
  ]);
  expect((await look('proof')).lines).toEqual([
    'warn not looked at: it needs what the line on vector files says is wrong',
  ]);
});

test('nothing says how Vector is started, unless it is said behind --', async () => {
  const { folder, look } = await open({ vector: {}, reload: {} });
  expect((await look('vector files')).lines).toEqual([
    expect.stringMatching(/^warn nothing says how Vector is started/),
  ]);
  expect((await look('reload')).lines).toEqual([
    expect.stringMatching(/^warn nothing says how Vector is made to load a new config {2}-> {2}let nvl run it/),
  ]);
  const words = [join(folder, 'vector')];
  expect((await look('data_dir', words)).lines).toEqual([
    `ok ${join(folder, 'root/state/vector')}, made by nvl for the Vector it runs`,
  ]);
  expect((await look('reload', words)).lines).toEqual(['ok nvl runs Vector itself, and tells it']);
  expect((await look('vector', words)).lines).toEqual([expect.stringMatching(/^ok 0\.57\.0 at .*\/vector, answered/)]);
});

test('no sink at all reads the lines', async () => {
  const { look } = await open({ sinks: 'none' });
  const { lines, exitCode } = await look('sinks');
  expect(lines).toEqual([
    expect.stringMatching(/^fail no sink reads nomad_logs: every line would be read and thrown away/),
  ]);
  expect(exitCode).toBe(1);
});

test.each([
  ['a pid file that is missing', { pidFile: '/nowhere/vector.pid' }, /^fail the pid file cannot be read: ENOENT/],
  ['a pid file of no Vector', { pidFile: 'own.pid' }, /^fail process \d+ of .* is .*, not Vector {2}-> /],
  [
    'a command that is missing',
    { command: ['reload-it-now'] },
    /^fail reload\.command begins with reload-it-now, which/,
  ],
  ['a command', { command: ['/bin/sh', '-c', 'true'] }, /^ok by a command, \/bin\/sh$/],
  [
    'watch without its flag',
    { method: 'watch' },
    /^warn reload\.method is watch, and vector\.args hold no --watch-config/,
  ],
  ['signal without a pid file', { method: 'signal' }, /^fail reload\.pidFile is not set/],
])('reload: %s', async (_, reload, expected) => {
  const { look, write } = await open({ reload });
  await write('own.pid', `${process.pid}\n`);
  expect((await look('reload')).lines).toEqual([expect.stringMatching(expected)]);
});

test('the allocations of another folder than the one that is looked at', async () => {
  const { folder, node, look } = await open({ nomad: undefined });
  await node.startJob({ id: 'web', tasks: [{ name: 'app' }] });
  const away = await look('alloc folder');
  expect(away.lines).toEqual([expect.stringMatching(/^warn not looked at/)]);
  await writeFile(
    join(folder, 'nvl.yaml'),
    JSON.stringify({ nomad: { address: node.address, allocDir: join(folder, 'data'), nodeId: 'other' } }),
  );
  expect((await look('nomad')).lines[1]).toMatch(/^warn nomad\.nodeId is other, and the agent here is node /);
  await writeFile(
    join(folder, 'nvl.yaml'),
    JSON.stringify({ nomad: { address: node.address, allocDir: join(folder, 'data') } }),
  );
  expect((await look('alloc folder')).lines).toEqual([
    expect.stringMatching(/^fail .*\/data holds none of the 1 running allocations {2}-> {2}set nomad\.allocDir/),
  ]);
});

test('an agent that is no client', async () => {
  const server = createServer((_, response) => response.end(JSON.stringify({ config: { DataDir: '/d' }, stats: {} })));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { look } = await open({ nomad: { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` } });
  const { lines, exitCode } = await look('nomad');
  expect(lines[1]).toMatch(/^fail this agent is no client: .* {2}-> {2}give nvl the address of a client agent/);
  expect(exitCode).toBe(1);
});

test.each<[string, string, (response: ServerResponse) => unknown, RegExp[]]>([
  ['not asked for', 'list', (response) => response.end(), []],
  ['there', 'events', (response) => response.write('{}\n'), [/^ok Nomad's event stream is open to the token$/]],
  [
    'refused, as Nomad does it',
    'events',
    (response) => response.end(),
    [
      /^warn no events, so nvl follows the list as without them: .*sends nothing.* {2}-> {2}give the token what it needs/,
    ],
  ],
])('an event stream that is %s', async (_, news, answer, lines) => {
  const server = createServer((request, response) =>
    request.url?.startsWith('/v1/event/stream') ? answer(response.writeHead(200)) : response.writeHead(404).end(),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { look } = await open({ nomad: { address, news, nodeId: 'n1', allocDir: '/nowhere' } });
  expect((await look('events')).lines).toEqual(lines.map((line) => expect.stringMatching(line)));
});

test('an error is one line: of a diagnosis the words and the place, of a fault of nvl that it is one', () => {
  const said =
    'Transform "x": \nerror[E105]: call to undefined function\n  ┌─ :3:6\n  │\n3 │ .a = b()\n  │      ^\n  │      │\n  │      undefined\n  │\n  = learn more';
  const error = new NvlError('vectorRefused', { message: 'Vector refused it', facts: { said }, advice: 'fix\nit' });
  expect(failOf(error)).toEqual({
    verdict: 'fail',
    text: 'Vector refused it (said Transform "x": error[E105]: call to undefined function at line 3 of its VRL)',
    advice: 'fix it',
  });
  expect(failOf(new TypeError('x is not a function'))).toMatchObject({
    text: 'nvl failed to look: TypeError: x is not a function',
    advice: 'this is a fault of nvl: please report it',
  });
});

test('templates that can lose lines are something to look at', async () => {
  const { node, write, look } = await open({ templates: 'templates' });
  await node.startJob({ id: 'web', tasks: [{ name: 'app' }] });
  const shipped =
    '[sources.{{id}}]\ntype = "file"\ninclude = {{logs.include}}\nfingerprint.strategy = "device_and_inode"\n';
  await write('templates/vector/source.toml.hbs', `${shipped}max_line_bytes = 1_048_576\nignore_older_secs = 600\n`);
  await write(
    'templates/vector/sink.toml.hbs',
    '[sinks.x]\ntype = "file"\ninputs = ["{{input}}"]\npath = "/x/\\{{ nomad.job }}"\nacknowledgements.enabled = true\n',
  );
  const { lines } = await look('templates');
  const advice = 'change it, or leave it so if that is meant: docs/templates.md';
  expect(lines.slice(1)).toEqual([
    `warn vector/sink.toml.hbs:4: sink x: path takes {{ nomad.job }}, which the labels never set: Vector drops such a line; did you mean nomad.job_name?  ->  ${advice}`,
    `warn vector/source.toml.hbs:6: ignore_older_secs skips files that were last written before nvl or Vector came back  ->  ${advice}`,
  ]);
});

test('a sink behind transforms of its own block takes the labelled lines, too', async () => {
  const { write, look } = await open({ templates: 'templates' });
  const shipped = await readFile(join(shippedTemplatesDir(), 'init', 'loki.toml.hbs'), 'utf8');
  await write('templates/vector/sink.toml.hbs', shipped);
  expect((await look('sinks')).lines).toEqual(['ok loki in vector/sink.toml.hbs acknowledges what it has delivered']);
});

test('a template whose name is nearly right is wrong where its place is empty, else something to look at', async () => {
  const { write, look } = await open({ templates: 'templates' });
  const sink = '[sinks.x]\ntype = "blackhole"\ninputs = ["{{input}}"]\nacknowledgements.enabled = true\n';
  await write('templates/vector/sinks.toml.hbs', sink);
  expect((await look('templates')).lines).toEqual([
    expect.stringMatching(
      /^fail vector\/sinks\.toml\.hbs is not read: its name should be vector\/sink\.toml\.hbs, .* {2}-> {2}rename it/,
    ),
  ]);
  await write('templates/vector/sink.toml.hbs', sink);
  expect((await look('templates')).lines.slice(1)).toEqual([
    expect.stringMatching(/^warn vector\/sinks\.toml\.hbs is not read; .* {2}-> {2}move what it says into/),
  ]);
});

test('what was known of deliveries is told with its time, and not as if it were so now', async () => {
  const { folder, write, look } = await open();
  const since = Date.UTC(2026, 0, 1);
  const trouble = { component: 'es', kind: 'retries', since, lastAt: since + 60_000, dropped: 0, said: 'busy' };
  await write('root/state/state.json', JSON.stringify({ schema: 1, installedAt: 0, tasks: {}, troubles: [trouble] }));
  const seen =
    "Vector's es cannot deliver, and tries again: busy (since 2026-01-01T00:00:00.000Z, last seen 2026-01-01T00:01:00.000Z";
  expect((await look('deliveries')).lines).toEqual([
    `warn ${seen}; no nvl runs now, and this is what the last one saw)  ->  start nvl: only while it runs is known how things are`,
  ]);
  const lock = await lockRoot({ lockFile: join(folder, 'root', 'lock') });
  onTestFinished(() => lock.release());
  expect((await look('deliveries')).lines).toEqual([
    `warn ${seen}; nothing was heard of it since)  ->  see what its server says; the lines wait in their files`,
  ]);
});
