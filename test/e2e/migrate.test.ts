import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aFolder, aNomad, nvl, put, startNvl } from '../commands/support.ts';
import { aRawAllocation, idOf } from '../support/builders.ts';
import { needs, pathOf, vector } from '../support/programs.ts';
import { fileSink, readEvents, startVector } from '../support/vector.ts';
import { waitUntil } from '../support/wait.ts';

// A Vector as each of the two peers configures it reads what two tasks write, and is ended. More is written. Then nvl takes over, in
// the same data folder, with the sinks that nvl migrate made.

type Before = {
  name: string;
  from: string;
  files: (given: { allocDir: string; delivered: string }) => Record<string, string>;
  run: string;
};

const sourceOf = (digit: number, allocDir: string): string => `[sources.source_nomad_alloc_${idOf(digit)}_app]
type = "file"
include = ["${allocDir}/${idOf(digit)}/alloc/logs/app*"]
read_from = "beginning"
[transforms.transform_nomad_alloc_${idOf(digit)}_app]
type = "remap"
inputs = ["source_nomad_alloc_${idOf(digit)}_app"]
source = '.nomad.job_name = "job${digit}"'
`;

const BEFORE: readonly Before[] = [
  {
    name: 'nomad-vector-logger 0.4.1',
    from: 'config.toml',
    run: 'old.toml',
    files: ({ allocDir, delivered }) => {
      const sink = fileSink({ id: 'out', inputs: ['transform_nomad_alloc*'], file: delivered });
      return {
        'config.toml': `[app]\nnomad_data_dir = "${allocDir}"\nextra_templates_dir = "static"\n`,
        'static/sink.toml': sink,
        'old.toml': `${sourceOf(1, allocDir)}${sourceOf(2, allocDir)}${sink}`,
      };
    },
  },
  {
    name: 'a Vector that asks Nomad itself',
    from: 'vector.yaml',
    run: 'vector.yaml',
    files: ({ allocDir, delivered }) => ({
      'vector.yaml': `sources:
  nomad_logs:
    type: file
    include: ["${allocDir}/*/alloc/logs/*.std*.*"]
    read_from: beginning
    fingerprint: { strategy: device_and_inode }
sinks:
  out:
    type: file
    inputs: [nomad_logs]
    path: ${JSON.stringify(delivered)}
    encoding: { codec: json }
`,
    }),
  },
];

test.each(BEFORE)('of $name no line is lost, and none comes twice', needs(vector), async ({ from, run, files }) => {
  const folder = await aFolder();
  const nomad = await aNomad(
    folder,
    [1, 2].map((digit) => aRawAllocation({ id: idOf(digit), job: `job${digit}` })),
  );
  const delivered = join(folder, 'delivered.ndjson');
  await put(folder, files({ allocDir: nomad.allocDir, delivered }));
  const expected: string[] = [];
  const write = async (digit: number, file: string, count: number): Promise<void> => {
    const logs = join(nomad.allocDir, idOf(digit), 'alloc', 'logs');
    await mkdir(logs, { recursive: true });
    const lines = Array.from({ length: count }, (_, at) => `${digit} ${file} ${expected.length + at}`);
    expected.push(...lines);
    await appendFile(join(logs, file), `${lines.join('\n')}\n`);
  };
  const messages = async (): Promise<string[]> => (await readEvents(delivered)).map(({ message }) => String(message));
  const come = (): Promise<void> =>
    waitUntil('all lines', async () => new Set(await messages()).size === expected.length, { timeoutMs: 60_000 });

  for (const digit of [1, 2]) {
    await write(digit, 'app.stdout.0', 50);
    await write(digit, 'app.stdout.1', 30);
    await write(digit, 'app.stderr.0', 7);
  }
  const old = await startVector({ folder, configs: [join(folder, run)] });
  await come();
  await old.end();
  await write(1, 'app.stdout.1', 20);
  await write(2, 'app.stderr.1', 5);

  const nomadArgs = ['--address', nomad.address, '--root', join(folder, 'root')];
  expect((await nvl(['migrate', from], { cwd: folder })).code).toBe(0);
  await put(folder, { 'team.toml': `data_dir = "${folder}/data"\n` });
  const behind = ['--', pathOf(vector), '-c', join(folder, 'team.toml')];
  const taken = await nvl(['migrate', from, '--positions', 'data', '-c', 'nvl/nvl.yaml', ...nomadArgs, ...behind], {
    cwd: folder,
  });
  expect(taken).toMatchObject({ code: 0, err: '' });
  expect(taken.out).toMatch(/^took over the positions of 6 files, for 1 sources/);
  expect(taken.out).toContain(`read from their beginning: 1\n  ${idOf(2)}/app.stderr.1\n`);
  const daemon = startNvl(['run', '-c', 'nvl/nvl.yaml', ...nomadArgs, ...behind], { cwd: folder });
  await come();
  // Long enough for what would come twice.
  await write(1, 'app.stdout.1', 1);
  await come();
  const got = await messages();
  expect({
    repeated: got.filter((line, at) => got.indexOf(line) !== at),
    lost: expected.filter((line) => !got.includes(line)),
  }).toEqual({
    repeated: [],
    lost: [],
  });
  await daemon.end();
  // It has positions of its own now.
  const late = await nvl(['migrate', from, '--positions', 'data', '-c', 'nvl/nvl.yaml', ...nomadArgs, ...behind], {
    cwd: folder,
  });
  expect(late).toMatchObject({ code: 1, err: expect.stringContaining('nvl has run here before') });
});

