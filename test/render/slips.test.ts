import { expect, test } from 'vitest';
import { NvlError } from '../../lib/errors.ts';
import type { Row } from '../../lib/pipelines/row.ts';
import { type Block, blocksOf, namesOfHeading, namesOfPipeline } from '../../lib/render/file.ts';
import { aContext, aTransform, idOf, someTemplates } from '../support/builders.ts';
import { blockOf, componentsIn, markOf, pipelineOf, refusedIn, renderOf, rowOf, wayOf } from './support.ts';

// A slip of a job's or a template's author costs no line: its tasks ship by `default`, labelled, unparsed and marked.

const task = aContext({ taskMeta: { nvl_profile: 'mine' } });
const PATH = 'profiles/mine/transform.toml.hbs';
const SOURCE = '[sources.{{id}}]\ntype = "file"\ninclude = {{logs.include}}\n';
const LABELS = (program: string) =>
  `[transforms.{{id}}_out]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = '''\n${program}\n'''\n`;
const settings =
  'parameters:\n  width: { type: number, default: 80 }\n  team: { type: string, pattern: "[a-z]+", default: x }\n';

const refusal = (at?: string) => new NvlError('vectorRefused', { message: 'Vector refused it', facts: { at } });

test.each<[string, Record<string, string>, Record<string, string>, string]>([
  ['a profile that is not known', { nvl_profile: 'jsn' }, {}, 'profile "jsn" is unknown'],
  ['a profile with a blank', { nvl_profile: ' ' }, {}, 'profile " " is unknown'],
  ['a profile that all objects have', { nvl_profile: 'constructor' }, {}, 'profile "constructor" is unknown'],
  [
    'a parameter that does not fit',
    { nvl_profile: 'mine', nvl_width: 'wide' },
    { [PATH]: aTransform(), 'profiles/mine/profile.yaml': settings },
    'a parameter does not fit profile "mine"',
  ],
  [
    'a parameter that a job has to set',
    { nvl_profile: 'mine' },
    { [PATH]: aTransform(), 'profiles/mine/profile.yaml': 'parameters:\n  width: { type: number }\n' },
    'a parameter does not fit profile "mine"',
  ],
  ['a template that is none', { nvl_profile: 'mine' }, { [PATH]: '{{#if' }, 'profile "mine" is refused'],
  [
    'settings that are none',
    { nvl_profile: 'mine' },
    { [PATH]: aTransform(), 'profiles/mine/profile.yaml': 'parameters: 3' },
    'profile "mine" is refused',
  ],
  ['an empty profile', { nvl_profile: 'mine' }, { 'profiles/mine/profile.yaml': '' }, 'profile "mine" is refused'],
  [
    'a value that cannot stand where it is put',
    { nvl_profile: 'mine', x: 'a.b' },
    { [PATH]: `${aTransform()}[transforms.{{id}}_{{meta.x}}]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = "."\n` },
    'profile "mine" is refused',
  ],
  [
    'a source without a path',
    { nvl_profile: 'mine' },
    { 'profiles/mine/source.toml.hbs': '[sources.{{id}}]\ntype = "file"\ninclude = []\n' },
    'profile "mine" is refused',
  ],
  [
    'a transform of the default profile that is none',
    {},
    { 'vector/transform.toml.hbs': '[transforms' },
    'profile "default" is refused',
  ],
])('%s: the default source, the mark, the labels', async (_, taskMeta, files, mark) => {
  const slip = aContext({ taskMeta });
  const good = aContext({ id: idOf(2), task: 'good', taskMeta: { nvl_profile: 'logfmt' } });
  const rendered = await renderOf({ templates: await someTemplates(files), tasks: [slip, good] });
  expect(wayOf(rendered, slip)).toEqual(['_out', '']);
  expect(markOf(rendered, slip)).toBe(mark);
  expect(refusedIn(rendered)).toMatchObject([{ key: slip.id, instead: 'default' }]);
  const { pipeline, about, cells } = rowOf(rendered, slip) as Row;
  expect(namesOfHeading(about)).toMatchObject({ profile: 'default', isQuarantined: true });
  expect(namesOfPipeline(blockOf(rendered, slip).heading)).toEqual({ profile: 'default' });
  const { sources, transforms } = componentsIn(rendered.text);
  expect(sources[pipeline]?.fingerprint).toEqual({ strategy: 'device_and_inode' });
  expect(Object.values(cells)).toContain('shop');
  expect(transforms.nomad_logs?.inputs).toContain(`${pipeline}_out`);
  expect(wayOf(rendered, good)).toEqual(['_out', '_parse', '_in', '']);
  expect(markOf(rendered, good)).toBeUndefined();
});

