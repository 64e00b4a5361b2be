// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables are Vector's
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { interpolate } from '../../lib/vector/config/interpolate.ts';
import { findOwnedIds, readUserConfig } from '../../lib/vector/config/user-config.ts';
import { aCommand, ownFolder, writeFiles } from './support.ts';

const read = async ({
  files,
  args,
  env = {},
}: {
  files: Record<string, string>;
  args: string[];
  env?: Record<string, string>;
}) => {
  const cwd = await ownFolder();
  await writeFiles(cwd, { 'root/live/nomad.toml': '[sources.nvl_x]\ntype = "file"\n', ...files });
  const config = await readUserConfig({
    command: aCommand({ cwd, args, env }),
    liveFile: join(cwd, 'root/live/nomad.toml'),
  });
  return { cwd, config };
};

test('user config: TOML, YAML and JSON files are read, the live one is not', async () => {
  const { cwd, config } = await read({
    args: ['-c', '*.toml', '--config-yaml', 'b.conf', '-c', 'c.json', '-c', 'root/live/nomad.toml'],
    files: {
      'a.toml': 'data_dir = "data"\n[sources.s]\ntype = "stdin"\n',
      'b.conf': 'transforms:\n  t: &base\n    type: filter\n    inputs: [s]\n  u:\n    <<: *base\n',
      'c.json': '{"sinks": {"o": {"type": "console", "inputs": ["t", "nomad_logs"]}}}',
    },
  });
  expect(config).toEqual({
    digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    dataDir: join(cwd, 'data'),
    components: [
      { kind: 'source', id: 's', file: join(cwd, 'a.toml'), type: 'stdin' },
      { kind: 'sink', id: 'o', file: join(cwd, 'c.json'), type: 'console', inputs: ['t', 'nomad_logs'] },
      { kind: 'transform', id: 't', file: join(cwd, 'b.conf'), type: 'filter', inputs: ['s'] },
      { kind: 'transform', id: 'u', file: join(cwd, 'b.conf'), type: 'filter', inputs: ['s'] },
    ],
    sinks: [{ id: 'o', file: join(cwd, 'c.json'), type: 'console', inputs: ['t', 'nomad_logs'], acknowledged: false }],
    globalAcknowledgements: false,
    exporters: [],
    faults: [],
  });
});

test('user config: a folder holds whole files and, in its sub-folders, one component each', async () => {
  const { cwd, config } = await read({
    args: ['-C', 'etc'],
    files: {
      'etc/main.yaml': 'data_dir: /var/lib/vector\n',
      'etc/nomad.toml': '-> ../root/live/nomad.toml',
      'etc/notes.txt': 'not a configuration',
      'etc/sources/in.toml': 'type = "stdin"\n',
      'etc/sinks/out.json': '{"type": "loki", "inputs": ["nomad_logs"], "acknowledgements": {"enabled": true}}',
      'etc/other/x.toml': '[sources.unread]\n',
    },
  });
  expect(config.dataDir).toBe('/var/lib/vector');
  expect(config.components.map(({ kind, id, file }) => [kind, id, file])).toEqual([
    ['source', 'in', join(cwd, 'etc/sources/in.toml')],
    ['sink', 'out', join(cwd, 'etc/sinks/out.json')],
  ]);
  expect(config.sinks).toMatchObject([{ id: 'out', type: 'loki', acknowledged: true }]);
});

test.each([
  ['the sink says yes', 'acknowledgements.enabled = true', '', true],
  ['the sink says yes, the short way', 'acknowledgements = true', '', true],
  ['the sink says no, and everybody yes', 'acknowledgements = false', 'acknowledgements = true', false],
  ['everybody says yes', '', 'acknowledgements.enabled = true', true],
  ['nobody says anything', '', '', false],
])('user config: acknowledgements when %s', async (_, own, global, expected) => {
  const { config } = await read({
    args: ['-c', 'a.toml'],
    files: { 'a.toml': `${global}\n[sinks.o]\ntype = "loki"\ninputs = ["nomad_logs"]\n${own}\n` },
  });
  expect(config.sinks.map(({ acknowledged }) => acknowledged)).toEqual([expected]);
});