const TEMPLATES = `{{ range . }}
{{ if eq .Job "job1" }}
[transforms.json_{{ .Key }}]
type = "remap"
inputs = ["transform_{{ .Key }}"]
source = '''
. = merge(., object(parse_json(.message) ?? {}) ?? {})
.origin = "{{ .Job }}/{{ .Task }}"
.meta = {{ .JobMeta }}
'''

[transforms.kept_{{ .Key }}]
type = "filter"
inputs = ["json_{{ .Key }}"]
condition = '.level != "debug"'
{{ else }}
[transforms.kept_{{ .Key }}]
type = "remap"
inputs = ["transform_{{ .Key }}"]
source = '.plain = true'
{{ end }}
{{ end }}
`;

/** What 0.4.1 makes of them for the two jobs. */
const renderedTemplates = (): string => `[transforms.json_nomad_alloc_${idOf(1)}_app]
type = "remap"
inputs = ["transform_nomad_alloc_${idOf(1)}_app"]
source = '''
. = merge(., object(parse_json(.message) ?? {}) ?? {})
.origin = "job1/app"
.meta = {"team":"x"}
'''
[transforms.kept_nomad_alloc_${idOf(1)}_app]
type = "filter"
inputs = ["json_nomad_alloc_${idOf(1)}_app"]
condition = '.level != "debug"'
[transforms.kept_nomad_alloc_${idOf(2)}_app]
type = "remap"
inputs = ["transform_nomad_alloc_${idOf(2)}_app"]
source = '.plain = true'
`;

const LINES = [
  '{"level":"info","msg":"a","n":1}',
  '{"level":"debug"}',
  'plain text',
  '{"level":"warn","deep":{"a":[1]}}',
  '',
];

test('an event is what it was, but for what is said to change', needs(vector), async () => {
  const folder = await aFolder();
  const nomad = await aNomad(
    folder,
    [1, 2].map((digit) => aRawAllocation({ id: idOf(digit), job: `job${digit}`, jobMeta: { team: 'x' } })),
  );
  for (const digit of [1, 2])
    await put(join(nomad.allocDir, idOf(digit), 'alloc/logs'), { 'app.stdout.0': `${digit}\n${LINES.join('\n')}\n` });
  const sinkTo = (name: string): string => fileSink({ id: 'out', inputs: ['kept_*'], file: join(folder, name) });
  await put(folder, {
    'old.toml':
      [1, 2].map((digit) => sourceOf(digit, nomad.allocDir)).join('') + renderedTemplates() + sinkTo('before.ndjson'),
    'config.toml': `[app]\nnomad_data_dir = "${nomad.allocDir}"\nextra_templates_dir = "static"\n`,
    'static/a.toml': TEMPLATES,
    'static/b.toml': sinkTo('after.ndjson'),
    'team.toml': `data_dir = "${folder}/own-data"\n`,
    'own-data/.keep': '',
  });
  const come = async (name: string): Promise<object[]> => {
    const file = join(folder, name);
    await waitUntil('all events', async () => (await readEvents(file)).length >= 2 * (LINES.length + 1) - 1, {
      timeoutMs: 60_000,
    });
    return (await readEvents(file))
      .map(({ file: _file, host: _host, source_type: _type, timestamp: _time, nomad: labels, ...event }) => ({
        ...event,
        job: labels?.job_name,
      }))
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  };
  const old = await startVector({ folder, configs: [join(folder, 'old.toml')] });
  const before = await come('before.ndjson');
  await old.end();
  expect((await nvl(['migrate', 'config.toml'], { cwd: folder })).code).toBe(0);
  const args = ['--address', nomad.address, '--root', join(folder, 'root'), '--', pathOf(vector), '-c', 'team.toml'];
  const daemon = startNvl(['run', '-c', 'nvl/nvl.yaml', ...args], { cwd: folder });
  expect(await come('after.ndjson')).toEqual(before);
  await daemon.end();
});
