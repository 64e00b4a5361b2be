import { chmod, mkdir, readdir, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aRawAllocation, idOf } from '../support/builders.ts';
import { needs, pathOf, vector } from '../support/programs.ts';
import { aFolder, aNomad, nvl, put, textOf } from './support.ts';

const CONFIG = `[app]
remove_alloc_interval = "1m"
nomad_data_dir = "/opt/nomad/data/alloc"
vector_config_dir = "gen"
extra_templates_dir = "static"
`;

const TEMPLATES = {
  'static/a-parse.toml': `{{ range . }}
{{ if eq .Job "web" }}
[transforms.json_{{ .Key }}]
type = "remap"
inputs = ["transform_{{ .Key }}"]
source = '''
. = merge(., object(parse_json(.message) ?? {}) ?? {})
.origin = "{{ .Job }}/{{ .Task }}"
.tags = {{ .JobMeta }}
'''
{{ end }}
{{ end }}
`,
  'static/b-sinks.toml': `[transforms.routed]
type = "route"
inputs = ["transform_nomad_alloc*"]
route.pay = '.nomad.namespace == "pay"'

[sinks.pay]
type = "file"
inputs = ["routed.pay"]
path = "/var/log/pay/{{ "{{" }} nomad.job_name }}.log"
encoding.codec = "json"

[sinks.parsed]
type = "console"
inputs = ["json_*"]
encoding.codec = "json"
`,
};

const BASE =
  'data_dir = "/var/lib/vector"\n\n[sources.internal]\ntype = "internal_logs"\n\n[sinks.own]\ntype = "blackhole"\ninputs = ["internal", "transform_*"]\n';

const before = { 'config.toml': CONFIG, 'base.toml': BASE, ...TEMPLATES };
const ARGS = ['migrate', 'config.toml', '--vector', 'base.toml'];

const migrated = async (args: string[] = [], files: Record<string, unknown> = before) => {
  const folder = await aFolder();
  await put(folder, files);
  return { folder, ...(await nvl([...ARGS, ...args], { cwd: folder })) };
};

test('what is read again is said first, and all that is written is named', async () => {
  const { folder, code, out } = await migrated();
  expect(code).toBe(0);
  expect(out.match(/^## .*$/gm)?.[0]).toBe('## What is read again');
  const written = [...out.matchAll(/^wrote (.*)$/gm)].map(([, name]) => name);
  expect(written).toEqual([
    'nvl/MIGRATION.md',
    'nvl/nvl.yaml',
    'nvl/templates/vector/labels.toml.hbs',
    'nvl/templates/profiles/web/transform.toml.hbs',
    'nvl/templates/vector/sink.toml.hbs',
    'nvl/vector/base.toml',
  ]);
  const files = (await readdir(join(folder, 'nvl'), { recursive: true, withFileTypes: true })).filter((one) =>
    one.isFile(),
  );
  expect(files.map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1)).sort()).toEqual(
    written.sort(),
  );
  expect(await textOf(folder, 'nvl/MIGRATION.md')).toBe(out.slice(0, out.indexOf('\nwrote')));
});

test('a dry run prints it all and writes nothing', async () => {
  const { folder, code, out } = await migrated(['--dry-run']);
  expect(code).toBe(0);
  expect(out).toContain('==> nvl.yaml <==\n');
  expect((await readdir(folder)).sort()).toEqual(['base.toml', 'config.toml', 'static']);
});

test('what is there already stays, and nothing else is written, but with --force', async () => {
  const mine = { ...before, 'nvl/templates/vector/sink.toml.hbs': 'mine' };
  const { folder, code, err } = await migrated([], mine);
  expect(code).toBe(1);
  expect(err).toContain('nvl/templates/vector/sink.toml.hbs');
  expect(err).toContain('--force');
  expect([await textOf(folder, 'nvl/templates/vector/sink.toml.hbs'), await textOf(folder, 'nvl/nvl.yaml')]).toEqual([
    'mine',
    undefined,
  ]);
  const forced = await nvl([...ARGS, '--force'], { cwd: folder });
  expect(forced.code).toBe(0);
  expect(await textOf(folder, 'nvl/templates/vector/sink.toml.hbs')).toContain('[sinks.pay]');
  // The same once more is in nobody's way.
  expect((await nvl(ARGS, { cwd: folder })).code).toBe(0);
});

