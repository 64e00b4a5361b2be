import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { describeError } from '../../lib/errors.ts';
import type { ProofName } from '../../lib/vector/proof/proofs.ts';
import { validate } from '../../lib/vector/proof/validate.ts';
import { binaryOf, needs, vector } from '../support/programs.ts';
import { aCommand, ownFolder, writeFiles, writeProgram } from './support.ts';

/** A vector that notes how it was called, and what lies in the folders it was pointed at, and then does as told. */
const noting = (answer: string) => `
const { readdirSync, readFileSync, realpathSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const args = process.argv.slice(2);
const read = (dir) => Object.fromEntries(readdirSync(dir).sort().map((name) => {
  const path = join(dir, name);
  try { return [name, readFileSync(path, 'utf8')]; } catch { try { return [name, read(path)]; } catch { return [name, 'broken']; } }
}));
const dirs = args.flatMap((arg) => arg.startsWith('--config-dir=') ? [read(arg.slice(13).replace(/\\[(.)\\]/g, '$1'))] : []);
const files = args.slice(args.indexOf('--') + 1);
const texts = files.map((file) => { try { return readFileSync(file.replace(/\\[(.)\\]/g, '$1'), 'utf8'); } catch { return 'missing'; } });
const isSecond = args.includes('--skip-healthchecks');
writeFileSync(join(__dirname, isSecond ? 'second.json' : 'called.json'), JSON.stringify({ args, dirs, files, texts, cwd: process.cwd(), env: process.env }));
${answer}
`;

type Timeout = NonNullable<Parameters<typeof validate>[0]['timeoutMs']>;

/** The other proof may take its time, as on a busy machine. */
const hangsAt =
  (hanging: ProofName): Timeout =>
  (proof) =>
    proof === hanging ? 2_500 : 30_000;

const setUp = async ({
  args = [],
  env = {},
  files = {},
  answer = '',
  timeoutMs = 30_000,
}: {
  args?: string[];
  env?: Record<string, string>;
  files?: Record<string, string>;
  answer?: string;
  timeoutMs?: Timeout;
}) => {
  const cwd = await ownFolder();
  await writeFiles(cwd, { 'root/live/nomad.toml': 'live', 'root/stage/nomad.toml': 'staged = true', ...files });
  const binary = await writeProgram({ folder: cwd, source: noting(answer) });
  const ask = () =>
    validate({
      command: aCommand({ cwd, binary, args, env }),
      liveFile: join(cwd, 'root/live/nomad.toml'),
      stagedFile: join(cwd, 'root/stage/nomad.toml'),
      mirrorFolder: join(cwd, 'root/stage/mirror'),
      timeoutMs,
    });
  const called = async () => JSON.parse(await readFile(join(cwd, 'called.json'), 'utf8'));
  const second = async () => JSON.parse(await readFile(join(cwd, 'second.json'), 'utf8').catch(() => 'null'));
  return { cwd, ask, called, second };
};

test('validate: the staged file stands in for the live one among the files, wherever they are named', async () => {
  const { cwd, ask, called } = await setUp({
    args: ['-c', 'own.toml', '--config', 'root/live/*.toml', '--config-yaml', 'y.conf'],
    files: { 'own.toml': 'own', 'y.conf': 'yaml' },
  });
  expect(await ask()).toEqual({ ok: true, warnings: [] });
  const { args, texts, cwd: where } = await called();
  expect(args.slice(0, 4)).toEqual(['--color=never', 'validate', '--no-environment', `--config-yaml=${cwd}/y.conf`]);
  expect(texts).toEqual(['own', 'staged = true']);
  expect(where).toBe(cwd);
});

test('validate: a live file that no argument names is proven as one that will be', async () => {
  const { ask, called } = await setUp({ args: ['-c', 'own.toml'], files: { 'own.toml': 'own' } });
  await ask();
  expect((await called()).texts).toEqual(['own', 'staged = true']);
});

