import { beforeAll, expect, test } from 'vitest';
import { type Coverage, missedIn } from '../../lib/coverage/coverage.ts';
import { casesFor, coverageOf, remap } from './support.ts';

/** What tests leave out, each in a profile of its own. */
type Planted = {
  /** What is planted; the profile is named after its position. */
  kind: string;
  transform: string;
  /** Further files of the profile, or of the whole folder where they begin with `/`. */
  files?: Record<string, string>;
  /** What the case writes; `plain` without. */
  lines?: readonly string[];
  /** The file in which it is to be found: the profile's transform, unless it is named. */
  file?: string;
  /** A text that stands in the line where it is to be found, and nowhere else in the file. */
  at: string;
  never: string;
  /** What else is left out in the same line or nearby, that cannot be tried without the planted one. */
  also?: readonly string[];
};

const filterOf = (type: string, options: string): string =>
  `[transforms.{{id}}_parse]\ntype = "${type}"\ninputs = ["{{input}}"]\n${options}\n`;

const routed = (options: string): string =>
  `[transforms.{{id}}_routed]\n${options}\n\n[transforms.{{id}}_parse]\ntype = "remap"\ninputs = ["{{id}}_routed.a", "{{id}}_routed._unmatched"]\nsource = ".x = 1"\n`;

const PARAMETERS = 'parameters: { level: { type: string, default: info }, none: { type: string, default: "" } }\n';

