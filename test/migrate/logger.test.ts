import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { fileOf, fromLogger, todosOf } from './support.ts';

const SINK = 'templates/vector/sink.toml.hbs';
const TRANSFORM = 'templates/vector/transform.toml.hbs';

const configOf = (lines: string): unknown => {
  const { templates, sinks, ...rest } = parse(fileOf(fromLogger({ config: `[app]\n${lines}` }), 'nvl.yaml'));
  return { templates, sinks, rest };
};

test.each([
  ['log_level = "debug"', { log: { level: 'debug' } }],
  ['log_level = "info"', { log: { level: 'info' } }],
  ['env = "dev"', { log: { format: 'pretty' } }],
  ['env = "prod"', {}],
  ['remove_alloc_interval = "1m30s"', { collect: { removalDelay: '1m30s' } }],
  ['remove_alloc_interval = "1s500us"', { collect: { removalDelay: '1s' } }],
  ['nomad_data_dir = "/opt/nomad/data/alloc/"', { nomad: { allocDir: '/opt/nomad/data/alloc' } }],
  ['refresh_interval = "10s"', {}],
  ['vector_config_dir = "/etc/vector/gen"', {}],
])('%s', (line, keys) => {
  expect(configOf(line)).toEqual({ templates: 'templates', sinks: 'none', rest: keys });
});

test('each key is told with its line, also those that 0.4.1 does not read', () => {
  const { notes } = fromLogger({
    config: '# one\n[app]\nenv = "prod"\nremove_alloc_interval = 30\ncommit_index_interval = "1s"\n[other]\na = 1\n',
  });
  expect(notes.filter(({ file }) => file === 'config.toml').map(({ kind, line }) => [kind, line])).toEqual([
    ['noNeed', 3],
    ['todo', 4],
    ['todo', 5],
    ['todo', 6],
  ]);
});

test('below .nomad stands what stood there before, and the stream', () => {
  const labels = fileOf(fromLogger({}), 'templates/vector/labels.toml.hbs');
  expect([...labels.matchAll(/^ {2}"(\w+)": (.*),$/gm)].map(([, name, value]) => [name, value])).toEqual([
    ['namespace', '"{{namespace}}"'],
    ['node_name', '"{{alloc.nodeName}}"'],
    ['job_name', '"{{job.id}}"'],
    ['group_name', '"{{group.name}}"'],
    ['task_name', '"{{task.name}}"'],
    ['alloc_id', '"{{alloc.id}}"'],
    ['job_type', '"{{job.type}}"'],
    ['parent_job_name', '"{{job.parentId}}"'],
    ['task_meta', '{{task.meta}}'],
    ['group_meta', '{{group.meta}}'],
    ['job_meta', '{{job.meta}}'],
    ['stream', 'stream'],
  ]);
});

test('what reads every task’s lines becomes the sink template, as it was written', () => {
  const made = fromLogger({
    templates: {
      'sink.toml': `# All of it.
[transforms.shaped] # by us
type = "remap"
inputs = ["transform_nomad_alloc*"]
source = '''
  .a = 1   # kept
'''

[sinks.out]
type = "file"
inputs = ["shaped"]
path = "/var/log/{{ "{{" }} nomad.job_name }}.log"
encoding.codec = "json"
`,
    },
  });
  expect(fileOf(made, SINK)).toBe(`{{! Where every labelled line goes. Rendered once per node. }}
# All of it.
[transforms.shaped] # by us
type = "remap"
inputs = ["{{input}}"]
source = '''
  .a = 1   # kept
'''

[sinks.out]
acknowledgements.enabled = true
type = "file"
inputs = ["shaped"]
path = "/var/log/\\{{ nomad.job_name }}.log"
encoding.codec = "json"
`);
  expect(todosOf(made)).toEqual([]);
});

const sink = (inputs: string, name = 'out'): string => `[sinks.${name}]\ntype = "blackhole"\ninputs = ${inputs}\n`;
const each = (condition: string, name: string, then = ''): string =>
  `{{ range . }}{{ if ${condition} }}
[transforms.${name}_{{ .Key }}]
type = "remap"
inputs = ["transform_{{ .Key }}"]
source = '.x = 1'
${then}{{ end }}{{ end }}
`;