test('validate: environment and interpolation are those of the running Vector', async () => {
  const flag = '--dangerously-allow-env-var-interpolation';
  const { ask, called } = await setUp({
    args: [flag, '-c', 'root/live/nomad.toml'],
    env: { SOME: 'thing', VECTOR_CONFIG: 'hidden' },
  });
  await ask();
  const { args, env } = await called();
  expect(args.slice(0, 3)).toEqual(['--color=never', flag, 'validate']);
  expect(env).toMatchObject({ SOME: 'thing', VECTOR_CONFIG: 'hidden', HOME: process.env.HOME });
});

test('validate: a folder that loads the live file is mirrored, with its sub-folders and links', async () => {
  const { cwd, ask, called } = await setUp({
    args: ['-C', 'etc', '-C', 'other'],
    files: {
      'etc/nomad.toml': '-> ../root/live/nomad.toml',
      'etc/globals.toml': 'globals',
      'etc/relative.toml': '-> ../elsewhere.toml',
      'etc/broken.toml': '-> nowhere.toml',
      'etc/sinks/loki.toml': 'loki',
      'etc/notes.txt': 'notes',
      'elsewhere.toml': 'elsewhere',
      'other/x.toml': 'x',
    },
  });
  await ask();
  const { args, dirs } = await called();
  expect(args.filter((arg: string) => arg.startsWith('--config-dir='))).toEqual([
    `--config-dir=${cwd}/root/stage/mirror/0`,
    `--config-dir=${cwd}/other`,
  ]);
  expect(dirs[0]).toEqual({
    'nomad.toml': 'staged = true',
    'globals.toml': 'globals',
    'relative.toml': 'elsewhere',
    'broken.toml': 'broken',
    sinks: { 'loki.toml': 'loki' },
    'notes.txt': 'notes',
  });
});

test('validate: the live folder itself, before the first swap, and what an earlier proof left behind', async () => {
  const { cwd, ask, called } = await setUp({
    args: ['-C', 'root/new'],
    files: { 'root/new/.keep': '', 'root/stage/mirror/9/old.toml': 'old' },
  });
  const { binary } = { binary: join(cwd, 'vector') };
  await ask();
  expect(await readdir(join(cwd, 'root/stage/mirror'))).not.toContain('9');
  await validate({
    command: aCommand({ cwd, binary, args: ['-C', 'root/new'] }),
    liveFile: join(cwd, 'root/new/nomad.toml'),
    stagedFile: join(cwd, 'root/stage/nomad.toml'),
    mirrorFolder: join(cwd, 'root/stage/mirror'),
  });
  expect((await called()).dirs).toEqual([{ '.keep': '', 'nomad.toml': 'staged = true' }]);
});

test('validate: names that Vector would split or expand are passed so that it does not', async () => {
  const { cwd, ask, called } = await setUp({
    args: ['-c', '*.toml', '-c', 'root/live/nomad.toml'],
    files: { 'a,b.toml': 'comma', 'we[i]rd.toml': 'weird' },
  });
  await ask();
  const { files, texts } = await called();
  expect(texts).toEqual(['comma', 'weird', 'staged = true']);
  expect(files).toEqual([
    `${cwd}/root/stage/mirror/0/a_b.toml`,
    `${cwd}/we[[]i]rd.toml`,
    `${cwd}/root/stage/mirror/2/nomad.toml`,
  ]);
});

test('validate: a refusal speaks of the live file where the staged one stood in', async () => {
  const { cwd, ask } = await setUp({
    args: ['-c', 'root/live/nomad.toml'],
    files: { 'root/stage/nomad.toml': 'staged = ' },
    answer: `console.log('Failed to load ["' + files[0] + '"]');
      console.log('-'.repeat(60));
      console.log('x TOML parse error at line 1, column 10');
      console.log('x Input "a" for sink "b" doesn\\'t match any components.');
      process.exitCode = 78;`,
  });
  expect(await ask()).toEqual({
    ok: false,
    proof: 'configuration',
    refusals: [
      { message: 'TOML parse error at line 1, column 10', line: 1, column: 10, file: `${cwd}/root/live/nomad.toml` },
      { message: 'Input "a" for sink "b" doesn\'t match any components.', kind: 'sink', component: 'b' },
    ],
    report: expect.stringContaining(`Failed to load ["${cwd}/root/live/nomad.toml"]`),
  });
});