const PLANTED: readonly Planted[] = [
  // In VRL.
  {
    kind: 'if, never true',
    transform: remap('.a = 1\nif .message == "x" { .b = 1 } # here'),
    at: '# here',
    never: 'if .message == "x": never true',
  },
  {
    kind: 'if, never false',
    transform: remap('if .message == "plain" { .b = 1 } # here'),
    at: '# here',
    never: 'if .message == "plain": never false',
  },
  {
    kind: 'else, never taken',
    transform: remap('if .message == "plain" {\n  .b = 1\n} else { # here\n  .b = 2\n}'),
    at: '# here',
    never: 'else of if .message == "plain": never taken',
  },
  {
    kind: 'else if, never true',
    transform: remap(
      'if .message == "x" {\n  .b = 1\n} else if .message == "y" { # here\n  .b = 2\n} else {\n  .b = 3\n}',
    ),
    lines: ['x', 'z'],
    at: '# here',
    never: 'if .message == "y": never true',
  },
  {
    kind: 'none of the arms',
    transform: remap('if .message == "x" {\n  .b = 1\n} else if .message == "y" { # here\n  .b = 2\n}'),
    lines: ['x', 'y'],
    at: '# here',
    never: 'if .message == "y": never false',
  },
  {
    kind: 'a closure that never ran',
    transform: remap(
      'parts = split(string!(.message), " ")\n.b = filter(array(.list) ?? []) -> |_i, v| { # here\n  v == parts[0]\n}',
    ),
    at: '# here',
    never: '-> |_i, v|: its body never ran',
  },
  {
    kind: 'a parser that never failed',
    transform: remap('.b = parse_json(.message) ?? null # here'),
    lines: ['{}'],
    at: '# here',
    never: '?? null: never used',
  },
  {
    kind: 'another value that was never needed',
    transform: remap('.b = parse_json(.message) ??\n  parse_logfmt!(.message) # here'),
    lines: ['{}'],
    at: '??',
    never: '?? parse_logfmt!(.message): never used',
  },
  {
    kind: '&& whose left side is always false',
    transform: remap('.b = .message == "x" && .c == 1 # here'),
    at: '# here',
    never: '&& .c == 1: never reached',
  },
  {
    kind: '|| whose left side is always true',
    transform: remap('.b = .message == "plain" || .c == 1 # here'),
    at: '# here',
    never: '|| .c == 1: never reached',
  },
  {
    kind: 'an arm that aborts',
    transform: remap('if .message == "x" { abort } # here'),
    at: '# here',
    never: 'if .message == "x": never true, so it never aborts',
  },
  {
    kind: 'an abort behind what fails',
    transform: remap('if .message != "" {\n  . = parse_json!(.message)\n  abort # here\n}').replace(
      'inputs',
      'drop_on_error = false\ninputs',
    ),
    lines: ['plain', ''],
    at: 'abort # here',
    never: 'abort: never reached',
  },
  {
    kind: 'an error that never came',
    transform: remap('.b, err = parse_json(.message)\nif err != null { .c = err } # here'),
    lines: ['{}'],
    at: '# here',
    never: 'if err != null: never true',
  },
  {
    kind: 'a branch beside a value',
    transform: remap('if .message == "{{params.level}}" || .message == "{{params.level}}!" { .b = 1 } # here'),
    files: { 'profile.yaml': PARAMETERS },
    at: '# here',
    never: 'if .message == "info" || .message == "info!": never true',
  },
  {
    kind: 'a branch in a round of #each',
    transform: remap('{{#each logs.include}}\nif .message == "x" { .b = 1 } # here\n{{/each}}'),
    at: '# here',
    never: 'if .message == "x": never true',
    also: ['5 {{#each logs.include}}: never empty'],
  },
  {
    kind: 'a branch in a program with escapes',
    transform:
      '[transforms.{{id}}_parse]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = """\n.a = \\"\\\\\\\\\\"\nif .message == \\"x\\" { .b = 1 } # here\n"""\n',
    at: '# here',
    never: 'if .message == "x": never true',
  },
  {
    kind: 'a branch in a program of one line',
    transform:
      '[transforms.{{id}}_parse]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = "if .message == \'x\' { .b = 1 } # here"\n'.replaceAll(
        "'x'",
        "s'x'",
      ),
    at: '# here',
    never: "if .message == s'x': never true",
  },
  {
    kind: 'a branch in a partial',
    transform: remap('{{> vrl}}'),
    files: { '/partials/vrl.hbs': '.a = 1\nif .message == "x" { .b = 1 }\n' },
    file: 'partials/vrl.hbs',
    at: 'if .message',
    never: 'if .message == "x": never true',
  },
  {
    kind: 'a branch in a partial that is indented',
    transform: remap('if .message != "" {\n  {{> indented}}\n} else { .c = 1 }'),
    lines: ['a', ''],
    files: { '/partials/indented.hbs': '.a = 1\nif .message == "x" { .b = 1 }\n' },
    file: 'partials/indented.hbs',
    at: 'if .message',
    never: 'if .message == "x": never true',
  },
  {
    kind: 'a branch in a file with VRL',
    transform: '[transforms.{{id}}_parse]\ntype = "remap"\ninputs = ["{{input}}"]\nfile = "own.vrl"\n',
    files: { '/own.vrl': '# é\n.a = 1\nif .message == "x" { .b = 1 }\n' },
    file: '/own.vrl',
    at: 'if .message',
    never: 'if .message == "x": never true',
  },
  {
    kind: 'a branch in the second of two files with VRL',
    transform:
      '[transforms.{{id}}_parse]\ntype = "remap"\ninputs = ["{{input}}"]\nfiles = ["first.vrl", "second.vrl"]\n',
    files: {
      '/first.vrl': '.a = "a text that is longer than the other file"',
      '/second.vrl': 'if .message == "x" { .b = 1 }\n.c = 1\n.d = 1\n.e = 1\n.f = 1\n',
    },
    file: '/second.vrl',
    at: 'if .message',
    never: 'if .message == "x": never true',
  },
  {
    kind: 'a branch in the labels',
    transform: remap('.a = 1'),
    file: 'vector/labels.toml.hbs',
    at: 'if .label',
    never: 'if .label == "x": never true',
  },
  {
    kind: 'a branch in what joins lines',
    transform: remap('.a = 1'),
    files: {
      'source.toml.hbs':
        '[sources.{{id}}]\ntype = "file"\ninclude = {{logs.include}}\nfingerprint.strategy = "device_and_inode"\nmax_line_bytes = 1_048_576\n\n[transforms.{{id}}_lines]\ntype = "reduce"\ninputs = ["{{id}}"]\ngroup_by = ["file"]\nmerge_strategies.message = "concat_newline"\nstarts_when = \'\'\'\n.message == "x" # here\n\'\'\'\n',
    },
    file: 'source.toml.hbs',
    at: '# here',
    never: '.message == "x" # here: never true',
  },
  // Conditions.
  {
    kind: 'a filter that drops nothing',
    transform: filterOf('filter', 'condition = \'.message != "x"\''),
    at: 'condition',
    never: '.message != "x": never false',
  },
  {
    kind: 'a filter with a type that drops nothing',
    transform: filterOf('filter', 'condition.type = "vrl"\ncondition.source = """\n\n.message != \\"x\\"\n"""'),
    at: '.message',
    never: '.message != "x": never false',
  },
  {
    kind: 'a route that nothing takes',
    transform: routed('type = "route"\ninputs = ["{{input}}"]\nroute.a = \'.message == "x"\''),
    at: 'route.a',
    never: '.message == "x": never true',
  },
  {
    kind: 'an exclusive route that nothing takes',
    transform: routed(
      'type = "exclusive_route"\ninputs = ["{{input}}"]\n[[transforms.{{id}}_routed.routes]]\nname = "a"\ncondition = \'.message == "x"\'',
    ),
    at: 'condition',
    never: '.message == "x": never true',
  },
  {
    kind: 'what a throttle never leaves out',
    transform: filterOf('throttle', 'threshold = 10\nwindow_secs = 1\nexclude = \'.message == "x"\''),
    at: 'exclude',
    never: '.message == "x": never true',
  },
  {
    kind: 'what a sample never leaves out',
    transform: filterOf('sample', 'rate = 1\nexclude = \'.message == "x"\''),
    at: 'exclude',
    never: '.message == "x": never true',
  },
  {
    kind: 'what a reduce never ends with',
    transform: filterOf('reduce', 'ends_when = \'.message == "x"\''),
    at: 'ends_when',
    never: '.message == "x": never true',
  },
  // In templates.
  {
    kind: '#if, never true',
    transform: remap('.a = 1\n{{#if params.none}}\n.b = "{{params.none}}"\n{{/if}}'),
    files: { 'profile.yaml': PARAMETERS },
    at: '{{#if',
    never: '{{#if params.none}}: never true',
  },
  {
    kind: '#if, never true, with another in it',
    transform: remap('.a = 1\n{{#if params.none}}\n{{#if params.level}}\n.b = "{{params.none}}"\n{{/if}}\n{{/if}}'),
    files: { 'profile.yaml': PARAMETERS },
    at: '{{#if params.none',
    never: '{{#if params.none}}: never true',
  },
  {
    kind: '#if, never false',
    transform: remap('{{#if params.level}}\n.b = 1\n{{/if}}'),
    files: { 'profile.yaml': PARAMETERS },
    at: '{{#if',
    never: '{{#if params.level}}: never false',
  },
  {
    kind: 'else of #if, never rendered',
    transform: remap('{{#if params.level}}\n.b = 1\n{{else}}\n.b = 2\n{{/if}}'),
    files: { 'profile.yaml': PARAMETERS },
    at: '{{else}}',
    never: '{{else}} of {{#if params.level}}: never rendered',
  },
  {
    kind: 'else if, never true',
    transform: remap(
      '{{#if params.none}}\n.b = 1\n{{else if (eq params.level "warn")}}\n.b = 2\n{{else}}\n.b = 3\n{{/if}}',
    ),
    files: { 'profile.yaml': PARAMETERS },
    at: '{{else if',
    never: '{{else if (eq params.level "warn")}}: never true',
    also: ['5 {{#if params.none}}: never true'],
  },
  {
    kind: '#unless, never true',
    transform: remap('.a = 1\n{{#unless params.none}}\n.b = 1\n{{/unless}}'),
    files: { 'profile.yaml': PARAMETERS },
    at: '{{#unless',
    never: '{{#unless params.none}}: never true',
  },
  {
    kind: '#each of what is always empty',
    transform: remap('.a = 1\n{{#each tags}}\n.b = "{{this}}"\n{{/each}}'),
    at: '{{#each',
    never: '{{#each tags}}: always empty',
  },
  {
    kind: '#each of what is never empty',
    transform: remap('{{#each logs.include}}\n.b = 1\n{{/each}}'),
    at: '{{#each',
    never: '{{#each logs.include}}: never empty',
  },
  {
    kind: '#with of what is never there',
    transform: remap('.a = 1\n{{#with params.none}}\n.b = "{{this}}"\n{{/with}}'),
    files: { 'profile.yaml': PARAMETERS },
    at: '{{#with',
    never: '{{#with params.none}}: never there',
  },
  {
    kind: 'an #if of a partial',
    transform: remap('.a = 1\n{{> arms}}'),
    files: { '/partials/arms.hbs': '{{! é }}\n{{#if namespace}}\n.b = 1\n{{else}}\n.b = 2\n{{/if}}\n' },
    file: 'partials/arms.hbs',
    at: '{{else}}',
    never: '{{else}} of {{#if namespace}}: never rendered',
  },
];