test('what nobody else could read before, nobody else can read then', async () => {
  const folder = await aFolder();
  await put(folder, before);
  await chmod(join(folder, 'base.toml'), 0o600);
  expect((await nvl(ARGS, { cwd: folder })).code).toBe(0);
  expect((await stat(join(folder, 'nvl/templates/vector/sink.toml.hbs'))).mode & 0o777).toBe(0o600);
});

test('with --force a link is replaced, and what it leads to stays', async () => {
  const folder = await aFolder();
  await put(folder, { ...before, 'nvl/x': '', elsewhere: 'kept' });
  await symlink('../elsewhere', join(folder, 'nvl/nvl.yaml'));
  expect((await nvl([...ARGS, '--force'], { cwd: folder })).code).toBe(0);
  expect(await textOf(folder, 'elsewhere')).toBe('kept');
  expect(await textOf(folder, 'nvl/nvl.yaml')).toContain('removalDelay: 1m');
});

test.each([
  ['beside the configuration', 'old/config.toml', 'old/static', []],
  ['where it is said to be', 'config.toml', 'elsewhere', ['--extra-templates', 'elsewhere']],
])('templates are found %s', async (_, config, dir, args) => {
  const folder = await aFolder();
  await put(folder, { [config]: CONFIG, [`${dir}/s.toml`]: TEMPLATES['static/b-sinks.toml'] });
  const { code, out } = await nvl(['migrate', config, '--dry-run', ...args], { cwd: folder });
  expect(code).toBe(0);
  expect(out).toContain('[sinks.pay]');
});

test('a folder of templates that is not here is left to do by hand', async () => {
  const { code, out } = await migrated([], { 'config.toml': CONFIG, 'base.toml': BASE });
  expect(code).toBe(0);
  expect(out).toContain('`config.toml` extra_templates_dir is static, which is not here');
});

test.each([
  ['a file that is not there', ['migrate', 'nope.toml'], 'nope.toml cannot be read'],
  ['a folder', ['migrate', '.'], 'it is a folder'],
  ['a folder of templates that is none', [...ARGS, '--extra-templates', 'nope'], 'nope cannot be read'],
  ['what is no configuration', ['migrate', 'other.yaml'], 'is no configuration of nomad-vector-logger'],
])('%s is refused', async (_, args, said) => {
  const folder = await aFolder();
  await put(folder, { ...before, 'other.yaml': 'a: 1\n' });
  const { code, err } = await nvl(args, { cwd: folder });
  expect(code).toBe(1);
  expect(err).toContain(said);
});

const YAML = `data_dir: /var/lib/vector
enrichment_tables:
  allocs: { type: memory, ttl: 60, inputs: [rows] }
sources:
  api: { type: http_client, endpoint: "http://127.0.0.1:4646/v1/node/x/allocations", decoding: { codec: json } }
  nomad_logs:
    type: file
    include: ["/opt/nomad/data/alloc/*/alloc/logs/*.std*.*"]
    fingerprint: { strategy: device_and_inode }
transforms:
  rows:
    type: remap
    inputs: [api]
    source: |
      . = set!(value: {}, path: [to_string!(.ID)], data: { "job": .JobID, "kind": .Job.Type, "team": .Job.Meta.team })
  labelled:
    type: remap
    inputs: [nomad_logs]
    source: |
      record, err = get_enrichment_table_record("allocs", { "key": "x" })
      row = object(record.value) ?? {}
      .nomad.job_name = row.job
      .nomad.job_type = row.kind
      .nomad.team = row.team
  shaped:
    type: remap
    inputs: [labelled]
    source: |
      . = { "at": to_unix_timestamp!(.timestamp), "host": .host, "team": .nomad.team, "text": .message }
sinks:
  out: { type: console, inputs: [shaped], encoding: { codec: json } }
  files: { type: file, inputs: [labelled], path: "/logs/{{ nomad.job_name }}", encoding: { codec: text } }
`;

const web = aRawAllocation({ id: idOf(1), job: 'web', task: 'app', jobMeta: { team: 'x' } });
const other = aRawAllocation({ id: idOf(2), job: 'other', namespace: 'pay', task: 'b' });

