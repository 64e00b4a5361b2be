import { expect, test } from 'vitest';
import { someTemplates } from '../support/builders.ts';

/** What is said of a sink's template: each fault's place, message and advice. */
const faultsOf = async (text: string, files: Record<string, string> = {}) => {
  const { faults, sink } = await someTemplates({ 'vector/sink.toml.hbs': text, ...files });
  expect(sink.compiled === undefined).toBe(faults.length > 0);
  return faults.map(({ facts, message, advice }) => ({ at: facts.at, line: facts.line, message, advice }));
};

test('the idiom that keeps Vector’s braces in Helm and Ansible is shown as it is written here, each with its line', async () => {
  const text = `[sinks.loki.labels]
job = "{{ "{{" }} nomad.job_name {{ "}}" }}"
task = '{{ '{{' }} nomad.task_name {{ '}}' }}'
group = "{{ "{{ nomad.group_name }}" }}"
go = "{{\`{{ nomad.job_name }}\`}}"
`;
  const vector = (field: string) => `write \\{{ ${field} }} to leave the braces to Vector`;
  expect(await faultsOf(text)).toEqual([
    {
      at: 'vector/sink.toml.hbs:2:8',
      line: 'job = "{{ "{{" }} nomad.job_name {{ "}}" }}"',
      message: '{{ "{{" }} is a literal, which Handlebars would take for the name of a field',
      advice: vector('nomad.job_name'),
    },
    expect.objectContaining({ at: 'vector/sink.toml.hbs:3:9', advice: vector('nomad.task_name') }),
    expect.objectContaining({ at: 'vector/sink.toml.hbs:4:10', advice: vector('nomad.group_name') }),
    expect.objectContaining({ at: 'vector/sink.toml.hbs:5:7', advice: vector('nomad.job_name') }),
  ]);
});

test.each([
  [
    `{{ 'region' }}`,
    'write {{region}} for nvl’s value, \\{{ region }} to leave it to Vector, or region without braces for the text itself',
  ],
  ['{{{"node.name"}}}', 'write {{node.name}} for nvl’s value'],
  ['{{&"x"}}', 'write {{x}}'],
  ['{{~ "x" ~}}', 'write {{x}}'],
  ['{{""}}', 'write nothing without braces'],
  ['{{1}}', 'write 1 without braces for the text itself'],
  ['{{ -2.5 }}', 'write -2.5 without braces'],
  ['{{true}}', 'write true without braces'],
  ['{{false}}', 'write false without braces'],
  ['{{undefined}}', 'write undefined without braces'],
  ['{{ null }}', 'write null without braces'],
  ['{{"a b"}}', 'write a b without braces for the text itself'],
])('a literal is no value: %s', async (text, advice) => {
  const [fault] = await faultsOf(`a = "${text}"`);
  expect(fault?.message).toContain('is a literal');
  expect(fault?.advice).toContain(advice);
});

test.each([
  ['a block’s name', '{{#"x"}}{{/"x"}}'],
  ['a number', '{{#1}}{{/1}}'],
  ['a helper’s name', '{{"upper" node.name}}'],
  ['in a sub-expression', '{{#if ("eq" node.name "a")}}{{/if}}'],
  ['an inverted block', '{{^true}}{{/true}}'],
])('a literal where a name stands is told: %s', async (_, text) => {
  expect((await faultsOf(text))[0]?.message).toContain('is a literal');
});

test.each([
  ['{{#if "job.name"}}{{/if}}', 'write {{#if job.name}}, without quotes'],
  ["{{#unless 'meta.team'}}{{/unless}}", 'write {{#unless meta.team}}'],
  ['{{#each "tags"}}{{this}}{{/each}}', 'write {{#each tags}}'],
  ["{{#with 'job'}}{{name}}{{/with}}", 'write {{#with job}}'],
  ['{{#if node.name}}{{else if "meta.team"}}{{/if}}', 'write {{#if meta.team}}'],
])('a block that asks a text: %s', async (text, advice) => {
  const { faults } = await someTemplates({ 'vector/transform.toml.hbs': text });
  expect(faults.map(({ message }) => message)).toEqual([expect.stringContaining('asks a literal')]);
  expect(faults[0]?.advice).toContain(advice);
});

test('a text that is given a name is meant', async () => {
  const text = '{{#with "a" as |b|}}{{b}}{{/with}}';
  expect((await someTemplates({ 'vector/transform.toml.hbs': text })).faults).toEqual([]);
});