const nameOf = (index: number): string => `p${String(index).padStart(2, '0')}`;

const LABELS_FILE = 'vector/labels.toml.hbs';
const LABELS = `[transforms.{{id}}_out]
type = "remap"
inputs = ["{{input}}"]
source = '''
.nomad = { "job_name": "{{job.id}}", "stream": stream }
if .label == "x" { .nomad.label = "x" }
'''
`;

const FILES: Record<string, string> = Object.fromEntries([
  [LABELS_FILE, LABELS],
  ...PLANTED.flatMap(({ transform, files = {}, lines = ['plain'] }, index) => {
    const folder = `profiles/${nameOf(index)}`;
    const more = Object.entries(files).map(([name, text]) => [
      name.startsWith('/') ? name.slice(1) : `${folder}/${name}`,
      text,
    ]);
    return [[`${folder}/transform.toml.hbs`, transform], [`${folder}/tests/a.yaml`, casesFor(...lines)], ...more];
  }),
]);

let coverage: Coverage;
let dir: string;
beforeAll(async () => {
  const found = await coverageOf(FILES);
  ({ coverage, dir } = found);
  const refused = found.run.profiles.flatMap(({ profile, errors, cases }) => [
    ...errors.map(({ message, facts }) => [profile, message, facts]),
    ...cases.flatMap((one) => one.errors.map(({ message, facts }) => [profile, message, facts])),
  ]);
  // Whether the events are those that are expected is not what this is about.
  expect(refused).toEqual([]);
}, 300_000);

test('at least 20 kinds are planted', () => expect(PLANTED.length).toBeGreaterThanOrEqual(20));

test.each(PLANTED.map((planted, index) => [planted.kind, nameOf(index), planted] as const))(
  '%s is found at its line, and nothing else',
  (_, name, { file = 'transform.toml.hbs', at, never, also = [] }) => {
    const path = file.includes('/') ? file.replace(/^\//, `${dir}/`) : `profiles/${name}/${file}`;
    const text = FILES[path.replace(`${dir}/`, '')] ?? '';
    const line = text.slice(0, text.indexOf(at)).split('\n').length;
    const { branches = [] } = coverage.profiles.find(({ profile }) => profile === name) ?? {};
    const found = missedIn(branches).filter(({ branch }) => branch.at.file !== LABELS_FILE || path === LABELS_FILE);
    const planted = [`${line} ${never}`, ...also].map((one) => `${path}:${one}`);
    expect(found.map(({ branch }) => `${branch.at.file}:${branch.at.line} ${branch.never}`).sort()).toEqual(
      planted.sort(),
    );
  },
);
