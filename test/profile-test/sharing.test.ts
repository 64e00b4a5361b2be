import { expect, test } from 'vitest';
import { readTemplates } from '../../lib/config/read-templates.ts';
import { withMarks } from '../../lib/profile-test/mark-cases.ts';
import { turnsOf } from '../../lib/profile-test/run-in-turns.ts';
import { compileTemplates } from '../../lib/render/templates.ts';
import { needs, vector } from '../support/programs.ts';
import { aTestCase, editedVector, folderWith, runFiles, transform } from './support.ts';

// Cases of a profile share pipelines, as tasks of a node do, and each is told as if it had been alone.

const SOURCE = '[sources.{{id}}]\ntype = "file"\ninclude = {{logs.include}}\nmax_line_bytes = 1_048_576\n';
const BY_INODE = `${SOURCE}fingerprint.strategy = "device_and_inode"\n`;
const seen = (name: string, lines: string, more: object = {}) => ({
  name,
  lines,
  events: lines
    .split('\n')
    .filter(Boolean)
    .map((message) => ({ message })),
  ...more,
});
const AB = [seen('a', 'one\ntwo\n'), seen('b', 'one\ntwo\n', { stream: 'stderr' })];

const runProfile = async ({
  cases = AB,
  files = { 'profiles/p/transform.toml.hbs': transform() },
  edit,
}: {
  cases?: readonly object[];
  files?: Record<string, string>;
  edit?: string;
} = {}) => {
  const { binary, texts } = editedVector(edit);
  const [found] = await runFiles({
    files: { ...files, 'profiles/p/tests/a.yaml': JSON.stringify(cases) },
    binary,
    names: ['p'],
  });
  const pipelines = texts().map((text) => text.match(/^\[sources\.(?!nvl_none\])/gm)?.length);
  return { pipelines, errors: found?.errors, cases: found?.cases ?? [] };
};

const passed = (cases: readonly { name: string; passed: boolean }[]) =>
  cases.map((one) => [one.name, one.passed] as const);

test.concurrent.each([
  ['behind a transform', { 'profiles/p/transform.toml.hbs': transform() }],
  ['with the source and the labels alone', { 'profiles/p/source.toml.hbs': BY_INODE }],
  [
    'with labels of another kind of string, that do not name the allocation',
    {
      'profiles/p/source.toml.hbs': BY_INODE,
      'vector/labels.toml.hbs':
        '[transforms.{{id}}_out]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = """\n.nomad = { "job_name": "{{job.id}}" }\n"""\n',
    },
  ],
])('cases share a pipeline and have their own events, %s', needs(vector), async (_, files) => {
  const found = await runProfile({ files });
  expect(found).toMatchObject({ pipelines: [1], errors: [] });
  expect(passed(found.cases)).toEqual([
    ['a', true],
    ['b', true],
  ]);
});

test.concurrent('also those that a transform makes of others', needs(vector), async () => {
  const found = await runProfile({
    files: { 'profiles/p/transform.toml.hbs': transform({ source: '. = [., { "message": "more" }]' }) },
    cases: AB.map((one) => ({ ...one, events: one.events.flatMap((event) => [event, { message: 'more' }]) })),
  });
  expect(found).toMatchObject({ pipelines: [1], errors: [], cases: [{ passed: true }, { passed: true }] });
});

test.concurrent.each([
  [
    'a transform that keeps state',
    {
      'profiles/p/transform.toml.hbs':
        '[transforms.{{id}}_parse]\ntype = "dedupe"\ninputs = ["{{input}}"]\nfields.match = ["message"]\n',
    },
  ],
  ['a source to which files that begin alike are one', { 'profiles/p/source.toml.hbs': SOURCE }],
])('cases of %s have pipelines of their own', needs(vector), async (_, files) => {
  const found = await runProfile({ files });
  expect(found).toMatchObject({ pipelines: [2], errors: [] });
  expect(passed(found.cases)).toEqual([
    ['a', true],
    ['b', true],
  ]);
});

