import { expect, test } from 'vitest';
import { labelsIn } from '../../lib/review/labels.ts';
import { nodeRisks, riskText } from '../../lib/review/node-risks.ts';
import { renderOf } from '../render/support.ts';
import { aContext, aTransform, idOf, someTemplates } from '../support/builders.ts';

const risksOf = async (files: Record<string, string>, tasks = [1, 2].map(aTask)): Promise<string[]> => {
  const templates = await someTemplates(files);
  const { blocks, rows, refused } = await renderOf({ templates, tasks });
  expect(refused).toEqual([]);
  return nodeRisks({ blocks, rows, templates }).map(riskText);
};

const aTask = (digit: number) => aContext({ id: idOf(digit), task: `app${digit}`, taskMeta: { nvl_profile: 'mine' } });

const source = (more: string) => ({
  'profiles/mine/source.toml.hbs': `{{! read_from is what matters }}
[sources.{{id}}]
type = "file"
include = {{logs.include}}
fingerprint.strategy = "device_and_inode"
max_line_bytes = 1_048_576
${more}
`,
});

const sink = (more: string) => ({
  'profiles/mine/transform.toml.hbs': aTransform(),
  'vector/sink.toml.hbs': `[sinks.out]
inputs = ["{{input}}"]
# nomad.teem is no field
${more}
`,
});

test('the shipped templates have none', async () => {
  expect(await risksOf({ 'profiles/mine/transform.toml.hbs': aTransform() })).toEqual([]);
});

test('an option that can lose lines is told once for all its tasks, with the line that says so', async () => {
  expect(await risksOf(source('read_from = "end"\nignore_older_secs = 60'))).toEqual([
    'profiles/mine/source.toml.hbs:7: read_from = "end" skips what a task writes before Vector sees its file',
    'profiles/mine/source.toml.hbs:8: ignore_older_secs skips files that were last written before nvl or Vector came back',
  ]);
});

test('one that is not said is told with the line of the source', async () => {
  const text =
    '[sources.{{id}}]\ntype = "file"\ninclude = {{logs.include}}\nfingerprint.strategy = "device_and_inode"\n';
  expect(await risksOf({ 'profiles/mine/source.toml.hbs': text })).toEqual([
    'profiles/mine/source.toml.hbs:1: max_line_bytes is not set: Vector drops a line over 100 KiB without a word',
  ]);
});

test.each([
  ['an option of a table', '[sources.{{id}}.acknowledgements]\nenabled = false', 7, 'acknowledgements are off'],
  ['one that differs from task to task', 'ignore_older_secs = {{alloc.index}}', 7, 'ignore_older_secs skips files'],
])('%s has its line, too', async (_, more, line, words) => {
  const [first = '', ...others] = await risksOf(source(more));
  expect(first).toContain(`profiles/mine/source.toml.hbs:${line}: ${words}`);
  expect(others).toEqual([]);
});

test.each([
  ['an environment variable', aTransform('.x = get_env_var!("TOKEN")'), 5, 'get_env_var puts'],
  ['a secret', aTransform('.x = get_secret("datadog_api_key")'), 5, 'get_secret puts'],
  [
    'whole lines, and marks some',
    aTransform('. = parse_json(.message) ?? .\nif .a == 1 { .nvl.parse_error = "x" }'),
    6,
    'it marks lines under .nvl',
  ],
  [
    'Lua',
    '[transforms.{{id}}_parse]\ntype = "lua"\ninputs = ["{{input}}"]\nversion = "2"\nsource = ""\nhooks.process = "p"\n',
    2,
    'type = "lua": its code reads files',
  ],
  [
    'a program in a file',
    '[transforms.{{id}}_parse]\ntype = "remap"\ninputs = ["{{input}}"]\nfile = "/etc/x.vrl"\n',
    4,
    'its program lies in a file',
  ],
])('a transform that reaches for %s', async (_, text, line, words) => {
  const [first = '', ...others] = await risksOf({ 'profiles/mine/transform.toml.hbs': text });
  expect(first).toContain(`profiles/mine/transform.toml.hbs:${line}: ${words}`);
  expect(others).toEqual([]);
});

test.each([
  ['what a line says there is taken away', '. = parse_json!(.message)\ndel(.nvl)\n.nvl.parse_error = "x"'],
  ['it marks nothing', '. = parse_json!(.message)'],
  ['it takes no names from the line', '. |= parse_regex!(.message, r\'(?P<a>.)\')\n.nvl.parse_error = "x"'],
])('a transform whose marks no line can forge, as %s, has no risk', async (_, program) => {
  expect(await risksOf({ 'profiles/mine/transform.toml.hbs': aTransform(program) })).toEqual([]);
});

