import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import type { EngineName } from '../../lib/profile-test/run-by-engine.ts';
import { testProfiles } from '../../lib/profile-test/test-profiles.ts';
import { needs, vector } from '../support/programs.ts';
import { editedVector, fakeVector, folderWith, runFiles, transform } from './support.ts';

const aCase = 'lines: hello, events: [{ message: hello, seen: true, nomad: { job_name: p } }]';
/** Each says the same by both; what Vector is needed for is skipped without it. */
const testBoth = (name: string, body: (engine: EngineName) => Promise<void>) => {
  test.concurrent(`${name}, by nvl itself`, () => body('node'));
  test.concurrent(`${name}, by Vector`, needs(vector), () => body('vector'));
};

const passed = (name: string) => ({ name, passed: true, events: ['hello'], errors: [], said: [] });

testBoth('cases run through what the node would run; a profile without any is judged alone', async (engine) => {
  const found = await runFiles({
    engine,
    files: {
      'profiles/p/transform.toml.hbs': transform(),
      'profiles/p/tests/a.yaml': `- { name: a, ${aCase} }\n- { name: b, stream: stderr, ${aCase} }\n`,
      'profiles/untested/transform.toml.hbs': transform({ source: '.a = nothing()' }),
    },
  });
  expect(found).toEqual([
    { profile: 'default', errors: [], cases: [] },
    { profile: 'p', errors: [], cases: [passed('a'), passed('b')] },
    { profile: 'untested', errors: ['vectorRefused profiles/untested/transform.toml.hbs:5'], cases: [] },
  ]);
});

testBoth('a program that does not compile is told once, with its line, and the others run', async (engine) => {
  const found = await runFiles({
    engine,
    files: {
      'profiles/bad/transform.toml.hbs': transform({ source: '.a = 1\n.b = parse_json(.message)' }),
      'profiles/bad/tests/a.yaml': `- { name: a, ${aCase} }\n- { name: b, ${aCase} }\n`,
      'profiles/p/transform.toml.hbs': transform(),
      'profiles/p/tests/a.yaml': `- { name: a, ${aCase} }\n`,
    },
    names: ['bad', 'p'],
  });
  const notRun = (name: string) => ({ name, passed: false, events: [], errors: [], said: [] });
  expect(found).toEqual([
    {
      profile: 'bad',
      errors: ['vectorRefused profiles/bad/transform.toml.hbs:6'],
      cases: [notRun('a'), notRun('b')],
    },
    { profile: 'p', errors: [], cases: [passed('a')] },
  ]);
});

testBoth('what is wrong with one case is told with it', async (engine) => {
  const [found] = await runFiles({
    engine,
    files: {
      'profiles/p/profile.yaml': 'parameters: { size: { type: number, default: 1 } }',
      'profiles/p/transform.toml.hbs': transform({ source: '.seen = {{params.size}} == 1' }),
      'profiles/p/tests/a.yaml': `- { name: a, ${aCase} }\n- { name: b, task: { meta: { nvl_size: big } }, ${aCase} }\n- { name: c, lines: hello }\n`,
    },
    names: ['p'],
  });
  expect(found?.errors).toEqual([]);
  expect(found?.cases).toEqual([
    passed('a'),
    { name: 'b', passed: false, events: [], errors: [expect.stringContaining('nvl_size')], said: [] },
    { ...passed('c'), passed: false, errors: ['this case does not say which events it gives'] },
  ]);
});

const SAID = {
  node: [/^\{\{id\}\}_parse dropped it: error: function call error for "parse_json"/],
  vector: [/^ERROR Mapping failed with event/, /^ERROR Events dropped/],
};