test.each([
  ['nomad-vector-logger 0.4.1', before, ARGS, 'base.toml'],
  ['a Vector that asks Nomad itself', { 'vector.yaml': YAML }, ['migrate', 'vector.yaml'], 'vector.toml'],
])('the real Vector accepts what comes of %s, for a recorded node', needs(vector), async (_, files, args, own) => {
  const folder = await aFolder();
  const here = Object.entries(files).map(([name, text]) => [
    name,
    text.replace('/var/lib/vector', join(folder, 'data')),
  ]);
  await put(folder, { ...Object.fromEntries(here), 'node.json': [web, other], 'data/.keep': '' });
  expect((await nvl(args, { cwd: folder })).code).toBe(0);
  const given = ['-c', 'nvl/nvl.yaml', '--allocations', 'node.json', '--root', join(folder, 'root')];
  // With the Vector file that stays the team's own.
  const running = ['--', pathOf(vector), '-c', join(folder, 'nvl/vector', own)];
  const { code, err } = await nvl(['validate', ...given, '--vector-binary', pathOf(vector), ...running], {
    cwd: folder,
  });
  expect({ code, err }).toEqual({
    code: 0,
    err: expect.stringMatching(/^(?:Risk: .*\n)*Vector accepts it: 2 tasks in [12] pipelines?\.\n$/),
  });
});

/** A node of two jobs, each in a pipeline of its own, whose files a Vector of before has read in part. */
const aNodeOfBefore = async () => {
  const folder = await aFolder();
  const nomad = await aNomad(folder, [web, other]);
  await put(folder, {
    'vector.yaml': YAML.replace('/opt/nomad/data/alloc', nomad.allocDir).replace(
      '/var/lib/vector',
      join(folder, 'data'),
    ),
    'nvl.json': { templates: 'templates', rules: [{ match: { job: 'other' }, profile: 'mine' }] },
    'templates/profiles/mine/transform.toml.hbs': `[transforms.{{id}}_parse]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = '.'\n`,
    'team.toml': `data_dir = "${folder}/data"\n`,
  });
  const checkpoints = [];
  for (const [id, name] of [
    [idOf(1), 'app.stdout.0'],
    [idOf(2), 'b.stdout.0'],
  ] as const) {
    await put(join(nomad.allocDir, id, 'alloc/logs'), { [name]: 'one\ntwo\n' });
    const { dev, ino } = await stat(join(nomad.allocDir, id, 'alloc/logs', name));
    checkpoints.push({ fingerprint: { dev_inode: [dev, ino] }, position: 4, modified: '2026-11-27T00:00:00Z' });
  }
  await put(folder, { 'data/nomad_logs/checkpoints.json': { version: '1', checkpoints } });
  const args = ['migrate', 'vector.yaml', '-c', 'nvl.json', '--address', nomad.address, '--root', join(folder, 'root')];
  const take = (...more: string[]) =>
    nvl([...args, ...more, '--', 'vector', '-c', join(folder, 'team.toml')], { cwd: folder });
  const handed = async () => {
    const sources = (await readdir(join(folder, 'data'))).filter((name) => name.startsWith('nvl_')).sort();
    return Promise.all(
      sources.map(async (source) => {
        const text = (await textOf(folder, 'data', source, 'checkpoints.json')) ?? '';
        return [source.slice(0, source.lastIndexOf('_')), JSON.parse(text).checkpoints] as const;
      }),
    );
  };
  return { folder, checkpoints, take, handed };
};

test('each pipeline gets the positions of its own tasks, and of no others: they would hide lines of a later file', async () => {
  const { checkpoints, take, handed } = await aNodeOfBefore();
  const { code, out, err } = await take('--positions', 'data');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/^took over the positions of 2 files, for 2 sources in .*\/data\nno file is read again\n$/);
  expect(await handed()).toEqual([
    ['nvl_default', [checkpoints[0]]],
    ['nvl_mine', [checkpoints[1]]],
  ]);
});

test('a dry run only says what would be taken', async () => {
  const { take, handed } = await aNodeOfBefore();
  const { out } = await take('--positions', 'data', '--dry-run');
  expect(out).toMatch(/^would take over the positions of 2 files/);
  expect(await handed()).toEqual([]);
});

test('a folder that is not there, and a root that nvl ran with, are refused', async () => {
  const { folder, take, handed } = await aNodeOfBefore();
  const away = await take('--positions', 'nope');
  expect(away).toMatchObject({
    code: 1,
    err: expect.stringContaining(`data folder ${join(folder, 'nope')} is not there`),
  });
  await mkdir(join(folder, 'root/live'), { recursive: true });
  await put(folder, { 'root/live/nomad.toml': '' });
  expect(await take('--positions', 'data')).toMatchObject({
    code: 1,
    err: expect.stringContaining('nvl has run here before'),
  });
  expect(await handed()).toEqual([]);
});
