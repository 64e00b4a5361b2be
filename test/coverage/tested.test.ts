import { expect, test } from 'vitest';
import { NodeTasks } from '../../lib/collect/node-tasks.ts';
import { missedIn, shareOf, wholeShare } from '../../lib/coverage/coverage.ts';
import { defaultJobs } from '../../lib/coverage/default-jobs.ts';
import { anAllocation, idOf } from '../support/builders.ts';
import { aBranch, casesFor, coverageOf, remap } from './support.ts';

const WHOLE = `[transforms.{{id}}_kept]
type = "filter"
inputs = ["{{input}}"]
condition = '.message != "drop" && .message != "# no"'

[transforms.{{id}}_parse]
type = "remap"
inputs = ["{{id}}_kept"]
drop_on_abort = true
source = '''
{{#if params.strict}}
if .message == "" { abort }
{{else}}
.loose = true
{{/if}}
parsed = parse_json(.message) ?? null
if is_object(parsed) && exists(parsed.level) {
  .level = parsed.level
} else if parsed == null || parsed == 1 {
  .level = "{{params.level}}"
} else {
  {{> shared}}
}
.list = map_values(array(parsed) ?? []) -> |value| { value }
'''
`;

test('of a profile whose tests try all of it nothing is reported', async () => {
  const lines = ['{"level": "info"}', '{}', 'x', '1', '2', '[1]', '', 'drop', '# no'];
  const cases = [{}, { params: { strict: 'true', level: 'warn' } }].map((more, index) => ({
    name: `case ${index}`,
    lines,
    events: lines.map(() => ({ list: {} })),
    ...more,
  }));
  const { coverage } = await coverageOf(
    {
      'profiles/whole/profile.yaml':
        'parameters:\n  strict: { type: boolean, default: false }\n  level: { type: string, default: info }\n',
      'profiles/whole/transform.toml.hbs': WHOLE,
      'profiles/whole/tests/a.yaml': JSON.stringify(cases),
      'partials/shared.hbs': 'if .message == "2" { .two = 1 } else { .two = 2 }\n',
    },
    ['whole'],
  );
  const { branches = [], ...rest } = coverage.profiles[0] ?? {};
  expect(rest).toEqual({ profile: 'whole', isUntested: false, silent: [], unset: [], unmeasured: [] });
  expect(missedIn(branches)).toEqual([]);
  expect(wholeShare(coverage)).toEqual({ taken: 16, of: 16, percent: 100 });
});

test('a profile without a case, cases that expect nothing, and parameters that nobody sets are told', async () => {
  const transform = remap('if .message == "{{params.one}}{{params.two}}" { .a = 1 }');
  const settings =
    'description: x\nparameters:\n  one: { type: string, default: "" }\n  two:\n    type: string\n    default: b\n  "three": { type: number, default: 1 }\n';
  const { coverage, dir } = await coverageOf(
    {
      'profiles/none/transform.toml.hbs': `{{#if namespace}}${transform.replace(/\{\{params.*\}\}/, 'x')}{{/if}}`,
      'profiles/none/profile.yaml': settings,
      'profiles/some/transform.toml.hbs': transform,
      'profiles/some/profile.yaml': settings,
      'profiles/some/tests/a.yaml': `- { name: unsaid, lines: x, task: { meta: { nvl_one: c } } }
- { name: empty, lines: x, events: [{}], params: { two: b } }
- { name: dropped, lines: "", events: [] }
- { name: exact, lines: x, exact: true, events: [{}] }
- { name: says something, lines: x, events: [{ message: x }] }
`,
    },
    ['none', 'some'],
  );
  const [none, some] = coverage.profiles;
  const test = `${dir}/profiles/some/tests/a.yaml`;
  expect({ ...none, branches: shareOf(none?.branches ?? []) }).toMatchObject({
    isUntested: true,
    unset: [],
    branches: { taken: 0, of: 4, percent: 0 },
  });
  expect(some?.silent).toEqual([
    { at: { file: test, line: 1 }, words: 'unsaid: it has no events' },
    { at: { file: test, line: 2 }, words: 'empty: it expects nothing of its events' },
  ]);
  expect(some?.unset).toEqual([
    { at: { file: 'profiles/some/profile.yaml', line: 4 }, words: 'two: never set to anything but its default' },
    { at: { file: 'profiles/some/profile.yaml', line: 7 }, words: 'three: never set to anything but its default' },
  ]);
});

