import { expect, test } from 'vitest';
import { fileOf, fromLogger, ofEachTask, todosOf } from './support.ts';

const programOf = (program: string) => {
  const made = fromLogger({ templates: { 'a.toml': ofEachTask(program) } });
  const text = fileOf(made, 'templates/vector/transform.toml.hbs');
  return { program: /source = '''\n([\s\S]*?)\n?'''/.exec(text)?.[1] ?? text, todos: todosOf(made) };
};

test.each([
  // Fields.
  ['{{ .Namespace }}', '{{namespace}}'],
  ['{{.Job}}', '{{job.id}}'],
  ['{{ .Group }}', '{{group.name}}'],
  ['{{ .Task }}', '{{task.name}}'],
  ['{{ .Node }}', '{{alloc.nodeName}}'],
  ['{{ .ID }}', '{{alloc.id}}'],
  ['{{ .JobType }}', '{{job.type}}'],
  ['{{ .ParentJob }}', '{{job.parentId}}'],
  ['{{ .Key }}', '{{id}}'],
  // Meta is an object in VRL, and JSON within a text.
  ['.a = {{ .TaskMeta }}', '.a = {{task.meta}}'],
  ['.a = parse_json!("{{ .GroupMeta }}")', '.a = parse_json!("{{json group.meta}}")'],
  ['.a = "all: {{ .JobMeta }}"', '.a = "all: {{json job.meta}}"'],
  // White space that Go takes away is gone.
  ['.a = "x  {{- .Job -}}  y"', '.a = "x{{job.id}}y"'],
  ['{{/* nothing */}}.a = 1', '.a = 1'],
  // Vector's own braces, which Go's templates have to put in as texts.
  ['.a = "{{ "{{" }} x {{ "}}" }}"', '.a = "\\{{ x }}"'],
  ['.a = "{{ `{{ x }}` }}"', '.a = "\\{{ x }}"'],
  // Functions.
  ['"{{ print .Job "-" .Task }}"', '"{{concat job.id "-" task.name}}"'],
  ['"{{ printf "%s/%v" .Job .Task }}"', '"{{concat job.id "/" task.name}}"'],
  ['"{{ .Job | js }}"', '"{{job.id}}"'],
  ['"{{ html .Job }}"', '"{{job.id}}"'],
  // Blocks.
  ['{{ if eq .Job "a" }}.x = 1{{ end }}', '{{#if (eq job.id "a")}}.x = 1{{/if}}'],
  ['{{ if ne .Job "a" }}1{{ else }}2{{ end }}', '{{#if (ne job.id "a")}}1{{else}}2{{/if}}'],
  [
    '{{ if eq .Job "a" }}1{{ else if eq .Job "b" }}2{{ end }}',
    '{{#if (eq job.id "a")}}1{{else if (eq job.id "b")}}2{{/if}}',
  ],
  ['{{ if .ParentJob }}1{{ end }}', '{{#if job.parentId}}1{{/if}}'],
  ['{{ if eq .Job "a" "b" }}1{{ end }}', '{{#if (or (eq job.id "a") (eq job.id "b"))}}1{{/if}}'],
  [
    '{{ if and (eq .Job "a") (not (eq .Task "b")) }}1{{ end }}',
    '{{#if (and (eq job.id "a") (not (eq task.name "b")))}}1{{/if}}',
  ],
  // Three braces in a row would be something else, and so would a backslash before a value.
  ['.a = {"b": {{ .TaskMeta }}}', '.a = {"b": {{task.meta}} }'],
  ['.a = "\\\\{{ .Job }}"', '.a = "\\\\\\{{job.id}}"'],
])('%s becomes %s', (go, handlebars) => {
  expect(programOf(go)).toEqual({ program: handlebars, todos: [] });
});

test.each([
  ['.x = "{{ .Nope }}"', '.Nope is no field that 0.4.1 gives to templates'],
  ['.x = "{{ .Job.Name }}"', '.Job.Name is no field that 0.4.1 gives to templates'],
  ['.x = "{{ .LogDir }}"', ".LogDir has no counterpart: nvl's own source reads the log files of tasks"],
  ['.x = {{ len .Job }}', 'the function len has no counterpart here'],
  ['.x = "{{ printf "%05d" .Job }}"', 'printf is taken with %s and %v alone, one for each value'],
  ['{{ with .Job }}.x = 1{{ end }}', '{{ with }} has no counterpart here'],
  ['{{ template "other" . }}', '{{ template }} has no counterpart here'],
  ['{{ $x := .Job }}', '{{ variable }} has no counterpart here'],
])('%s is left to do by hand, with its line', (go, why) => {
  expect(programOf(`.first = 1\n${go}`).todos).toEqual([`a.toml:7 ${why}`]);
});

test.each([
  ['an action without an end', '[sinks.a]\n{{ range .', 2, 'an action that begins here has no end'],
  ['a block without an end', 'a = 1\n\n{{ range . }}\n', 3, '{{ range }} has no {{ end }}'],
  ['an end of nothing', 'a = 1\n{{ end }}', 2, '{{ end }} ends nothing'],
  ['what Go would not take', '{{ .Job ! }}', 1, "{{ .Job ! }} is no action of Go's templates"],
])('%s is told with its line', (_, text, line, said) => {
  expect(todosOf(fromLogger({ templates: { 'a.toml': text } }))).toContainEqual(`a.toml:${line} ${said}`);
});

test('a variable of range is the task as the dot is, and names of components may be written in either way', () => {
  const text = `{{ range $at, $task := . }}
[transforms."own_{{ $task.Key }}"]
type = "remap"
inputs = ["transform_nomad_alloc_{{ .ID }}_{{ $task.Task }}"]
source = '.a = "{{ $task.Job }}"'
{{ end }}`;
  const made = fromLogger({ templates: { 'a.toml': text } });
  expect(fileOf(made, 'templates/vector/transform.toml.hbs')).toBe(`[transforms.{{id}}_parse]
type = "remap"
inputs = ["{{input}}"]
source = '.a = "{{job.id}}"'
`);
  expect(todosOf(made)).toEqual([]);
});