testBoth('a line that a program drops is missing, and why is said', async (engine) => {
  const [found] = await runFiles({
    engine,
    files: {
      'profiles/p/transform.toml.hbs': transform({
        source: '. = parse_json!(.message)',
        more: 'drop_on_error = true\n',
      }),
      'profiles/p/tests/a.yaml': '- { name: a, lines: hello, events: [{ message: hello }] }\n',
    },
    names: ['p'],
  });
  expect(found?.cases).toMatchObject([
    {
      passed: false,
      events: [],
      said: SAID[engine].map((words) => expect.stringMatching(words)),
    },
  ]);
});

testBoth('events that a transform holds back come with the end of Vector', async (engine) => {
  const reduce =
    '[transforms.{{id}}_parse]\ntype = "reduce"\ninputs = ["{{input}}"]\nmerge_strategies.message = "concat_newline"\n';
  const [found] = await runFiles({
    engine,
    files: {
      'profiles/p/transform.toml.hbs': reduce,
      'profiles/p/tests/a.yaml': '- { name: a, lines: "a\\nb\\n", events: [{ message: "a\\nb" }] }\n',
    },
    names: ['p'],
  });
  expect(found?.cases).toMatchObject([{ passed: true }]);
});

// Vector's reduce leaves out what stands in an event's metadata.
for (const [type, options] of [
  ['reduce', 'merge_strategies.message = "concat_newline"'],
  ['dedupe', 'fields.match = ["message"]'],
  ['throttle', 'threshold = 100\nwindow_secs = 1'],
  ['sample', 'rate = 1'],
])
  testBoth(`behind a ${type} lines have all of their labels, and their own stream`, async (engine) => {
    const labels = '{ job_name: web, group_name: web, task_name: task, namespace: default, stream: stderr }';
    const [found] = await runFiles({
      engine,
      files: {
        'profiles/p/transform.toml.hbs': `[transforms.{{id}}_parse]\ntype = "${type}"\ninputs = ["{{input}}"]\n${options}\n`,
        'profiles/p/tests/a.yaml': `- name: a\n  lines: a\n  stream: stderr\n  task: { job: web, group: web }\n  events: [{ message: a, nomad: ${labels}, nvl: !absent }]\n`,
      },
      names: ['p'],
    });
    expect(found?.cases).toMatchObject([{ passed: true }]);
  });

testBoth('a last line without its newline comes as on a node, and a line too long is named as lost', async (engine) => {
  const source =
    '[sources.{{id}}]\ntype = "file"\ninclude = {{logs.include}}\nfingerprint.strategy = "device_and_inode"\nmax_line_bytes = 20\n';
  const cases = [
    { name: 'open', lines: 'whole\nhalf', events: [{ message: 'whole' }, { message: 'half' }] },
    { name: 'only half', lines: 'half', events: [{ message: 'half' }] },
    { name: 'with a carriage return', lines: 'half\r', events: [{ message: 'half\r' }] },
    { name: 'none', lines: '', events: [] },
    {
      name: 'long',
      lines: [`${'x'.repeat(20)}`, 'x'.repeat(21), 'é'.repeat(11), 'b'],
      events: [{ message: 'x'.repeat(20) }, { message: 'b' }],
    },
  ];
  const [found] = await runFiles({
    engine,
    files: { 'profiles/p/source.toml.hbs': source, 'profiles/p/tests/a.yaml': JSON.stringify(cases) },
    names: ['p'],
  });
  expect(found?.cases.map(({ name, passed, lost = [] }) => ({ name, passed, lost }))).toEqual([
    { name: 'open', passed: true, lost: [] },
    { name: 'only half', passed: true, lost: [] },
    { name: 'with a carriage return', passed: true, lost: [] },
    { name: 'none', passed: true, lost: [] },
    {
      name: 'long',
      passed: true,
      lost: [
        expect.stringMatching(/^line 2 is lost: it has 21 bytes, and Vector drops a line of more than 20 /),
        expect.stringMatching(/^line 3 is lost: it has 22 bytes, /),
      ],
    },
  ]);
});