test.each([
  ['["transform_nomad_alloc*"]', '["{{input}}"]'],
  ['["transform_*"]', '["{{input}}"]'],
  ['"source_*"', '["{{input}}"]'],
  ['[ {{ range . }}"transform_{{ .Key }}",{{ end }} ]', '["{{input}}"]'],
  ['[ {{ range $i, $t := . }}{{ if $i }}, {{ end }}"transform_{{ $t.Key }}"{{ end }} ]', '["{{input}}"]'],
])('the inputs %s', (before, now) => {
  expect(fileOf(fromLogger({ templates: { 's.toml': sink(before) } }), SINK)).toContain(`inputs = ${now}\n`);
});

test.each([
  ['eq .Job "web"', [{ match: { job: 'web' }, profile: 'web' }]],
  ['and (eq .Namespace "pay") (eq .Task "log")', [{ match: { namespace: 'pay', task: 'log' }, profile: 'log' }]],
  [
    'eq .Job "a" "b"',
    [
      { match: { job: 'a' }, profile: 'a' },
      { match: { job: 'b' }, profile: 'a' },
    ],
  ],
  ['eq .Group "default"', [{ match: { group: 'default' }, profile: 'default-job' }]],
])('transforms of the tasks with %s become a profile and its rules', (condition, rules) => {
  const made = fromLogger({ templates: { 's.toml': each(condition, 'own') } });
  expect(parse(fileOf(made, 'nvl.yaml')).rules).toEqual(rules);
  expect(fileOf(made, `templates/profiles/${rules[0]?.profile}/transform.toml.hbs`)).toContain(
    '[transforms.{{id}}_parse]',
  );
});

test('what stands behind else is the default profile', () => {
  const more = `{{ else }}[transforms.own_{{ .Key }}]\ntype = "remap"\ninputs = ["transform_{{ .Key }}"]\nsource = '.x = 2'\n`;
  const made = fromLogger({ templates: { 's.toml': each('eq .Job "web"', 'own', more) + sink('["own_*"]') } });
  expect(fileOf(made, TRANSFORM)).toContain(".x = 2'");
  expect(fileOf(made, 'templates/profiles/web/transform.toml.hbs')).toContain(".x = 1'");
  // One of both is there for every task.
  expect(fileOf(made, SINK)).toContain('type = "blackhole"\ninputs = ["{{input}}"]\n');
});

test.each([
  ['ne .Job "web"', '(ne job.id "web")'],
  // In a rule it would be a glob.
  ['eq .Job "web*"', '(eq job.id "web*")'],
  ['eq .JobType "batch"', '(eq job.type "batch")'],
])(
  'the condition %s, which no rule can say, stays one of the template, which has a last transform all the same',
  (go, handlebars) => {
    const made = fromLogger({ templates: { 's.toml': each(go, 'own') } });
    expect(fileOf(made, TRANSFORM)).toBe(`{{#if ${handlebars}}}
[transforms.{{id}}_parse]
type = "remap"
inputs = ["{{input}}"]
source = '.x = 1'
{{else}}
[transforms.{{id}}_parse]
type = "remap"
inputs = ["{{input}}"]
source = '.'
{{/if}}
`);
    expect(fileOf(made, 'nvl.yaml')).not.toContain('rules');
  },
);

test.each([
  ['eq .Job "web"', '.nomad.job_name == "web"'],
  ['ne .Job "web"', '.nomad.job_name != "web"'],
  ['and (eq .Job "a") (eq .JobType "batch")', '(.nomad.job_name == "a" && .nomad.job_type == "batch")'],
  ['.ParentJob', '.nomad.parent_job_name != ""'],
])('a sink that got the lines of tasks with %s alone gets no others', (condition, filter) => {
  const made = fromLogger({ templates: { 's.toml': each(condition, 'own') + sink('["own_*"]') } });
  expect(fileOf(made, SINK)).toContain(`[transforms.out_only]
type = "filter"
inputs = ["{{input}}"]
condition = '${filter}'

[sinks.out]
acknowledgements.enabled = true
type = "blackhole"
inputs = ["out_only"]
`);
});

test('where a condition is none of labels, it is said that the sink gets more', () => {
  const made = fromLogger({ templates: { 's.toml': each('ne .TaskMeta "{}"', 'own') + sink('["own_*"]') } });
  expect(todosOf(made)).toContainEqual(expect.stringMatching(/^s\.toml:7 out got the lines of some tasks alone/));
});