test.each([
  ['Go: trimming', '{{- if .X }}', 'write {{#if x}} … {{else}} … {{/if}}'],
  ['Go: trimming a value', '{{- node.name -}}', 'write {{~node.name~}}'],
  ['Go: trimming at the end', '{{ node.name -}}', 'write {{~node.name~}}'],
  ['Go: range', '{{ range .Tasks }}', 'write {{#each list}} … {{this}} … {{/each}}'],
  ['Go: range, named', '{{range $i, $t := tasks}}', '{{#each list}}'],
  ['Go: if', '{{ if node.name }}', '{{#if x}}'],
  ['Go: else if', '{{ else if .X }}', 'write {{x}}'],
  ['Go: with', '{{ with .Node }}', '{{#with value}}'],
  ['Go: end', '{{ end }}', '{{/if}}, {{/each}}, {{/with}}'],
  ['Go: a field', '{{ .Node.Name }}', 'write {{node.Name}}'],
  ['Go: a variable', '{{ $x }}', 'write {{x}}'],
  ['Go: an assignment', '{{ $x := node.name }}', '{{#with value as |x|}}'],
  ['Go: another assignment', '{{ $x = node.name }}', '{{#with value as |x|}}'],
  ['Go: a pipe', '{{ node.name | toUpper }}', 'write {{upper node.name}}'],
  ['Go: an operator', '{{#if node.name == "a"}}{{/if}}', 'write {{#if (eq a b)}}'],
  ['Go: define', '{{ define "x" }}', '{{> name}}'],
  ['Go: template', '{{ template "x" . }}', '{{> name}}'],
  ['Go: index', '{{ index meta "a" }}', '{{lookup meta "key"}}'],
  ['consul-template', '{{ key "a/b" }}', 'docs/helpers.md'],
  ['consul-template: env', '{{ env "HOME" }}', 'docs/helpers.md'],
  ['Helm', '{{ quote node.name }}', 'docs/helpers.md'],
  ['Helm: a pipe with more', '{{ node.class | default "x" }}', 'write {{default node.class …}}'],
  ['Jinja: if', '{% if node.name %}', '{{#if x}}'],
  ['Jinja: for', '{%- for t in tasks -%}', '{{#each list}}'],
  ['Jinja: endfor', '{% endfor %}', '{{#each list}}'],
  ['Jinja: set', '{% set x = 1 %}', '{{#with value as |name|}}'],
  ['Jinja: raw', '{% raw %}', '\\{{ field }}'],
  ['Jinja: a filter', "{{ node.class | default('y') }}", 'write {{default node.class …}}'],
  ['Jinja: upper', '{{ node.name|upper }}', 'write {{upper node.name}}'],
  ['Jinja: a condition', "{{ node.name if node.class else 'x' }}", '{{#if node.class}}{{node.name}}{{/if}}'],
  ['Jinja: a comment', '{# x #}', '{{! … }}'],
  ['Jinja: an index', "{{ node.meta['a.b'] }}", 'write {{node.meta.[a.b]}}'],
  ['Jinja: a call', '{{ upper(node.name) }}', 'write {{upper node.name}}'],
  ['Mustache: delimiters', '{{=<% %>=}}', '\\{{ field }}'],
  ['JavaScript: &&', '{{#if node.name && node.class}}{{/if}}', 'write {{#if (and a b)}}'],
  ['JavaScript: !=', '{{#if node.name != "a"}}{{/if}}', 'write {{#if (ne a b)}}'],
  ['PHP: an arrow', '{{ node->name }}', 'write node.name'],
  ['Rust: colons', '{{ node::name }}', 'write node.name'],
  ['JavaScript: ?.', '{{ node?.name }}', 'write node.name'],
  ['ERB', '<%= node.name %>', 'write {{name}}'],
  ['Levant', 'a = "[[ .node ]]"', 'write {{name}}'],
])('a habit of another language is told with how it is written here: %s', async (_, text, advice) => {
  const [fault] = await faultsOf(`# one\n  ${text}\n`);
  expect(fault?.advice).toContain(advice);
  expect(fault?.at).toMatch(/^vector\/sink\.toml\.hbs:2:/);
  expect(fault?.line).toContain(text.slice(0, 20));
});

