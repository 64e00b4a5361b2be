import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { fileOf, fromYaml, todosOf } from './support.ts';

/** In the shape of the peer's file, with names of our own. */
const given = ({
  source = '',
  row = '"job": to_string(.JobID) ?? ""',
  labels = '.nomad.job_name = to_string(row.job) ?? ""',
  rest = '',
}: {
  source?: string;
  row?: string;
  labels?: string;
  rest?: string;
} = {}): string => `data_dir: "\${VECTOR_DATA_DIR:-/srv/vector}"
enrichment_tables:
  allocs: { type: memory, ttl: 60, inputs: [rows] }
sources:
  api:
    type: http_client
    endpoint: "\${NOMAD_ADDR:-http://localhost:4646}/v1/node/\${NOMAD_NODE_ID}/allocations"
    headers: { X-Nomad-Token: ["\${NOMAD_TOKEN:-}"] }
  files:
    type: file
    include: ["\${NOMAD_DATA_DIR:-/srv/alloc}/*/alloc/logs/*.std*.*"]
    fingerprint: { strategy: device_and_inode }
${source}
transforms:
  rows:
    type: remap
    inputs: [api]
    source: |
      . = set!(value: {}, path: [to_string!(.ID)], data: {
        ${row}
      })
  labelled:
    type: remap
    inputs: [files]
    source: |
      record, err = get_enrichment_table_record("allocs", { "key": "x" })
      row = object(record.value) ?? {}
      ${labels}
${rest}`;

const SINK = 'templates/vector/sink.toml.hbs';
const out = (inputs: string, more = ''): string =>
  `sinks:\n  out:\n    type: blackhole\n    inputs: ${inputs}\n${more}`;

test('what asks Nomad, reads the files and labels the lines goes, each named with its line', () => {
  const made = fromYaml(given({ rest: out('[labelled]') }));
  expect([...made.files.keys()]).toEqual(['nvl.yaml', 'templates/vector/labels.toml.hbs', SINK, 'vector/vector.toml']);
  expect(
    made.notes.filter(({ kind }) => kind === 'noNeed').map(({ line, text }) => `${line} ${text.split(':')[0]}`),
  ).toEqual([
    '5 sources.api',
    '15 transforms.rows',
    '3 enrichment_tables.allocs',
    '9 sources.files',
    '22 transforms.labelled',
  ]);
  expect(fileOf(made, SINK)).toContain(
    '[sinks.out]\nacknowledgements.enabled = true\ntype = "blackhole"\ninputs = ["{{input}}"]\n',
  );
  expect(fileOf(made, 'vector/vector.toml')).toBe('data_dir = "/srv/vector"\n');
  expect(made).toMatchObject({ fingerprint: 'inode', sources: ['files'] });
});

test('defaults of variables are taken, and said', () => {
  const made = fromYaml(given({ rest: out('[labelled]') }));
  expect(parse(fileOf(made, 'nvl.yaml'))).toEqual({ templates: 'templates', nomad: { allocDir: '/srv/alloc' } });
  expect(todosOf(made)).toEqual([
    expect.stringMatching(/^vector\.yaml:1 data_dir: the default of \$\{VECTOR_DATA_DIR\} was taken/),
    expect.stringMatching(/^vector\.yaml:11 nomad\.allocDir: the default of \$\{NOMAD_DATA_DIR\} was taken/),
  ]);
});

test('a name that nvl has, too, is another thing: what read the bare files gets labelled lines', () => {
  const text = given({ rest: out('[nomad_logs]') }).replaceAll('files', 'nomad_logs');
  expect(fileOf(fromYaml(text), SINK)).toContain('inputs = ["{{input}}"]');
});

test.each([
  ['"kind": to_string(object(.Job) ?? {}.Type) ?? ""', '"{{job.type}}"'],
  ['"kind": to_string(.Job.Meta.team) ?? ""', '"{{job.meta.team}}"'],
  ['"kind": .Job.Meta', '{{job.meta}}'],
  ['"kind": to_string!(.Name)', '"{{alloc.name}}"'],
  ['"kind": string(.NodeID) ?? "none"', '"{{alloc.nodeId}}"'],
])('a label of its own from %s', (row, value) => {
  const made = fromYaml(given({ row, labels: '.nomad.kind = row.kind' }));
  expect(fileOf(made, 'templates/vector/labels.toml.hbs')).toContain(`  "kind": ${value},\n`);
});

test('a label that nvl has as well stands there once', () => {
  const labels = fileOf(fromYaml(given()), 'templates/vector/labels.toml.hbs');
  expect(labels.match(/"job_name"/g)).toHaveLength(1);
});

test.each([
  [
    'a label that changes while a task runs',
    { row: '"e": .EvalID', labels: '.nomad.e = row.e' },
    28,
    '.nomad.e: nvl does not see what it comes of',
  ],
  ['a field of its own', { labels: '.cluster = "north"' }, 28, 'labelled does more than label'],
  ['a drop', { labels: 'abort' }, 28, 'labelled does more than label'],
  ['an option of the source', { source: '    max_read_bytes: 4096' }, 13, 'files sets max_read_bytes'],
  ['joined lines', { source: '    multiline: { mode: halt_before }' }, 13, 'files joins lines'],
  ['an end as its beginning', { source: '    read_from: end' }, 13, 'files sets read_from'],
])('%s is left to do by hand, with its line', (_, parts, line, said) => {
  expect(todosOf(fromYaml(given(parts)))).toContainEqual(
    expect.stringMatching(new RegExp(`^vector\\.yaml:${line} ${said}`)),
  );
});

test('what was too old to be read is too old at the first start', () => {
  const made = fromYaml(given({ source: '    ignore_older_secs: 3600' }));
  expect(parse(fileOf(made, 'nvl.yaml')).collect).toEqual({ backfill: 'since:3600s' });
});

test('a token that is written out is not brought along, nor shown', () => {
  const text = given().replace(`"\${NOMAD_TOKEN:-}"`, '"hunter2"');
  const made = fromYaml(text);
  expect(todosOf(made)).toContainEqual(expect.stringMatching(/^vector\.yaml:8 a token is written out here/));
  expect(JSON.stringify([...made.files, made.notes])).not.toContain('hunter2');
});

test('a variable in a sink is named with its line; Vector does not put it in any more', () => {
  const made = fromYaml(given({ rest: out('[labelled]', `    password: "\${PASSWORD}"`) }));
  expect(todosOf(made)).toContainEqual(
    expect.stringMatching(/^vector\.yaml:33 \$\{PASSWORD\}: Vector 0\.57 puts variables in only/),
  );
  expect(fileOf(made, SINK)).toContain(`password = "\${PASSWORD}"`);
});

test.each([
  ['sources: {}\n', /is no file source|has no file source/],
  ['a: 1\n', /is no configuration/],
  ['a: [1\n', /has no file source/],
])('%j is refused', (text, message) => {
  expect(() => fromYaml(text)).toThrow(
    expect.objectContaining({ code: 'migrateUnreadable', message: expect.stringMatching(message) }),
  );
});