test.each([
  [
    'a field that the labels never set',
    'type = "file"\npath = "/x/\\{{ nomad.meta.team }}"',
    5,
    'which the labels never set: Vector drops such a line',
  ],
  ['one that is nearly right', 'type = "file"\npath = "/x/\\{{ nomad.job }}"', 5, 'did you mean nomad.job_name?'],
  ['one in quotes', 'type = "file"\npath = "/x/\\{{ .nomad.\\"jobname\\" }}"', 5, 'did you mean nomad.job_name?'],
  ['one below a text', 'type = "file"\npath = "/x/\\{{ nomad.job_name.x }}"', 5, 'which the labels never set'],
  [
    'one of a Loki label',
    'type = "loki"\nlabels.a = "\\{{ nomad.taks_name }}"',
    5,
    'lines go without it, and Vector logs an error for each; did you mean nomad.task_name?',
  ],
  ['one in a name', 'type = "loki"\nlabels."\\{{ nomad.teem }}" = "x"', 5, 'lines go without it'],
  [
    'one of a tenant',
    'type = "loki"\ntenant_id = "a-\\{{ nomad.tenant }}"',
    5,
    'which the labels never set: Vector drops such a line',
  ],
  [
    'one of a data stream',
    'type = "elasticsearch"\ndata_stream.dataset = "n.\\{{ nomad.teem }}"',
    5,
    'option data_stream.dataset',
  ],
  [
    'one of a topic',
    'type = "kafka"\ntopic = "t-\\{{nomad.teem}}"',
    5,
    'they set alloc_id, group_name, job_name, namespace, node_name, stream, task_name',
  ],
])('a sink that takes %s', async (_, more, line, words) => {
  const [first = '', ...others] = await risksOf(sink(more));
  expect(first).toContain(`vector/sink.toml.hbs:${line}: sink out: `);
  expect(first.replace('sink out: ', 'option ')).toContain(words);
  expect(others).toEqual([]);
});

test.each([
  [
    'all that the labels set',
    'type = "file"\npath = "/x/\\{{ nomad.namespace }}/\\{{ nomad.alloc_id }}/\\{{.nomad.stream}}"',
  ],
  ['a field of the line', 'type = "file"\npath = "/x/\\{{ level }}"'],
  ['nvl’s metadata', 'type = "file"\npath = "/x/\\{{ %file.job }}"'],
  ['the whole of it', 'type = "loki"\nlabels."*" = "\\{{ nomad }}"'],
  [
    'what a transform before it set',
    'type = "file"\npath = "/x/\\{{ nomad.team }}"\n[transforms.team]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = ".nomad.team = 1"',
  ],
  [
    'nvl’s labels, with Vector’s guard off',
    'type = "elasticsearch"\nbulk.index = "\\{{ nomad.namespace }}"\ndangerously_allow_unconfined_template_resolution = true',
  ],
  [
    'a label of the line, with Vector’s guard off',
    'type = "loki"\nlabels.a = "\\{{ level }}"\ndangerously_allow_unconfined_template_resolution = true',
  ],
])('a sink that takes %s is fine', async (_, more) => {
  expect(await risksOf(sink(more))).toEqual([]);
});

test('a label that only some tasks have', async () => {
  const labels = (await someTemplates()).labels.text.replace(
    '"stream": stream,',
    '"stream": stream,\n{{#if meta.team}}"team": "{{meta.team}}",{{/if}}',
  );
  const tasks = [aContext({ id: idOf(1), taskMeta: { team: 'a' } }), aContext({ id: idOf(2) })];
  expect(
    await risksOf(
      { ...sink('type = "file"\npath = "/x/\\{{ nomad.team }}"'), 'vector/labels.toml.hbs': labels },
      tasks,
    ),
  ).toEqual([expect.stringContaining('which the labels of 1 of 2 tasks do not set')]);
});

test('before there is a task, the labels are known from their template', async () => {
  expect(await risksOf(sink('type = "file"\npath = "/x/\\{{ nomad.teem }}/\\{{ nomad.stream }}"'), [])).toHaveLength(1);
});

test('a line that decides where it goes, with Vector’s guard off', async () => {
  const more =
    'type = "elasticsearch"\nbulk.index = "\\{{ team }}"\ndangerously_allow_unconfined_template_resolution = true';
  expect(await risksOf(sink(more))).toEqual([
    'vector/sink.toml.hbs:5: sink out: bulk.index takes {{ team }}, and dangerously_allow_unconfined_template_resolution is on: a line that holds that field decides where it goes',
  ]);
});

test.each([
  ['an object', '.nomad = { "a": "{{x}}", "b": stream, "c": {"d": [1, {"e": 2}]}, "f": "}" }', ['a', 'b', 'c', 'f']],
  [
    'more behind it',
    '.nomad = {"a": 1}\n.nomad.team = "x"\n.nomad."b c" = 2\nif .nomad.zone == "x" { . = . }',
    ['a', 'team', 'b c'],
  ],
  ['a comment', '# .nomad = {"x": 1}\n.nomad = {\n# "no": 1,\n"a": 1,\n}', ['a']],
  ['a character written out', '.nomad = {"a\\u{2d}b": 1}', ['a-b']],
])('labels are read from %s', (_, program, names) => {
  expect([...(labelsIn(program) ?? [])]).toEqual(names);
});

test.each([
  ['a merge', '.nomad = merge(.nomad, {"a": 1})'],
  ['a merging assignment', '.nomad = {"a": 1}\n.nomad |= .x'],
  ['two of them', 'if x { }\n.nomad = {"a": 1}\n.nomad = y'],
  ['a loop of a template', '.nomad = {\n{{#each meta}}"{{@key}}": "{{this}}",{{/each}}\n}'],
  ['nothing', '.x = 1'],
])('labels cannot be known from %s', (_, program) => {
  expect(labelsIn(program)).toBeUndefined();
});
