import { expect, test } from 'vitest';
import { NvlError } from '../../lib/errors.ts';
import { type Block, blocksOf, namesOfHeading } from '../../lib/render/file.ts';
import type { Rendered } from '../../lib/render/render.ts';
import { aContext, aTransform, idOf, someTemplates } from '../support/builders.ts';
import { componentsIn, markOf, refusedIn, renderOf } from './support.ts';

// A slip of a job's or a template's author costs no line: its tasks ship by `default`, labelled, unparsed and marked.

const task = aContext({ taskMeta: { nvl_profile: 'mine' } });
const PATH = 'profiles/mine/transform.toml.hbs';
const SOURCE = '[sources.{{id}}]\ntype = "file"\ninclude = {{logs.include}}\n';
const LABELS = (program: string) =>
  `[transforms.{{id}}_out]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = '''\n${program}\n'''\n`;
const settings =
  'parameters:\n  width: { type: number, default: 80 }\n  team: { type: string, pattern: "[a-z]+", default: x }\n';

/** What a line passes through, from the labels back to its source. */
const wayOf = ({ text }: Rendered, id = task.id): string[] => {
  const { transforms } = componentsIn(text);
  const from = (name: string): string[] => [name, ...(transforms[name]?.inputs ?? []).flatMap(from)];
  return from(`${id}_out`).map((name) => name.slice(id.length));
};
const blockOf = ({ text }: Rendered, id = task.id): Block => {
  const block = blocksOf(text).get(id);
  if (block === undefined) throw new Error('no block');
  return block;
};
const refusal = (at?: string) => new NvlError('vectorRefused', { message: 'Vector refused it', facts: { at } });

test.each<[string, Record<string, string>, Record<string, string>, string]>([
  ['a profile that is not known', { nvl_profile: 'jsn' }, {}, 'profile \\"jsn\\" is unknown'],
  ['a profile with a blank', { nvl_profile: ' ' }, {}, 'profile \\" \\" is unknown'],
  ['a profile that all objects have', { nvl_profile: 'constructor' }, {}, 'profile \\"constructor\\" is unknown'],
  [
    'a parameter that does not fit',
    { nvl_profile: 'mine', nvl_width: 'wide' },
    { [PATH]: aTransform(), 'profiles/mine/profile.yaml': settings },
    'a parameter does not fit profile \\"mine\\"',
  ],
  [
    'a parameter that a job has to set',
    { nvl_profile: 'mine' },
    { [PATH]: aTransform(), 'profiles/mine/profile.yaml': 'parameters:\n  width: { type: number }\n' },
    'a parameter does not fit profile \\"mine\\"',
  ],
  ['a template that is none', { nvl_profile: 'mine' }, { [PATH]: '{{#if' }, 'profile \\"mine\\" is refused'],
  [
    'settings that are none',
    { nvl_profile: 'mine' },
    { [PATH]: aTransform(), 'profiles/mine/profile.yaml': 'parameters: 3' },
    'profile \\"mine\\" is refused',
  ],
  ['an empty profile', { nvl_profile: 'mine' }, { 'profiles/mine/profile.yaml': '' }, 'profile \\"mine\\" is refused'],
  [
    'a value that cannot stand where it is put',
    { nvl_profile: 'mine', x: 'a.b' },
    { [PATH]: `${aTransform()}[transforms.{{id}}_{{meta.x}}]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = "."\n` },
    'profile \\"mine\\" is refused',
  ],
  [
    'a source without a path',
    { nvl_profile: 'mine' },
    { 'profiles/mine/source.toml.hbs': '[sources.{{id}}]\ntype = "file"\ninclude = []\n' },
    'profile \\"mine\\" is refused',
  ],
  [
    'a transform of the default profile that is none',
    {},
    { 'vector/transform.toml.hbs': '[transforms' },
    'profile \\"default\\" is refused',
  ],
])('%s: the default source, the mark, the labels', async (_, taskMeta, files, mark) => {
  const slip = aContext({ taskMeta });
  const good = aContext({ id: idOf(2), task: 'good', taskMeta: { nvl_profile: 'logfmt' } });
  const rendered = await renderOf({ templates: await someTemplates(files), tasks: [slip, good] });
  expect(wayOf(rendered, slip.id)).toEqual(['_out', '_parse', '_stream', '']);
  expect(markOf(rendered, slip)).toBe(mark);
  expect(refusedIn(rendered)).toMatchObject([{ key: slip.id, instead: 'default' }]);
  expect(namesOfHeading(blockOf(rendered, slip.id).heading)).toMatchObject({ profile: 'default', isQuarantined: true });
  const { sources, transforms } = componentsIn(rendered.text);
  expect(sources[slip.id]?.fingerprint).toEqual({ strategy: 'device_and_inode' });
  expect(String(transforms[`${slip.id}_out`]?.source)).toContain('"job_name": "shop"');
  expect(transforms.nomad_logs?.inputs).toContain(`${slip.id}_out`);
  expect(wayOf(rendered, good.id)).toEqual(['_out', '_parse', '_stream', '']);
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
  const [found, usual] = [componentsIn(rendered.text), componentsIn(plain.text)];
  expect(Object.keys(found.transforms)).toEqual(Object.keys(usual.transforms));
  expect({ ...found, transforms: {} }).toEqual({ ...usual, transforms: {} });
  expect(found.transforms[`${slip.id}_out`]).toEqual(usual.transforms[`${slip.id}_out`]);
  const mark = markOf(rendered, slip) ?? '';
  expect(mark).toMatch(/^profile \\"(?:[^"\\${}]|\\["\\nrt]|\\u\{[0-9a-f]+\})*\\" is unknown$/u);
  expect(mark.length).toBeLessThan(400);
  expect(rendered.text).not.toMatch(/\$HOME|T\[a\.b|[\ud800]/u);
  expect(blocksOf(rendered.text).size).toBe(2);
  expect(namesOfHeading(blockOf(rendered).heading)?.sink).toBeUndefined();
});

test('the labels of the folder stay, and its source', async () => {
  const templates = await someTemplates({
    'vector/source.toml.hbs': `${SOURCE}glob_minimum_cooldown_ms = 77\n`,
    'vector/labels.toml.hbs': LABELS('.nomad = {"ours": true}'),
  });
  const { text } = await renderOf({ templates, tasks: [task] });
  const { sources, transforms } = componentsIn(text);
  expect(sources[task.id]?.glob_minimum_cooldown_ms).toBe(77);
  expect(String(transforms[`${task.id}_out`]?.source)).toContain('"ours": true');
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
    expect(componentsIn(rendered.text).sources[task.id]?.max_line_bytes).toBe(1_048_576);
    expect(refusedIn(rendered).map(({ instead }) => instead)).toEqual(['default', 'default']);
  }
});