test('what comes with nvl is not counted, and a folder without templates of its own has no gap', async () => {
  const { coverage } = await coverageOf({
    'profiles/a/transform.toml.hbs': remap('text = string(.message) ?? ""\nsaid = .level\n{{> nvl/level}}'),
    'profiles/a/tests/a.yaml': casesFor('x'),
  });
  expect(
    coverage.profiles.map(({ profile, isUntested, branches = [] }) => [profile, isUntested, branches.length]),
  ).toEqual([['a', false, 1]]);
});

test('a branch of a partial is taken if any profile takes it, and of each profile by its own tests alone', async () => {
  const { coverage } = await coverageOf(
    {
      ...Object.fromEntries(
        ['a', 'b', 'c'].flatMap((name) => [
          [`profiles/${name}/transform.toml.hbs`, remap('{{> shared}}')],
          [`profiles/${name}/tests/a.yaml`, casesFor(name)],
        ]),
      ),
      'partials/shared.hbs':
        'if .message == "a" {\n  .a = 1\n} else if .message == "b" {\n  .b = 1\n} else if .message == "d" {\n  .d = 1\n}\n',
    },
    ['a', 'b', 'c'],
  );
  const missed = (branches: Parameters<typeof missedIn>[0]) => missedIn(branches).map(({ branch }) => branch.never);
  const [a, b, d, others] = [
    'if .message == "a": never true',
    'if .message == "b": never true',
    'if .message == "d": never true',
    'if .message == "d": never false',
  ];
  expect(coverage.profiles.map(({ branches = [] }) => missed(branches))).toEqual([
    [b, d, others],
    [a, d, others],
    [a, b, d],
  ]);
  expect(coverage.files.map(({ file, branches, lines }) => [file, missed(branches), [...lines]])).toEqual([
    [
      'partials/shared.hbs',
      [d],
      [
        [1, 3],
        [2, 3],
        [3, 3],
        [4, 3],
        [5, 3],
        [6, 0],
        [7, 3],
      ],
    ],
    ...['a', 'b', 'c'].map((name) => [`profiles/${name}/transform.toml.hbs`, [], expect.anything()]),
  ]);
});

test('jobs ship by default where neither their meta nor a rule says a profile', () => {
  const allocations = [
    anAllocation({ id: idOf(1), job: 'plain' }),
    anAllocation({ id: idOf(5), job: 'plain/dispatch-1', parent: 'plain' }),
    anAllocation({ id: idOf(2), job: 'asked', taskMeta: { nvl_profile: 'default' } }),
    anAllocation({ id: idOf(3), job: 'ruled' }),
    anAllocation({ id: idOf(4), job: 'off', taskMeta: { nvl_enabled: 'false' } }),
  ];
  const rules = [{ match: { job: 'rul*' }, profile: 'json' }];
  const config = { collect: { self: true }, rules } as never;
  const tasks = new NodeTasks().of({ snapshot: { allocations, allocDir: '/a' }, config, ownAllocId: undefined });
  expect(defaultJobs({ tasks, rules: rules as never })).toEqual([{ namespace: 'default', job: 'plain', tasks: 2 }]);
});

test('a template with a character that no text has is said to be not measured', async () => {
  const { coverage } = await coverageOf(
    {
      'profiles/a/transform.toml.hbs': remap('.a = 1 # \u{10fffe}'),
      'profiles/a/tests/a.yaml': casesFor('x'),
    },
    ['a'],
  );
  expect(coverage.profiles.map(({ branches }) => branches)).toEqual([undefined]);
});

test('of branches within one another the outermost is told, with how many are in it, and a circle ends', () => {
  const [outer, other] = [aBranch({ never: 'a' }), aBranch({ at: { line: 9 }, never: 'z', within: 'gone' })];
  const inner = aBranch({ at: { line: 2 }, never: 'b', within: outer.key });
  const innermost = aBranch({ at: { line: 3 }, never: 'c', within: inner.key });
  const guard = aBranch({ at: { line: 4 }, never: 'd', within: inner.key, isGuard: true });
  const circle = aBranch({ at: { line: 5 }, never: 'e' });
  const shown = missedIn([innermost, other, inner, guard, outer, { ...circle, within: circle.key }]);
  expect(shown.map(({ branch, more }) => [branch.never, more])).toEqual([
    ['a', 2],
    ['e', 0],
    ['z', 0],
  ]);
});