test('an unknown profile is told with the nearest known one', async () => {
  const { refused } = await renderOf({ tasks: [aContext({ taskMeta: { nvl_profile: 'logfm' } })] });
  expect(refused[0]?.errors[0]?.advice).toContain('did you mean logfmt?');
});

test.each([
  `"; .nomad.job_name = "evil`,
  `''''\n[sinks.evil]`,
  '{{ .message }}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the variable is Vector's, which must stay text
  '$HOME ${HOME} SECRET[a.b]',
  '\ud800',
  'back\\',
  '\u0000\n# nvl:evil x',
  ') (profile logfmt, sink tenant)',
  'x, sink tenant',
  '😀'.repeat(500),
])('a profile named %j changes nothing but the mark', async (name) => {
  const slip = aContext({ taskMeta: { nvl_profile: name } });
  const [rendered, plain] = [
    await renderOf({ tasks: [slip] }),
    await renderOf({ tasks: [aContext({ taskMeta: { nvl_profile: 'p' } })] }),
  ];
  expect(rendered.text).toBe(plain.text);
  const mark = markOf(rendered, slip) ?? '';
  expect(mark).toMatch(/^profile ".*" is unknown$/su);
  expect(mark.length).toBeLessThan(150);
  expect(mark.isWellFormed()).toBe(true);
  expect({ ...rowOf(rendered, slip), mark: '' }).toEqual({ ...plain.rows[0], mark: '' });
});

test('a task whose profile is unknown shares the pipeline of those that ship by default', async () => {
  const templates = await someTemplates();
  const [good, slip] = [aContext({ id: idOf(2) }), aContext({ taskMeta: { nvl_profile: 'jsn' } })];
  const rendered = await renderOf({ templates, tasks: [good, slip] });
  expect(pipelineOf(rendered, slip)).toBe(pipelineOf(rendered, good));
  expect(rendered.text).toBe((await renderOf({ templates, tasks: [good] })).text);
});

test('the labels of the folder stay, and its source', async () => {
  const templates = await someTemplates({
    'vector/source.toml.hbs': `${SOURCE}glob_minimum_cooldown_ms = 77\n`,
    'vector/labels.toml.hbs': LABELS('.nomad = {"ours": true}'),
  });
  const rendered = await renderOf({ templates, tasks: [task] });
  const { sources, transforms } = componentsIn(rendered.text);
  const id = pipelineOf(rendered, task);
  expect(sources[id]?.glob_minimum_cooldown_ms).toBe(77);
  expect(String(transforms[`${id}_out`]?.source)).toContain('"ours": true');
});

test('a source of the folder that is none gives way to the one that comes with nvl', async () => {
  for (const text of [
    '{{nonsense}}',
    '[sources.other]\ntype = "file"\ninclude = ["/x"]',
    '[sources.{{id}}]\ntype = "file"\ninclude = []',
  ]) {
    const rendered = await renderOf({
      templates: await someTemplates({ 'vector/source.toml.hbs': text }),
      tasks: [task, aContext({ id: idOf(2) })],
    });
    expect(componentsIn(rendered.text).sources[pipelineOf(rendered, task)]?.max_line_bytes).toBe(1_048_576);
    expect(refusedIn(rendered).map(({ instead }) => instead)).toEqual(['default', 'default']);
  }
});

test('labels of the folder that are none give way to those that come with nvl, and a profile stays', async () => {
  const templates = await someTemplates({ [PATH]: aTransform(), 'vector/labels.toml.hbs': '{{nonsense}}' });
  const rendered = await renderOf({ templates, tasks: [task] });
  expect(wayOf(rendered, task)).toEqual(['_out', '_parse', '_in', '']);
  expect(markOf(rendered, task)).toBe('the labels template is refused');
  expect(refusedIn(rendered)).toMatchObject([{ instead: 'shippedLabels', why: ['nonsense is not known'] }]);
});