test('user config: what cannot be read or parsed is a fault, and the rest counts', async () => {
  const { cwd, config } = await read({
    args: ['-c', 'bad.toml', '-c', 'bad.json', '-c', 'vars.toml', '-c', 'gone.toml', '-c', 'good.toml'],
    files: {
      'bad.toml': 'a = ',
      'bad.json': '{',
      'vars.toml': 'a = ${LIMIT}\n',
      'good.toml': '[sources.s]\ntype = "stdin"\n',
    },
  });
  expect(config.components).toHaveLength(1);
  expect(config.faults.map(({ file, message }) => [file, message.split('\n')[0]])).toEqual([
    [join(cwd, 'bad.toml'), 'cannot be parsed: see line 1'],
    [join(cwd, 'bad.json'), expect.stringContaining('cannot be parsed: ')],
    [
      join(cwd, 'vars.toml'),
      expect.stringContaining('cannot be parsed (it has $VARIABLES, which this Vector leaves as they are)'),
    ],
    [join(cwd, 'gone.toml'), expect.stringContaining('cannot be read: ENOENT')],
  ]);
});

test('user config: where Vector interpolates, its variables are put in first', async () => {
  const { config } = await read({
    args: ['--dangerously-allow-env-var-interpolation', '-c', 'a.toml', '-c', 'b.toml'],
    env: { DATA: '/srv/vector' },
    files: {
      'a.toml': 'data_dir = "${DATA}"\n[sources.s]\ntype = "stdin"\nmax_length = ${MAX:-100}\n',
      'b.toml': 'x = "$NVL_TEST_UNSET"\n',
    },
  });
  expect(config.dataDir).toBe('/srv/vector');
  expect(config.components.map(({ id }) => id)).toEqual(['s']);
  expect(config.faults).toMatchObject([{ message: 'needs variables that are not set: NVL_TEST_UNSET' }]);
});

test.each([
  ['a.toml', 'x = 1\np = "$PW"\n'],
  ['a.yaml', 'x: 1\np: "$PW"\n'],
  ['a.json', '{\n"p": "$PW"}'],
])('user config: %s that a variable breaks tells its place, and not the variable', async (name, text) => {
  const { config } = await read({
    args: ['--dangerously-allow-env-var-interpolation', '-c', name],
    env: { PW: 'hun"ter2 secret' },
    files: { [name]: text },
  });
  expect(config.faults).toHaveLength(1);
  expect(JSON.stringify(config.faults)).not.toMatch(/hun|ter2/);
});

test('user config: a pipe in the place of a file is a fault, and holds nothing up', async () => {
  const cwd = await ownFolder();
  execFileSync('mkfifo', [join(cwd, 'pipe.toml')]);
  const command = aCommand({ cwd, args: ['-c', 'pipe.toml'] });
  const { faults } = await readUserConfig({ command, liveFile: join(cwd, 'live.toml') });
  expect(faults).toMatchObject([{ message: expect.stringContaining('is no regular file') }]);
});

test('user config: nothing named and no default file is no fault', async () => {
  const { config } = await read({ args: [], files: {} });
  expect(config.faults.filter(({ message }) => message.includes('ENOENT'))).toEqual([]);
});

test('user config: ids that are nvl’s own are found, with their files', async () => {
  const { cwd, config } = await read({
    args: ['-c', 'a.toml'],
    files: {
      'a.toml':
        '[sources.nvl_mine]\ntype = "stdin"\n[transforms.nomad_logs]\ntype = "filter"\n[sinks.fine]\ntype = "console"\n',
    },
  });
  const error = findOwnedIds(config);
  expect(error).toMatchObject({ code: 'ownedId' });
  expect(error?.facts.found).toBe(`source nvl_mine in ${cwd}/a.toml\ntransform nomad_logs in ${cwd}/a.toml`);
  expect(findOwnedIds({ components: [] })).toBeUndefined();
});