testBoth('lines that no source reads are no silent success', async (engine) => {
  const source =
    '[sources.{{id}}]\ntype = "file"\ninclude = {{logs.include}}\nexclude = ["/**"]\nmax_line_bytes = 1_048_576\n';
  const [found] = await runFiles({
    engine,
    files: { 'profiles/p/source.toml.hbs': source, 'profiles/p/tests/a.yaml': '- { name: a, lines: a, events: [] }\n' },
    names: ['p'],
  });
  expect(found).toMatchObject({ errors: ['testUnread undefined'], cases: [{ passed: false }] });
});

test('an option that Vector does not have is found without Vector, by its line', async () => {
  const found = await runFiles({
    engine: 'node',
    files: {
      'profiles/p/transform.toml.hbs': transform({ more: 'drop_on_errors = true\n' }),
      'profiles/p/tests/a.yaml': `- { name: a, ${aCase} }\n`,
      'vector/sink.toml.hbs': '[sinks.out]\ntype = "console"\ninputs = ["{{input}}"]\nencoding.codec = "jsn"\n',
    },
    names: ['p'],
  });
  expect(found).toMatchObject([
    { errors: ['vectorRefused profiles/p/transform.toml.hbs:4'], cases: [{ passed: false }] },
  ]);
});

// What a Vector may do that a real one seldom does.

const one = { 'profiles/p/transform.toml.hbs': transform(), 'profiles/p/tests/a.yaml': `- { name: a, ${aCase} }\n` };

test.each([
  ['is not there', '/nowhere/vector', { code: 'vectorMissing' }],
  ['dies', fakeVector('console.error("boom"); process.exit(1);'), { code: 'vectorDied', facts: { 'exit code': '1' } }],
  [
    'finds all good and does not run',
    fakeVector('process.exit(args.includes("validate") ? 0 : 78);'),
    { code: 'vectorRefused' },
  ],
])('a Vector that %s ends it with one error, and no folder stays', async (_, binary, error) => {
  const [before, own] = [process.env.TMPDIR, folderWith({})];
  process.env.TMPDIR = own;
  try {
    await expect(runFiles({ files: one, binary })).rejects.toMatchObject(error);
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
  expect(readdirSync(own).filter((name) => name.startsWith('nvl-test-'))).toEqual([]);
});

test.each([
  ['in the first run alone: a busy machine may cut an event', 1, [], true],
  ['in each run', 9, ['enginesDiffer undefined'], false],
])('Vector makes another event than nvl %s', needs(vector), async (_, times, errors, passed) => {
  const found = await runFiles({
    files: {
      'profiles/p/transform.toml.hbs': transform(),
      'profiles/p/tests/a.yaml': `- { name: a, ${aCase} }\n- { name: b, lines: hello, events: [{ message: hello }] }\n`,
    },
    binary: editedVector(`run < ${times} ? text.replaceAll('.seen = true', '.seen = false') : text`).binary,
    names: ['p'],
  });
  const [own] = found;
  expect([own?.errors, own?.cases.map((one) => one.passed)]).toEqual([errors, [passed, passed]]);
});

test('an abort ends Vector and the wait', async () => {
  const controller = new AbortController();
  const running = testProfiles({
    dir: folderWith(one),
    names: [],
    engine: 'vector',
    command: {
      binary: fakeVector('setInterval(() => {}, 1_000); setTimeout(() => process.exit(), 45_000);'),
      env: {},
      cwd: tmpdir(),
    },
    shownPath: (file) => file,
    signal: controller.signal,
  });
  setTimeout(() => controller.abort(new Error('enough')), 500);
  const began = Date.now();
  await expect(running).rejects.toThrow('enough');
  expect(Date.now() - began).toBeLessThan(30_000);
});

test('a name that no profile has', async () => {
  await expect(runFiles({ files: one, engine: 'node', names: ['q'] })).rejects.toMatchObject({
    code: 'usage',
    facts: { known: 'default, p' },
  });
});