test('labels of the folder that are none give way to those that come with nvl, and a profile stays', async () => {
  const templates = await someTemplates({ [PATH]: aTransform(), 'vector/labels.toml.hbs': '{{nonsense}}' });
  const rendered = await renderOf({ templates, tasks: [task] });
  expect(wayOf(rendered)).toEqual(['_out', '_marked', '_parse', '_stream', '']);
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
  expect(wayOf(rendered)).toEqual(['_out', '_parse', '_stream', '']);
  expect(markOf(rendered, task)).toBe('profile \\"mine\\" is refused; the labels template is refused');
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
    const { text } = blocksOf(rendered.text).get(task.id) ?? {};
    if (text === undefined) break;
    seen.push(
      [/# ours/.test(text) ? 'source' : '', /^own$/m.test(text) ? 'own' : '', /^ours$/m.test(text) ? 'labels' : '']
        .filter(Boolean)
        .join('+'),
    );
    quarantined.push({ block: blockOf(rendered), error: refusal() });
  }
  expect(seen).toEqual(['source+own+labels', 'source+labels', 'labels', '']);
  const last = await renderOf({ templates, tasks: [task], quarantined });
  expect(refusedIn(last)).toMatchObject([{ key: task.id, instead: 'nothing' }]);
});

test('where Vector blames the labels, they alone give way', async () => {
  const templates = await someTemplates({ [PATH]: aTransform('own'), 'vector/labels.toml.hbs': LABELS('ours') });
  const first = await renderOf({ templates, tasks: [task] });
  const quarantined = [{ block: blockOf(first), error: refusal('vector/labels.toml.hbs:5') }];
  const rendered = await renderOf({ templates, tasks: [task], quarantined });
  expect(wayOf(rendered)).toEqual(['_out', '_marked', '_parse', '_stream', '']);
  expect(refusedIn(rendered)).toMatchObject([{ instead: 'shippedLabels' }]);
});

test('a profile that Vector refuses gives new tasks what it last took of it', async () => {
  const fresh = aContext({ id: idOf(2), task: 'fresh', taskMeta: { nvl_profile: 'mine' } });
  const before = await renderOf({ templates: await someTemplates({ [PATH]: aTransform('old') }), tasks: [task] });
  const templates = await someTemplates({ [PATH]: aTransform('new') });
  const next = await renderOf({ templates, tasks: [task, fresh] });
  const quarantined = next.blocks.filter(({ kind }) => kind === 'task').map((block) => ({ block, error: refusal() }));
  const after = await renderOf({
    templates,
    tasks: [task, fresh],
    live: before.text,
    quarantined,
    lastGood: before.sound,
  });
  expect(refusedIn(after).map(({ key, instead }) => [key, instead])).toEqual(
    [
      [task.id, 'live'],
      [fresh.id, 'lastGood'],
    ].sort(),
  );
  expect(blockOf(after, fresh.id).text).toMatch(/^old$/m);
  expect(markOf(after, fresh)).toBeUndefined();
  // What is refused is not good.
  expect(after.sound.profiles.size).toBe(0);
});

test('a block that was written in place of a profile is no last good one', async () => {
  const before = await renderOf({ tasks: [task] });
  const templates = await someTemplates({ [PATH]: '{{nonsense}}' });
  const after = await renderOf({ templates, tasks: [task], live: before.text });
  expect(refusedIn(after)).toMatchObject([{ instead: 'default' }]);
  expect(markOf(after, task)).toBe('profile \\"mine\\" is refused');
});

test('fixed, a task goes back to its own profile, under the same source', async () => {
  const before = await renderOf({ tasks: [task] });
  const after = await renderOf({
    templates: await someTemplates({ [PATH]: aTransform() }),
    tasks: [task],
    live: before.text,
  });
  expect(after.refused).toEqual([]);
  expect(wayOf(after)).toEqual(['_out', '_parse', '_stream', '']);
  expect(componentsIn(after.text).sources).toEqual(componentsIn(before.text).sources);
});

test('a profile cannot take the mark away, nor write or read it', async () => {
  for (const [text, why] of [
    [
      `${aTransform()}[transforms.{{id}}_marked]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = "."\n`,
      'is written by nvl itself',
    ],
    [aTransform().replace('{{input}}', '{{id}}_marked'), 'not a part of its own task before the labels'],
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