/** The cases of Vector's own test of its interpolation. */
const env = { FOO: 'dogs', FOOBAR: 'cats', 'FOO.BAR': 'turtles', EMPTY: '', LINES: 'a\nb' };
test.each([
  ['$FOO', 'dogs'],
  ['x${FOOBAR}y', 'xcatsy'],
  ['$ x', '$ x'],
  ['$$FOO', '$FOO'],
  ['$FOO=bar', 'dogs=bar'],
  ['$FOO.BAR', 'turtles'],
  ['${FOO x', '${FOO x'],
  ['${}', '${}'],
  ['${FOO:-cats}', 'dogs'],
  ['${NOT:-dogs and cats}', 'dogs and cats'],
  ['${:-cats}', '${:-cats}'],
  ['${NOT:-}', ''],
  ['${NOT-cats}', 'cats'],
  ['${EMPTY-cats}', ''],
  ['${EMPTY:-cats}', 'cats'],
  ['${FOO:?error cats}', 'dogs'],
  ['${EMPTY?error cats}', ''],
])('interpolation: %s', (text, expected) => {
  expect(interpolate({ text, env })).toEqual({ text: expected, missing: [] });
});

test.each(['x$FOOBARy', '$NOT_FOO', '${NOT:?error}', '${NOT?error}', '${EMPTY:?error}', '$LINES'])(
  'interpolation: %s stops the load',
  (text) => {
    expect(interpolate({ text, env }).missing).toHaveLength(1);
  },
);

test.each<[string, Record<string, string>, { address: string | undefined; file: string } | undefined]>([
  ['is off where nobody says anything', { 'a.toml': '' }, undefined],
  ['is off where only its address is said', { 'a.toml': '[api]\naddress = "127.0.0.1:1"\n' }, undefined],
  ['is off where that is said', { 'a.toml': '[api]\nenabled = false\n' }, undefined],
  ['is on at its default', { 'a.toml': '[api]\nenabled = true\n' }, { address: undefined, file: 'a.toml' }],
  [
    'is on by one file, at the address of another one',
    {
      'a.toml': '[api]\naddress = "127.0.0.1:8686"\n',
      'b.toml': '[api]\nenabled = true\n',
      'c.toml': '[api]\naddress = "127.0.0.1:9000"\n',
    },
    { address: '127.0.0.1:9000', file: 'b.toml' },
  ],
  ['is none of a table that is no table', { 'a.toml': 'api = true\n' }, undefined],
])('Vector’s API %s', async (_, files, api) => {
  const { cwd, config } = await read({ args: ['-c', '*.toml'], files });
  expect(config.api).toEqual(api && { ...api, file: join(cwd, api.file) });
});

test('user config: where the metrics of Vector itself are, and not those of others', async () => {
  const { cwd, config } = await read({
    args: ['-c', 'a.toml', '-c', 'b.yaml'],
    files: {
      'a.toml': `[sources.own]
type = "internal_metrics"
[sources.host]
type = "host_metrics"
[sinks.page]
type = "prometheus_exporter"
inputs = ["host", "own"]
address = "0.0.0.0:9600"
tls.enabled = true
[sinks.other]
type = "prometheus_exporter"
inputs = ["host"]
[sinks.remote]
type = "prometheus_remote_write"
inputs = ["own"]
`,
      'b.yaml': 'sinks: {usual: {type: prometheus_exporter, inputs: [own]}}\n',
    },
  });
  expect(config.exporters).toEqual([
    { address: '0.0.0.0:9600', isTls: true, file: join(cwd, 'a.toml') },
    { address: undefined, isTls: false, file: join(cwd, 'b.yaml') },
  ]);
});