test('with all of it broken, there is still a labelled line', async () => {
  const templates = await someTemplates({
    [PATH]: '{{a}}',
    'vector/source.toml.hbs': '{{b}}',
    'vector/transform.toml.hbs': '{{c}}',
    'vector/labels.toml.hbs': '{{d}}',
  });
  const rendered = await renderOf({ templates, tasks: [task] });
  expect(wayOf(rendered, task)).toEqual(['_out', '']);
  expect(markOf(rendered, task)).toBe('profile "mine" is refused; the labels template is refused');
});

test('what Vector refuses goes down rung by rung, and ends at what comes with nvl', async () => {
  const templates = await someTemplates({
    [PATH]: aTransform('own'),
    'vector/source.toml.hbs': `${SOURCE}# ours\n`,
    'vector/labels.toml.hbs': LABELS('ours'),
  });
  const quarantined: { block: Block; error: NvlError }[] = [];
  const seen: string[] = [];
  for (let round = 0; round < 8; round += 1) {
    const rendered = await renderOf({ templates, tasks: [task], quarantined });
    const { text } = blocksOf(rendered.text).get(pipelineOf(rendered, task)) ?? {};
    if (text === undefined) break;
    seen.push(
      [/# ours/.test(text) ? 'source' : '', /^own$/m.test(text) ? 'own' : '', /^ours$/m.test(text) ? 'labels' : '']
        .filter(Boolean)
        .join('+'),
    );
    quarantined.push({ block: blockOf(rendered, task), error: refusal() });
  }
  expect(seen).toEqual(['source+own+labels', 'source+labels', 'labels', '']);
  const last = await renderOf({ templates, tasks: [task], quarantined });
  expect(refusedIn(last)).toMatchObject([{ key: task.id, instead: 'nothing' }]);
});

test('where Vector blames the labels, they alone give way', async () => {
  const templates = await someTemplates({ [PATH]: aTransform('own'), 'vector/labels.toml.hbs': LABELS('ours') });
  const first = await renderOf({ templates, tasks: [task] });
  const quarantined = [{ block: blockOf(first, task), error: refusal('vector/labels.toml.hbs:5') }];
  const rendered = await renderOf({ templates, tasks: [task], quarantined });
  expect(wayOf(rendered, task)).toEqual(['_out', '_parse', '_in', '']);
  expect(refusedIn(rendered)).toMatchObject([{ instead: 'shippedLabels' }]);
});

test('a profile that Vector refuses gives new tasks what it last took of it', async () => {
  const fresh = aContext({ id: idOf(2), task: 'fresh', taskMeta: { nvl_profile: 'mine' } });
  const before = await renderOf({ templates: await someTemplates({ [PATH]: aTransform('old') }), tasks: [task] });
  const templates = await someTemplates({ [PATH]: aTransform('new') });
  const next = await renderOf({ templates, tasks: [task, fresh] });
  const quarantined = next.blocks
    .filter(({ kind }) => kind === 'pipeline')
    .map((block) => ({ block, error: refusal() }));
  const after = await renderOf({
    templates,
    tasks: [task, fresh],
    live: before,
    quarantined,
    lastGood: before.sound,
  });
  expect(refusedIn(after).map(({ key, instead }) => [key, instead])).toEqual(
    [
      [task.id, 'live'],
      [fresh.id, 'lastGood'],
    ].sort(),
  );
  expect(blockOf(after, fresh).text).toMatch(/^old$/m);
  expect(markOf(after, fresh)).toBeUndefined();
  // What is refused is not good.
  expect(after.sound.profiles.size).toBe(0);
});

test('a block that was written in place of a profile is no last good one', async () => {
  const before = await renderOf({ tasks: [task] });
  const templates = await someTemplates({ [PATH]: '{{nonsense}}' });
  const after = await renderOf({ templates, tasks: [task], live: before });
  expect(refusedIn(after)).toMatchObject([{ instead: 'default' }]);
  expect(markOf(after, task)).toBe('profile "mine" is refused');
});

test('fixed, a task goes back to its own profile', async () => {
  const before = await renderOf({ tasks: [task] });
  const after = await renderOf({
    templates: await someTemplates({ [PATH]: aTransform() }),
    tasks: [task],
    live: before,
  });
  expect(after.refused).toEqual([]);
  expect(wayOf(after, task)).toEqual(['_out', '_parse', '_in', '']);
  expect(markOf(after, task)).toBeUndefined();
});

test('a profile cannot take the mark away, nor write or read what nvl puts before and behind it', async () => {
  const beside = (name: string) =>
    `${aTransform()}[transforms.{{id}}_${name}]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = "."\n`;
  for (const [text, why] of [
    [beside('in'), 'is written by nvl itself'],
    [beside('out'), 'is written by nvl itself'],
    [aTransform().replace('{{input}}', '{{id}}_out'), 'not a part of its own task before the labels'],
    [aTransform('%nvl.row.mark = ""'), 'writes %nvl.row.mark'],
    [aTransform('% = {}'), 'writes %'],
  ] as const) {
    const rendered = await renderOf({ templates: await someTemplates({ [PATH]: text }), tasks: [task] });
    expect(refusedIn(rendered)[0]?.why.join()).toContain(why);
  }
});

test.each<[string, Record<string, string>, string[]]>([
  [
    'a key of no profile',
    { nvl_widht: '80' },
    ['nvl_widht in the task\'s meta is no key that nvl knows; did you mean "nvl_width"?'],
  ],
  [
    'nvl_profile in capitals',
    { NVL_PROFILE: 'json' },
    ['NVL_PROFILE in the task\'s meta is no key that nvl knows; did you mean "nvl_profile"?'],
  ],
  [
    'nvl_profile with a dash',
    { 'nvl-profile': 'json' },
    ['nvl-profile in the task\'s meta is no key that nvl knows; did you mean "nvl_profile"?'],
  ],
  [
    'nvl_profile in one word',
    { nvlprofile: 'json' },
    ['nvlprofile in the task\'s meta is no key that nvl knows; did you mean "nvl_profile"?'],
  ],
  [
    'a near yes',
    { 'nvl-enabled': 'true' },
    ['nvl-enabled in the task\'s meta is no key that nvl knows; did you mean "nvl_enabled"?'],
  ],
  ['a key of another profile', { nvl_width: '80' }, []],
  ['keys of nobody here', { team: 'x', nvlx: 'y', 'my.nvl_profile': 'json' }, []],
])('meta that nvl does not understand is told, and costs nothing: %s', async (_, taskMeta, told) => {
  const files = { [PATH]: aTransform(), 'profiles/mine/profile.yaml': settings };
  const found = await renderOf({ templates: await someTemplates(files), tasks: [aContext({ taskMeta })] });
  expect(found.refused).toEqual([]);
  expect(found.notes.flatMap(({ errors }) => errors.map(({ message }) => message))).toEqual(told);
});

test('a rule that sets what the profile does not declare is told', async () => {
  const rules = [{ match: {}, profile: 'mine', params: { widt: '80' } }];
  const files = { [PATH]: aTransform(), 'profiles/mine/profile.yaml': settings };
  const { refused, notes } = await renderOf({ templates: await someTemplates(files), tasks: [aContext({}, rules)] });
  expect([refused.length, notes[0]?.errors[0]?.message]).toEqual([
    0,
    'a rule sets widt, which the profile mine does not declare; did you mean "width"?',
  ]);
});

test.each([
  ['the task', { taskMeta: { nvl_profile: 'noen' } }, "change nvl_profile in the task's meta"],
  ['the group', { groupMeta: { nvl_profile: 'noen' } }, "change nvl_profile in the group's meta"],
  ['the job', { jobMeta: { nvl_profile: 'noen' } }, "change nvl_profile in the job's meta"],
  ['a parameter of the group', { groupMeta: { nvl_profile: 'picky', nvl_n: 'x' } }, "change nvl_n in the group's meta"],
  [
    'a parameter that lacks',
    { taskMeta: { nvl_profile: 'picky' } },
    'set nvl_n in the meta of the task, its group or its job',
  ],
])('the advice names whose meta it is: %s', async (_, given, advice) => {
  const templates = await someTemplates({
    'profiles/picky/transform.toml.hbs': aTransform(),
    'profiles/picky/profile.yaml': 'parameters:\n  n: { type: number }\n',
  });
  const { refused } = await renderOf({ templates, tasks: [aContext(given)] });
  expect(refused.flatMap(({ errors }) => errors.map((error) => error.advice))).toEqual([
    expect.stringContaining(advice),
  ]);
});