test('validate: both proofs read the same, with the same arguments, and the second has a data folder of its own', async () => {
  const { cwd, ask, called, second } = await setUp({
    args: ['-c', 'own.toml', '--config-yaml', 'y.conf', '-c', 'root/live/nomad.toml'],
    files: { 'own.toml': 'data_dir = "/var/lib/mine"\n[api]\nenabled = true\n', 'y.conf': 'sinks: {}' },
  });
  expect(await ask()).toEqual({ ok: true, warnings: [] });
  const [first, other] = [await called(), await second()];
  expect(first.texts[0]).toBe('data_dir = "/var/lib/mine"\n[api]\nenabled = true\n');
  expect(other.texts).toEqual([
    `data_dir = "${cwd}/root/stage/mirror/components/data"\n[api]\nenabled = true\n`,
    'staged = true',
  ]);
  expect(other.args.slice(0, 4)).toEqual([
    '--color=never',
    'validate',
    '--skip-healthchecks',
    `--config-yaml=${cwd}/y.conf`,
  ]);
  expect([other.cwd, other.env.HOME]).toEqual([first.cwd, first.env.HOME]);
  await expect(readFile(join(cwd, 'own.toml'), 'utf8')).resolves.toContain('/var/lib/mine');
});

test('validate: where no file names a data folder, one more file does for the second proof', async () => {
  const { cwd, ask, called, second } = await setUp({
    args: ['-C', 'etc', '-c', 'root/live/nomad.toml'],
    files: { 'etc/sinks.toml': 'sinks' },
  });
  await ask();
  expect((await called()).texts).toEqual(['staged = true']);
  expect((await second()).texts).toEqual(['staged = true', `data_dir = "${cwd}/root/stage/mirror/components/data"\n`]);
});

test('validate: a folder whose file names the data folder is mirrored for the second proof', async () => {
  const { cwd, ask, second } = await setUp({
    args: ['-C', 'etc', '-c', 'root/live/nomad.toml'],
    files: { 'etc/globals.yaml': 'data_dir: /var/lib/mine\n', 'etc/sinks/loki.toml': 'loki' },
  });
  await ask();
  expect((await second()).dirs).toEqual([
    { 'globals.yaml': `data_dir: "${cwd}/root/stage/mirror/components/data"\n`, sinks: { 'loki.toml': 'loki' } },
  ]);
});

test('validate: what the first proof refuses is told without the second', async () => {
  const { ask, second } = await setUp({
    answer: `console.log('x Transform "t": bad'); process.exitCode = 78;`,
  });
  expect(await ask()).toMatchObject({ ok: false, proof: 'configuration', refusals: [{ component: 't' }] });
  expect(await second()).toBeNull();
});

test('validate: what only the building of components shows is a refusal, and names the component', async () => {
  const said = [
    '√ Loaded ["x"]',
    '√ Transforms configuration',
    'Component errors',
    '----------------',
    'x Sink "loki": template references',
    '',
  ];
  const { ask, called } = await setUp({
    answer: `if (isSecond) { console.log(${JSON.stringify(said.join('\n'))}); process.exitCode = 78; }`,
  });
  expect(await ask()).toMatchObject({
    ok: false,
    proof: 'components',
    refusals: [{ kind: 'sink', component: 'loki', message: 'Sink "loki": template references' }],
  });
  expect((await called()).args).toContain('--no-environment');
});

test('validate: a proof that hangs is named', async () => {
  const { ask } = await setUp({
    answer: 'if (isSecond) setInterval(() => {}, 1000);',
    timeoutMs: hangsAt('components'),
  });
  await expect(ask()).rejects.toMatchObject({ code: 'vectorHangs', facts: { proof: 'components' } });
});

const quoting = `'x TOML parse error at line 1, column 9\\n  |\\n1 | p = "' + process.env.PW + '"'`;