test('a partial may name what its callers give it after a word of another language', async () => {
  const partials = { 'partials/rule.hbs': '{{end}} {{#if endif}}{{endfor}}{{/if}}' };
  const call = '{{> rule end=node.name endif="a=b }" endfor=1}}';
  expect(await faultsOf(call, partials)).toEqual([]);
  const block = '{{#> rule end=node.name endif=1\n  endfor=2}}{{/rule}}';
  expect(await faultsOf(block, partials)).toEqual([]);
  // What nobody gives is still another language's.
  const said = await someTemplates({ 'vector/sink.toml.hbs': '{{> rule x="end=1"}}', ...partials });
  expect(said.faults.map(({ facts }) => facts.at)).toEqual(['partials/rule.hbs:1:1']);
});

test('all of them at once, and in a partial at its own place', async () => {
  const both = await faultsOf('{{ if .X }}\n{{ end }}\n{{1}}');
  expect(both.map(({ at }) => at)).toEqual([
    'vector/sink.toml.hbs:1:1',
    'vector/sink.toml.hbs:2:1',
    'vector/sink.toml.hbs:3:1',
  ]);
  const { faults } = await someTemplates({
    'vector/sink.toml.hbs': '{{> p}}',
    'partials/p.hbs': 'a\n{{ .X }}',
  });
  expect(faults.map(({ facts }) => facts.at)).toEqual(['partials/p.hbs:2:1']);
});

test.each([
  ['conditions', '{{#if node.name}}a{{else if node.class}}b{{else}}c{{/if}}{{~#unless node.name~}}{{~/unless~}}'],
  [
    'block parameters',
    '{{#each tasks as |task end|}}{{task.id}}{{end}}{{/each}}{{#with node as |n|~}}{{n.name}}{{/with}}',
  ],
  ['partials with hashes', '{{> p width=80 text="==" other=node.name}}{{#> p}}{{/p}}{{~> p}}'],
  [
    'literals as arguments',
    '{{default node.class "none"}}{{#if (eq node.name "a | b == c")}}{{/if}}{{join node.meta "[ .x ]"}}',
  ],
  ['the outside and this', '{{#each tasks}}{{../node.name}}{{this.id}}{{./id}}{{@index}}{{@root.region}}{{/each}}'],
  ['keys of any kind', '{{node.meta.[a.b]}}{{node.meta.[a | b]}}{{node.meta.a-}}{{lookup node.meta "$x"}}'],
  ['comments', '{{! if .X | y == 1 }}{{!-- {{ range .X }} {% if %} --}}{{! a } b }}'],
  ["Vector's own braces", '# \\{{ .x | y }} \\{{ nomad.job_name }} \\{{"x"}}'],
  ['VRL', '# if .a == "b" || .c { % } r\'[[ab]]\' $x { a: 1 } <% >'],
  ['a raw block', '{{&node.name}}{{{node.name}}}'],
])('what is Handlebars is none: %s', async (_, text) => {
  expect(await faultsOf(text, { 'partials/p.hbs': 'p{{> @partial-block}}' })).toEqual([]);
});

test.each([
  ['{{meta.my.key}}', '{{meta.[my.key]}}'],
  ['{{meta.co.elastic.logs/enabled}}', '{{meta.[co.elastic.logs/enabled]}}'],
  ['{{job.meta.a.b.c}}', '{{job.meta.[a.b.c]}}'],
  ['{{#if meta.my.key}}{{/if}}', '{{meta.[my.key]}}'],
  ['{{upper meta.my.key}}', '{{meta.[my.key]}}'],
  ['{{#each tags}}{{../meta.my.key}}{{/each}}', '{{../meta.[my.key]}}'],
  ['{{@root.meta.my.key}}', '{{@root.meta.[my.key]}}'],
  ['{{this.meta.my.key}}', '{{this.meta.[my.key]}}'],
  ['{{ports.my.port.value}}', '{{ports.[my.port].value}}'],
  ['{{group.volumes.a.b.c.source}}', '{{group.volumes.[a.b.c].source}}'],
  ['{{#each task.services}}{{meta.a.b}}{{/each}}', '{{meta.[a.b]}}'],
])('a key with dots: %s', async (text, written) => {
  const { faults } = await someTemplates({ 'vector/transform.toml.hbs': text });
  expect(faults.map(({ advice }) => advice)).toEqual([`a key with dots is written ${written}`]);
});