test.concurrent('a profile sees nothing of how they are told apart, and forges nothing', needs(vector), async () => {
  const source = `.all = %
.known = get_secret("nvl_test")
if set_secret("nvl_test", "nvl_other") == null { .forged = true }`;
  const cases = AB.map((one) => ({
    ...one,
    events: one.events.map((event) => ({ ...event, known: null, forged: true })),
  }));
  const found = await runProfile({ files: { 'profiles/p/transform.toml.hbs': transform({ source }) }, cases });
  expect(found).toMatchObject({ pipelines: [1], errors: [], cases: [{ errors: [] }, { errors: [] }] });
  expect(passed(found.cases)).toEqual([
    ['a', true],
    ['b', true],
  ]);
});

test.concurrent('what Vector says is told with the case that it is about', needs(vector), async () => {
  const found = await runProfile({
    files: {
      'profiles/p/transform.toml.hbs': transform({
        source: '. = parse_json!(.message)',
        more: 'drop_on_error = true\n',
      }),
    },
    cases: [seen('bad', 'no JSON\n'), { name: 'good', lines: '{"a":1}\n', events: [{ a: 2 }] }],
  });
  expect(found).toMatchObject({
    pipelines: [1, 2],
    errors: [],
    cases: [
      { name: 'bad', passed: false, said: [expect.stringMatching(/^ERROR Mapping failed/), expect.anything()] },
      { name: 'good', passed: false, said: [] },
    ],
  });
});

test.concurrent('a case whose events Vector makes otherwise is named alone', needs(vector), async () => {
  const found = await runProfile({
    edit: "text.replaceAll('.seen = true', '.seen = .message != \"other\"')",
    cases: [seen('a', 'one\n'), seen('b', 'other\n')],
  });
  expect(found).toMatchObject({ pipelines: [1, 1], errors: [] });
  expect(found.cases.map(({ errors }) => errors)).toEqual([
    [],
    ['nvl and Vector make different events of these lines'],
  ]);
});

test.concurrent('where events do not tell whose they are, their cases run alone', needs(vector), async () => {
  const found = await runProfile({ edit: "text.replaceAll(/^if set_secret\\(s'nvl_test_.*$/gm, '')" });
  expect(found).toMatchObject({ pipelines: [1, 2], errors: [] });
  expect(passed(found.cases)).toEqual([
    ['a', true],
    ['b', true],
  ]);
});

const program = (id: string, quotes = "'''") =>
  `[transforms.${id}]\ntype = "remap"\nsource = ${quotes}\n.a = 1\n${quotes}\n`;
const KEPT = /^if set_secret\(s'mark', .*\) != null \{ abort \}$/;

test.each([
  ['into what comes behind the source', program('p_in') + program('p_parse') + program('p_out'), ['p_in']],
  ['into the labels, where nothing else does', program('p_out', '"""'), ['p_out']],
  [
    'into each of several pipelines, and no other',
    program('q_out') + program('r_out') + program('p_out'),
    ['q_out', 'p_out'],
  ],
])('a mark is put %s', (_, text, marked) => {
  const lines = withMarks({ text, pipelines: ['p', 'q'], secret: 'mark' }).split('\n');
  const heads = lines.flatMap((line, index) => (KEPT.test(line) ? [lines[index - 3]] : []));
  expect(heads).toEqual(marked.map((id) => `[transforms.${id}]`));
  expect(lines.filter((line) => !KEPT.test(line)).join('\n')).toBe(text);
});

test.each([
  ['so many pipelines as one Vector is good for', { mostPipelines: 2 }, ['p p p keep', 'keep keep']],
  ['so many cases', { mostPipelines: 3, mostCases: 2 }, ['p p', 'p keep', 'keep keep']],
  ['all at once, where they are few', {}, ['p p p keep keep keep']],
])('a turn of cases takes %s', async (_, limits, turns) => {
  const dir = folderWith({
    'profiles/p/transform.toml.hbs': transform(),
    'profiles/keep/transform.toml.hbs': transform().replace('remap', 'dedupe'),
  });
  const cases = ['p', 'p', 'p', 'keep', 'keep', 'keep'].map((profile, position) => aTestCase({ profile, position }));
  const found = turnsOf({ cases, templates: compileTemplates(await readTemplates(dir)), ...limits });
  expect(found.map((turn) => turn.map(({ profile }) => profile).join(' '))).toEqual(turns);
});