const FILTER = '[transforms.b_{{ .Key }}]\ntype = "filter"\ninputs = ["a_{{ .Key }}"]\ncondition = ".x == 1"\n';
const REMAP = '[transforms.a_{{ .Key }}]\ntype = "remap"\ninputs = ["transform_{{ .Key }}"]\nsource = ".x = 1"\n';

test.each([
  ['the last first', FILTER + REMAP],
  ['the first first', REMAP + FILTER],
])('transforms that read each other are one way, the last of them named as nvl wants it: %s', (_, blocks) => {
  const text = `{{ range . }}\n${blocks}{{ end }}\n${sink('["b_*"]')}${sink('["a_*"]', 'before')}`;
  const made = fromLogger({ templates: { 's.toml': text } });
  expect(fileOf(made, TRANSFORM).match(/\[transforms.*\]|inputs = .*/g)).toEqual([
    '[transforms.{{id}}_a]',
    'inputs = ["{{input}}"]',
    '[transforms.{{id}}_parse]',
    'inputs = ["{{id}}_a"]',
  ]);
  // One of the sinks read what stood between.
  expect(todosOf(made)).toEqual([
    expect.stringMatching(/^s\.toml:16 before got lines from before the last of the tasks' transforms/),
  ]);
});

test.each([
  [
    'a sink of each task',
    '[sinks.a_{{ .Key }}]\ntype = "blackhole"\ninputs = ["transform_{{ .Key }}"]',
    'a sink of each task',
  ],
  ['a source of each task', '[sources.a_{{ .Key }}]\ntype = "stdin"', 'a source of each task'],
  [
    'a second transform beside the first',
    '[transforms.a_{{ .Key }}]\ntype = "remap"\ninputs = ["transform_{{ .Key }}"]\nsource = "."\n[transforms.b_{{ .Key }}]\ntype = "remap"\ninputs = ["transform_{{ .Key }}"]\nsource = "."',
    'transforms beside each other',
  ],
])('%s has no counterpart', (_, block, said) => {
  const made = fromLogger({ templates: { 's.toml': `{{ range . }}\n${block}\n{{ end }}` } });
  expect(todosOf(made)).toEqual([expect.stringMatching(new RegExp(`^s\\.toml:[26] ${said}`))]);
});

test('what is fed by more than tasks stays in a Vector file of its own, and reads nomad_logs', () => {
  const made = fromLogger({
    templates: { 's.toml': sink('["internal", "transform_*"]') },
    vector: {
      'base.toml':
        'data_dir = "/var/lib/vector" # ours\n\n[api]\nenabled = true\n\n[sources.internal]\ntype = "internal_logs"\n',
    },
  });
  expect(fileOf(made, 'vector/base.toml')).toBe(
    'data_dir = "/var/lib/vector" # ours\n\n[api]\nenabled = true\n\n[sources.internal]\ntype = "internal_logs"\n',
  );
  expect(fileOf(made, 'vector/s.toml')).toBe(
    '[sinks.out]\nacknowledgements.enabled = true\ntype = "blackhole"\ninputs = ["nomad_logs", "internal"]\n',
  );
  expect(parse(fileOf(made, 'nvl.yaml')).sinks).toBe('none');
});

test('sinks in Vector files that ran beside it are brought along, also from YAML', () => {
  const yaml =
    'sinks:\n  out:\n    type: file\n    inputs: ["transform_nomad_alloc*"]\n    path: "/x/{{ nomad.task_name }}"\n    encoding: { codec: json }\n';
  expect(fileOf(fromLogger({ vector: { 'base.yaml': yaml } }), SINK)).toContain(`[sinks.out]
acknowledgements.enabled = true
type = "file"
inputs = ["{{input}}"]
path = "/x/\\{{ nomad.task_name }}"
encoding.codec = "json"
`);
});

test('what reads fields that are gone is named with its line; the host comes back as a label', () => {
  const made = fromLogger({
    templates: {
      's.toml': `[transforms.t]
type = "remap"
inputs = ["transform_*"]
source = '''
.a = .file
.b = .host
.c = .files.host_name
'''
${sink('["t"]')}`,
    },
  });
  expect(todosOf(made)).toEqual([expect.stringMatching(/^s\.toml:5 \.file is not there any more/)]);
  expect(fileOf(made, 'templates/vector/labels.toml.hbs')).toContain('.host = .nomad.node_name');
});

test('a program of a task that reads labels is named: they come later', () => {
  const text = `{{ range . }}\n[transforms.a_{{ .Key }}]\ntype = "remap"\ninputs = ["transform_{{ .Key }}"]\nsource = '''\n.a = 1\n.b = .nomad.job_name\n'''\n{{ end }}`;
  expect(todosOf(fromLogger({ templates: { 's.toml': text } }))).toContainEqual(
    expect.stringMatching(/^s\.toml:7 \.nomad\.job_name in a profile's transform/),
  );
});

test('an input that nothing given has is named, and what reads it stays in a Vector file', () => {
  const made = fromLogger({ templates: { 's.toml': sink('["elsewhere", "transform_*"]') } });
  expect(todosOf(made)).toContainEqual(
    expect.stringMatching(/^s\.toml:3 out reads elsewhere, which is in none of the files/),
  );
  expect(fileOf(made, 'vector/s.toml')).toContain('inputs = ["nomad_logs", "elsewhere"]');
});

test('transforms without a sink wait for one in a Vector file', () => {
  const text = '[transforms.t]\ntype = "remap"\ninputs = ["transform_*"]\nsource = "."\n';
  const made = fromLogger({ templates: { 's.toml': text } });
  expect(fileOf(made, 'vector/s.toml')).toContain('inputs = ["nomad_logs"]');
  expect(made.files.has(SINK)).toBe(false);
});

test('a key of no table stands before all tables', () => {
  const yaml = 'api:\n  enabled: true\n  address: "127.0.0.1:1"\ndata_dir: /x\n';
  expect(fileOf(fromLogger({ vector: { 'base.yaml': yaml } }), 'vector/base.toml')).toBe(
    'data_dir = "/x"\n\n[api]\nenabled = true\naddress = "127.0.0.1:1"\n',
  );
});

test.each([
  ['a table in a line', '[sinks]\nout = { type = "blackhole", inputs = ["transform_*"], x.y = 1 }\n'],
  ['dotted keys', 'sinks.out.type = "blackhole"\nsinks.out.inputs = ["transform_*"]\nsinks.out.x.y = 1\n'],
  ['a section with dotted keys', '[sinks]\nout.type = "blackhole"\nout.inputs = ["transform_*"]\nout.x.y = 1\n'],
])('a component as %s is written anew', (_, text) => {
  expect(fileOf(fromLogger({ templates: { 's.toml': text } }), SINK)).toContain(`[sinks.out]
acknowledgements.enabled = true
type = "blackhole"
inputs = ["{{input}}"]
x.y = 1
`);
});

test('nothing is lost of a file whose statements cannot be told apart', () => {
  // A list of so many lines that nothing looks for its end.
  const long = `[transforms.t]\ntype = "x"\ninputs = ["transform_*"]\nlist = [\n${'  [1],\n'.repeat(600)}]\n${sink('["t"]')}`;
  const made = fileOf(fromLogger({ templates: { 's.toml': long } }), SINK);
  expect(made.match(/\[1\]/g)).toHaveLength(600);
  expect(made).toContain('[sinks.out]\nacknowledgements.enabled = true\ntype = "blackhole"\ninputs = ["t"]\n');
});

test('of two components of one name the first is taken, and the other named', () => {
  const made = fromLogger({
    templates: { 'a.toml': sink('["transform_*"]'), 'b.toml': `\n${sink('["source_*"]')}` },
  });
  expect(fileOf(made, SINK).match(/\[sinks\.out\]/g)).toHaveLength(1);
  expect(todosOf(made)).toEqual([expect.stringMatching(/^b\.toml:2 out is defined in a\.toml:1, too/)]);
});

test('without a sink, it is said where one may be', () => {
  expect(fromLogger({}).notes.at(-1)).toMatchObject({
    kind: 'todo',
    file: 'nvl.yaml',
    text: expect.stringMatching(/^no sink reads the lines of tasks in what was given/),
  });
});

test('a configuration that is a template of Nomad’s is told to be one', () => {
  expect(() => fromLogger({ config: '[app]\nvector_config_dir = "{{ env "X" }}/y"\n' })).toThrow(
    expect.objectContaining({
      facts: expect.objectContaining({
        from: 'config.toml:2',
        said: expect.stringContaining('give the file that Nomad made of it'),
      }),
    }),
  );
});