test.each([
  ['refuses', `console.log(${quoting}); process.exitCode = 78;`],
  ['ends in another way', 'console.error(process.env.PW); process.exitCode = 3;'],
  ['hangs', 'console.error(process.env.PW); setInterval(() => {}, 1000);'],
])('validate: a value that Vector interpolates is in nothing that is told when it %s', async (_, answer) => {
  const { ask } = await setUp({
    args: ['--dangerously-allow-env-var-interpolation', '-c', 'own.toml'],
    env: { PW: 'hun"ter2 and more' },
    files: { 'own.toml': 'p = "$PW"' },
    answer,
    // It has to say its words before it counts as one that hangs.
    timeoutMs: answer.includes('setInterval') ? 5_000 : 30_000,
  });
  const told = await ask().catch((error: unknown) => ({ ...(error as object), said: describeError(error) }));
  expect(JSON.stringify(told)).toContain('<the value of PW>');
  expect(JSON.stringify(told)).not.toMatch(/hun|ter2/);
});

test('validate: a file that Vector may not open is no proof, though it ends with 0', async () => {
  const { ask } = await setUp({
    answer: `console.error('2026-11-23T03:27:48.865324Z ERROR vector::config::loading: Error opening config file. error=Permission denied (os error 13) path="/x.toml" internal_log_rate_limit=false');`,
  });
  expect(await ask()).toMatchObject({ ok: false, refusals: [{ file: '/x.toml' }] });
});

test.each([
  ['an exit code that is none of its answers', 'process.exitCode = 2;', 'vectorDied'],
  ['a signal', "process.kill(process.pid, 'SIGABRT'); setInterval(() => {}, 1000);", 'vectorDied'],
  ['no answer', 'setInterval(() => {}, 1000);', 'vectorHangs'],
])('validate: %s is never good', async (_, answer, code) => {
  const { ask } = await setUp({ answer, ...(code === 'vectorHangs' && { timeoutMs: 500 }) });
  await expect(ask()).rejects.toMatchObject({ code });
});

const good = `
[sources.nvl_a]
type = "file"
include = ["/nonexistent/x"]
[transforms.nvl_a_out]
type = "remap"
inputs = ["nvl_a"]
source = ". = .message"
`;

const real = async ({
  staged,
  args,
  files = {},
  env = {},
  timeoutMs = 30_000,
}: {
  staged: string;
  args: string[];
  files?: Record<string, string>;
  env?: Record<string, string>;
  timeoutMs?: Timeout;
}) => {
  const cwd = await ownFolder();
  await writeFiles(cwd, { 'root/live/nomad.toml': good, 'root/stage/nomad.toml': staged, ...files });
  return validate({
    command: aCommand({ cwd, binary: binaryOf(vector), args, env }),
    timeoutMs,
    liveFile: join(cwd, 'root/live/nomad.toml'),
    stagedFile: join(cwd, 'root/stage/nomad.toml'),
    mirrorFolder: join(cwd, 'root/stage/mirror'),
  });
};

const sink = { 'etc/sink.toml': '[sinks.o]\ntype = "blackhole"\ninputs = ["nvl_a_out"]\n' };

test.each([
  ['files', ['-c', 'etc/*.toml', '-c', 'root/live/nomad.toml'], sink],
  ['a folder beside the live file', ['-C', 'etc', '-c', 'root/live/nomad.toml'], sink],
  ['a folder with a link to it', ['-C', 'etc'], { ...sink, 'etc/nomad.toml': '-> ../root/live/nomad.toml' }],
  [
    'component folders',
    ['-C', 'etc'],
    {
      'etc/nomad.toml': '-> ../root/live/nomad.toml',
      'etc/sinks/o.toml': 'type = "blackhole"\ninputs = ["nvl_a_out"]\n',
    },
  ],
])('real vector: proves %s', needs(vector), async (_, args, files) => {
  expect(await real({ staged: good, args, files })).toEqual({ ok: true, warnings: [] });
  // The live file is good: only a refusal shows that the staged one was looked at.
  const broken = await real({ staged: good.replace('.message"', 'foo(1)"'), args, files });
  expect(broken).toMatchObject({
    ok: false,
    refusals: [{ kind: 'transform', component: 'nvl_a_out', vrlLine: 1, vrlColumn: 5 }],
  });
});

