import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { aRawAllocation, aTransform, type GivenAllocation, idOf } from '../support/builders.ts';
import { aFolder, nvl, put } from './support.ts';

vi.setConfig({ testTimeout: 60_000 });

const WEB = 'templates/profiles/web/transform.toml.hbs';
const FILES = {
  'nvl.yaml': 'templates: templates\nroot: /var/lib/nvl\n',
  [WEB]: aTransform('.key = "{{params.key}}"\n.team = "{{meta.team}}"\n{{#if meta.more}}\n.more = true\n{{/if}}'),
  'templates/profiles/web/profile.yaml': 'parameters: { key: { type: string, default: msg } }\n',
};

const explain = async (
  allocations: readonly GivenAllocation[],
  args: string[],
  { files = {} }: { files?: Record<string, unknown> } = {},
) => {
  const folder = await aFolder();
  await put(folder, { ...FILES, 'node.json': allocations.map(aRawAllocation), ...files });
  return { folder, ...(await nvl(['explain', ...args, '--allocations', 'node.json'], { cwd: folder })) };
};

/** The rows above the block, by their name. */
const rowsOf = (out: string): Record<string, string> =>
  Object.fromEntries(
    out.split('\n').flatMap((line) => {
      const [, name, text] = /^ {2}(\w+) {2,}(.*)$/.exec(line) ?? [];
      return name === undefined || text === undefined ? [] : [[name, text]];
    }),
  );

test.each<[string, GivenAllocation, string, string]>([
  ['nothing', {}, 'sinks: default\n', 'default, because neither its meta nor a rule names another'],
  ["the job's meta", { jobMeta: { nvl_profile: 'web' } }, '', "web, because nvl_profile says so in the job's meta"],
  ["the group's", { groupMeta: { nvl_profile: 'web' } }, '', "web, because nvl_profile says so in the group's meta"],
  [
    'the nearest',
    { jobMeta: { nvl_profile: 'default' }, groupMeta: { nvl_profile: 'default' }, taskMeta: { nvl_profile: 'web' } },
    '',
    "web, because nvl_profile says so in the task's meta",
  ],
  [
    'the first rule that matches',
    {},
    'rules: [{ match: { job: x }, profile: default }, { match: { job: "sh*" }, profile: web }]\n',
    'web, because rule 2 of ',
  ],
  [
    'the meta, before a rule',
    { taskMeta: { nvl_profile: 'default' } },
    'rules: [{ match: {}, profile: web }]\n',
    "default, because nvl_profile says so in the task's meta",
  ],
])('explain: which profile, and why: %s', async (_, given, config, expected) => {
  const files = { 'nvl.yaml': `templates: templates\n${config}` };
  const { code, out } = await explain([given], ['shop'], { files });
  expect(code).toBe(0);
  expect(rowsOf(out).profile).toContain(expected);
});

test.each<[string, GivenAllocation, string, string]>([
  ['its default', {}, '{}', 'key = "msg" (its default)'],
  [
    'the nearest meta',
    { jobMeta: { nvl_key: 'a' }, taskMeta: { nvl_key: 'b' } },
    '{}',
    'key = "b" (nvl_key in the meta)',
  ],
  ['the rule', {}, '{ key: c }', 'key = "c" (from the rule)'],
  ['the meta before the rule', { groupMeta: { nvl_key: 'a' } }, '{ key: c }', 'key = "a" (nvl_key in the meta)'],
])('explain: a parameter and where it is from: %s', async (_, given, params, expected) => {
  const files = { 'nvl.yaml': `templates: templates\nrules: [{ match: {}, profile: web, params: ${params} }]\n` };
  const { out } = await explain([given], ['shop'], { files });
  expect(rowsOf(out).parameter).toBe(expected);
  expect(out).toContain(`.key = "${expected.split('"')[1]}"`);
});