test('real vector: a circle that no sink reads makes it abort, which is never good', needs(vector), async () => {
  const circle =
    '[transforms.x]\ntype = "remap"\ninputs = ["y"]\nsource = "."\n[transforms.y]\ntype = "remap"\ninputs = ["x"]\nsource = "."\n';
  await expect(real({ staged: good + circle, args: ['-C', 'etc'], files: sink })).rejects.toMatchObject({
    code: 'vectorDied',
  });
});

test('real vector: a missing file of the user is named', needs(vector), async () => {
  const verdict = await real({ staged: good, args: ['-c', '/nonexistent/own.toml'] });
  expect(verdict).toMatchObject({ ok: false, refusals: [{ file: '/nonexistent/own.toml' }] });
});

const needsDir = (rest: string) => `${good}\n[sinks.o]\ninputs = ["nvl_a_out"]\n${rest}`;
const globals = { 'etc/own.toml': 'data_dir = "/nonexistent/data"\n[api]\nenabled = true\n' };

test.each([
  [
    'loki',
    'type = "loki"\nendpoint = "http://127.0.0.1:9"\nencoding.codec = "json"\nlabels.job = "{{ nomad.job }}"',
    'confinement',
  ],
  [
    'http',
    'type = "http"\nuri = "https://127.0.0.1:9"\nencoding.codec = "json"\ntls.ca_file = "/nonexistent/ca.pem"',
    'ca.pem',
  ],
])('real vector: a %s sink that only its building refuses is named', needs(vector), async (_, rest, said) => {
  expect(await real({ staged: needsDir(rest), args: ['-c', 'etc/*.toml'], files: globals })).toMatchObject({
    ok: false,
    proof: 'components',
    refusals: [{ kind: 'sink', component: 'o', message: expect.stringContaining(said) }],
  });
});

test(
  'real vector: taken ports, servers that are away and a missing data folder do not matter, and nothing is written',
  needs(vector),
  async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo;
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { port: otherPort } = other.address() as AddressInfo;
    const made = join(await ownFolder(), 'made');
    const more = `
[sources.h]
type = "http_server"
address = "127.0.0.1:${port}"
[sources.m]
type = "internal_metrics"
[sinks.p]
type = "prometheus_exporter"
inputs = ["m"]
address = "127.0.0.1:${otherPort}"
[sinks.f]
type = "file"
inputs = ["h"]
path = "${made}"
encoding.codec = "json"
[sinks.e]
type = "elasticsearch"
inputs = ["nvl_a_out"]
endpoints = ["http://127.0.0.1:9"]
buffer.type = "disk"
buffer.max_size = 268435488
`;
    const staged = needsDir('type = "http"\nuri = "http://127.0.0.1:9"\nencoding.codec = "json"') + more;
    expect(await real({ staged, args: ['-c', 'etc/*.toml'], files: globals })).toEqual({
      ok: true,
      warnings: expect.anything(),
    });
    await expect(readFile(made)).rejects.toThrow();
    await expect(readdir('/nonexistent')).rejects.toThrow();
  },
);

test(
  'real vector: a server that is silent while a sink asks it makes the second proof hang',
  needs(vector),
  async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as AddressInfo;
    const staged = needsDir(`type = "elasticsearch"\nendpoints = ["http://127.0.0.1:${port}"]`);
    await expect(
      real({ staged, args: ['-c', 'root/live/nomad.toml'], timeoutMs: hangsAt('components') }),
    ).rejects.toMatchObject({
      code: 'vectorHangs',
      facts: { proof: 'components' },
    });
  },
);

test('real vector: a variable that breaks the configuration is not printed', needs(vector), async () => {
  const verdict = await real({
    staged: good,
    args: ['--dangerously-allow-env-var-interpolation', '-c', 'etc/*.toml'],
    env: { PW: 'hun"ter2' },
    files: { 'etc/own.toml': '[sinks.o]\ntype = "blackhole"\ninputs = ["nvl_a_out"]\nx = "$PW"\n' },
  });
  expect(verdict).toMatchObject({ ok: false, refusals: [{ message: expect.stringContaining('TOML parse error') }] });
  expect(JSON.stringify(verdict)).not.toMatch(/hun|ter2/);
});