test('explain: each rendered line stands beside its own template line', async () => {
  const given = { jobMeta: { nvl_profile: 'web', team: 'far', more: '1' }, groupMeta: { team: 'near' } };
  const { folder, out } = await explain([given], ['shop']);
  const rows = out.split('\n').flatMap((line) => {
    const [, file, number, text] = /^(\S+):(\d+) +\| (.*)$/.exec(line) ?? [];
    return file === undefined ? [] : [{ file, number: Number(number), text: text ?? '' }];
  });
  const lineOf = (text: string) => rows.find((row) => row.text === text);
  expect(lineOf('.key = "msg"')).toMatchObject({ file: 'profiles/web/transform.toml.hbs', number: 5 });
  // The group is nearer than the job.
  expect(lineOf('.team = "near"')).toMatchObject({ file: 'profiles/web/transform.toml.hbs', number: 6 });
  expect(lineOf('.more = true')).toMatchObject({ file: 'profiles/web/transform.toml.hbs', number: 8 });
  expect(new Set(rows.map(({ file }) => file))).toEqual(
    new Set(['vector/source.toml.hbs', 'profiles/web/transform.toml.hbs', 'vector/labels.toml.hbs']),
  );
  const shipped = join(import.meta.dirname, '../../templates');
  for (const { file, number, text } of rows) {
    const template = readFileSync(
      join(file.startsWith('profiles') ? join(folder, 'templates') : shipped, file),
      'utf8',
    );
    const [start = ''] = (template.split('\n')[number - 1] ?? '').split(/\\?\{\{/);
    expect(text.startsWith(start.trimEnd())).toBe(true);
  }
  // What nvl puts between source and transform is no template's.
  expect(out).toMatch(/^nvl +\| +%nvl\.stream = stream \}$/m);
});

test('explain: where its lines are, and what its components are called', async () => {
  const { out } = await explain([{ id: idOf(1) }], ['shop']);
  expect(out.split('\n')[0]).toBe(`default / shop / web / app   allocation ${idOf(1)}`);
  expect(rowsOf(out)).toMatchObject({
    files: `/opt/nomad/data/alloc/${idOf(1)}/alloc/logs/app.{stdout,stderr}.[0-9]*`,
    pipeline: expect.stringMatching(/^nvl_default_[0-9a-f]{8}, alone$/),
    collected: 'yes',
  });
});

const inPipelines = async (tasks: readonly GivenAllocation[], word: string, files: Record<string, unknown> = {}) => {
  const { out } = await explain(
    tasks.map((task) => ({ ...task, jobMeta: { nvl_profile: 'web', ...task.jobMeta } })),
    [word],
    { files },
  );
  const [, lines = ''] = /^ {2}(pipeline .*?)^ {2}collected/ms.exec(out) ?? [];
  return lines
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().replaceAll(/nvl_web_[0-9a-f]{8}/g, 'nvl_web_ID'));
};

test('explain: its pipeline, what that asks for, and what splits it from others of the profile, with the lines', async () => {
  const tasks = [
    { id: idOf(1), job: 'one', jobMeta: { team: 'a' } },
    { id: idOf(2), job: 'two', jobMeta: { team: 'a' } },
    { id: idOf(3), job: 'three', jobMeta: { team: 'b', more: '1' } },
    { id: idOf(4), job: 'four', jobMeta: { nvl_profile: 'default' } },
  ];
  expect(await inPipelines(tasks, 'one')).toEqual([
    'pipeline    nvl_web_ID, with 1 other task',
    'asked for   {{params.key}} = "msg"   profiles/web/transform.toml.hbs:5',
    '{{meta.team}} = "a"   profiles/web/transform.toml.hbs:6',
    '#if meta.more = false   profiles/web/transform.toml.hbs:7',
    'split by    {{meta.team}}: "a" here, "b" in nvl_web_ID   profiles/web/transform.toml.hbs:6',
    '#if meta.more: false here, true in nvl_web_ID   profiles/web/transform.toml.hbs:7',
  ]);
});

test('explain: a task that shares a pipeline with all of its profile is split by nothing', async () => {
  const files = { [WEB]: aTransform('.a = 1') };
  expect(await inPipelines([{ id: idOf(1) }, { id: idOf(2), job: 'b' }], 'shop', files)).toEqual([
    'pipeline    nvl_web_ID, with 1 other task',
  ]);
});

test.each([
  [
    'its settings',
    { 'templates/profiles/web/profile.yaml': 'pipeline: task\n', [WEB]: aTransform() },
    'alone: pipeline: task in the profile.yaml of its profile',
  ],
  [
    'its transform',
    { [WEB]: '[transforms.{{id}}_parse]\ntype = "throttle"\ninputs = ["{{input}}"]\nthreshold = 1\nwindow_secs = 1\n' },
    'alone: its transform keeps something from one line to the next',
  ],
])('explain: a task is alone in its pipeline by %s', async (_, files, why) => {
  const tasks = [{ id: idOf(1) }, { id: idOf(2), job: 'b' }];
  expect(await inPipelines(tasks, 'shop', files)).toEqual(['pipeline    nvl_web_ID, alone', `asked for   ${why}`]);
});

test('explain: a value that a partial asks for has the line of the partial', async () => {
  const files = {
    [WEB]: aTransform('{{> team}}'),
    'templates/partials/team.hbs': '# The team.\n.team = "{{meta.team}}"\n',
  };
  const [, asked] = await inPipelines([{ jobMeta: { team: 'a' } }], 'shop', files);
  expect(asked).toBe('asked for   {{meta.team}} = "a"   partials/team.hbs:2');
});

test.each([
  ['its name', 'shop'],
  ['an allocation', idOf(1)],
  ['the start of one', idOf(1).slice(0, 8)],
])('explain: a job by %s', async (_, word) => {
  const { code, out } = await explain([{ id: idOf(1) }, { id: idOf(2), job: 'elsewhere' }], [word]);
  expect(code).toBe(0);
  expect(out).toContain(`allocation ${idOf(1)}`);
  expect(out).not.toContain('elsewhere');
});

test('explain: one task of several', async () => {
  const given = [{ tasks: ['app', 'side'] }];
  expect((await explain(given, ['shop'])).out.match(/ {3}allocation /g)).toHaveLength(2);
  const { out } = await explain(given, ['shop', 'side']);
  expect(out.match(/ {3}allocation /g)).toHaveLength(1);
  expect(out).toContain('/ side ');
});

test('explain: equal instances once, with their number and the first of them', async () => {
  const instances = ['1', '2', '3', '4', '5', '6'].map((digit, index) => ({ id: idOf(digit), index }));
  const { out } = await explain(instances, ['shop']);
  expect(out.match(/^default \/ shop/gm)).toHaveLength(1);
  expect(rowsOf(out).instances).toBe(`6 equal ones; also ${idOf(2)}, ${idOf(3)}, ${idOf(4)} and 2 more`);
  expect(out.match(/_out\]/g)).toHaveLength(1);
});

test('explain: an instance that differs in more than its names is explained apart', async () => {
  const instances: GivenAllocation[] = [
    { id: idOf(1) },
    { id: idOf(2), index: 1 },
    { id: idOf(3), index: 2, taskMeta: { nvl_profile: 'web' } },
  ];
  const { out } = await explain(instances, ['shop']);
  expect(out.match(/^default \/ shop/gm)).toHaveLength(2);
  expect(out).toContain(`2 equal ones; also ${idOf(2)}`);
});

test('explain: the children of a parameterized job are equal instances of it', async () => {
  const child = (digit: string) => ({ id: idOf(digit), job: `worker/dispatch-${digit}-ab`, parent: 'worker' });
  const { out } = await explain([child('1'), child('2')], ['worker']);
  expect(out.match(/ {3}allocation /g)).toHaveLength(1);
  expect(out).toContain(`2 equal ones; also ${idOf(2)}`);
});

test('explain: a profile that there is not, with the nearest that there is', async () => {
  const { code, out } = await explain([{ jobMeta: { nvl_profile: 'webb' } }], ['shop']);
  expect(code).toBe(1);
  expect(rowsOf(out).profile).toContain('webb, because nvl_profile says so');
  expect(out).toMatch(/no profile is named webb[\s\S]*web/);
});

test('explain: a template that is refused is told with its place', async () => {
  const { code, out } = await explain([{ jobMeta: { nvl_profile: 'web' } }], ['shop'], {
    files: { [WEB]: aTransform('.a = "{{jobb.name}}"') },
  });
  expect(code).toBe(1);
  expect(out).toMatch(/jobb[\s\S]*profiles\/web\/transform\.toml\.hbs:5/);
});

test('explain: a job that nothing is collected of, with the nearest name', async () => {
  const { code, err } = await explain([{ job: 'shop' }], ['shp']);
  expect(code).toBe(1);
  expect(err).toMatch(/no collected task of this node belongs to shp[\s\S]*jobs +shop[\s\S]*did you mean shop\?/);
});

test('explain: a job that opts out is not explained as one that is collected', async () => {
  const { out } = await explain([{ job: 'quiet', jobMeta: { nvl_enabled: 'false' } }, { id: idOf(2) }], ['quiet']);
  expect(rowsOf(out).collected).toBe('no: nvl_enabled in its meta says so');
  expect(out).not.toContain('[sources.');
});
