import { expect, test } from 'vitest';
import type { TaskContext } from '../../lib/context/context.ts';
import { aContext, aTransform, type GivenAllocation, idOf, shuffled, someTemplates } from '../support/builders.ts';
import { blockOf, markOf, pipelineOf, refusedIn, renderOf, rowOf } from './support.ts';

// Which tasks share a pipeline, and by which id. The id names the folder of Vector's checkpoints: where another id comes out for the
// same templates and values, every file on every node is read again from its start.

const remap = aTransform;
const transformOf = (type: string, options = '') =>
  `[transforms.{{id}}_parse]\ntype = "${type}"\ninputs = ["{{input}}"]\n${options}\n`;
const labels = (program: string) =>
  `[transforms.{{id}}_out]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = '''\n${program}\n'''\n`;
const mine = (transform: string) => ({ 'profiles/mine/transform.toml.hbs': transform });
const settings = (text: string) => ({ 'profiles/mine/profile.yaml': text });
const width = settings('parameters:\n  width: { type: number, default: 80 }\n');
const tenantSink = {
  'profiles/tenant/sink.toml.hbs': '[sinks.tenant]\ntype = "blackhole"\ninputs = ["{{input}}"]\n',
};

/** A task of the profile `mine`; `meta` is its own. */
const aTask = (given: GivenAllocation = {}, meta: Record<string, string> = {}): TaskContext =>
  aContext({ ...given, taskMeta: { nvl_profile: 'mine', ...meta } });
const first = aTask({ id: idOf(1) });
/** All that its labels say is another. */
const second = aTask({ id: idOf(2), namespace: 'other', job: 'other', group: 'other', task: 'other', index: 7 });
const withMeta = (meta: Record<string, string>): TaskContext => aTask({ id: idOf(2) }, meta);

const idsOf = async (files: Record<string, string>, ...tasks: TaskContext[]): Promise<string[]> => {
  const rendered = await renderOf({ templates: await someTemplates(files), tasks });
  expect(refusedIn(rendered)).toEqual([]);
  return tasks.map((task) => pipelineOf(rendered, task));
};

test.each<[string, string, Record<string, string>, TaskContext]>([
  ['the default profile, as it comes with nvl', 'nvl_default_6a817e17', {}, aContext()],
  ['a profile that reads nothing of a task', 'nvl_mine_8c6e3d38', mine(remap('.a = 1')), first],
  ['a default of a parameter', 'nvl_mine_1d1a2a27', { ...mine(remap('.a = {{params.width}}')), ...width }, first],
  ['a condition', 'nvl_mine_e29d4094', mine(remap('.a = {{#if meta.more}}1{{else}}2{{/if}}')), first],
  ['a value', 'nvl_mine_ce94c0fc', mine(remap('.a = "{{job.name}}"')), first],
  ['a kind that keeps state', 'nvl_mine_1cb0b221', mine(transformOf('dedupe')), first],
  ['a sink that a rule names', 'nvl_mine_0e84a9bb', { ...mine(remap()), ...tenantSink }, { ...first, sink: 'tenant' }],
  ['its own folder', 'nvl_mine_097ecd2e', mine(remap('.a = "{{logs.dir}}"')), first],
  [
    'a label that is no text',
    'nvl_default_4acf94b1',
    { 'vector/labels.toml.hbs': labels('.nomad = { "index": {{alloc.index}} }') },
    aContext(),
  ],
])('the id is for ever: %s', async (_, id, files, task) => {
  expect(await idsOf(files, task)).toEqual([id]);
});

test('the id does not depend on where the links lie', async () => {
  const templates = await someTemplates(mine(remap('.a = "{{logs.dir}}" + "{{logs.include.[0]}}"')));
  const [here, there] = await Promise.all(
    ['/nvl/links', '/var/lib/a "b"/links'].map((linksDir) => renderOf({ templates, tasks: [first], linksDir })),
  );
  expect(here?.text).not.toBe(there?.text);
  expect(here?.rows).toEqual(there?.rows);
});

test.each<[string, Record<string, string>, TaskContext, TaskContext]>([
  ['in all that their labels say', mine(remap()), first, second],
  ['in meta that no template reads', mine(remap()), first, withMeta({ more: 'x' })],
  [
    'in which level a parameter is from',
    { ...mine(remap('.a = {{params.width}}')), ...width },
    first,
    withMeta({ nvl_width: '80' }),
  ],
  [
    'in a value that a condition takes for the same',
    mine(remap('{{#if meta.more}}.a = 1{{/if}}')),
    withMeta({ more: 'x' }),
    aTask({}, { more: 'y' }),
  ],
  [
    'in values of labels, in text, as a number and as a list',
    {
      ...mine(remap()),
      'vector/labels.toml.hbs': labels(
        '.nomad = { "x": "at {{meta.x}} of {{job.name}}", "index": {{alloc.index}}, "tags": {{tags}} }',
      ),
    },
    first,
    aTask({ id: idOf(2), job: 'j', index: 9, taskServices: [{ Name: 's', Tags: ['a', 'b'] }] }, { x: '"' }),
  ],
  [
    'in a rule that names the sink which they have anyway',
    { ...tenantSink },
    aContext({ taskMeta: { nvl_profile: 'tenant' } }),
    { ...aContext({ id: idOf(2), taskMeta: { nvl_profile: 'tenant' } }), sink: 'tenant' },
  ],
])('two tasks that differ only %s share a pipeline', async (_, files, one, other) => {
  const [a, b] = await idsOf(files, one, other);
  expect(a).toBe(b);
});

test.each<[string, Record<string, string>, TaskContext, TaskContext]>([
  ['profile', mine(remap()), first, aContext({ id: idOf(2), taskMeta: { nvl_profile: 'logfmt' } })],
  ['parameter', { ...mine(remap('.a = {{params.width}}')), ...width }, first, withMeta({ nvl_width: '81' })],
  ['value in a transform', mine(remap('.a = "{{meta.more}}"')), first, withMeta({ more: 'x' })],
  [
    'value in a source',
    {
      'profiles/mine/source.toml.hbs':
        '[sources.{{id}}]\ntype = "file"\ninclude = {{logs.include}}\nmax_line_bytes = {{#if meta.more}}2_000_000{{else}}3_000_000{{/if}}\n',
    },
    first,
    withMeta({ more: 'x' }),
  ],
  ['value in a comment', mine(`# For {{job.name}}\n${remap()}`), first, second],
  ['condition', mine(remap('{{#if meta.more}}.a = 1{{/if}}')), first, withMeta({ more: 'x' })],
  [
    'condition that writes nothing of its own',
    mine(remap('{{#if (eq meta.more "x")}}{{/if}}.a = 1')),
    first,
    withMeta({ more: 'x' }),
  ],
  [
    'number of rounds',
    mine(remap('{{#each job.datacenters}}\n.a = 1\n{{/each}}')),
    first,
    { ...second, job: { ...second.job, datacenters: ['a'] } },
  ],
  [
    'condition of the labels',
    { ...mine(remap()), 'vector/labels.toml.hbs': labels('.nomad = { {{#if meta.more}}"more": 1{{/if}} }') },
    first,
    withMeta({ more: 'x' }),
  ],
  [
    'value beside the labels’ program',
    { ...mine(remap()), 'vector/labels.toml.hbs': `# {{job.name}}\n${labels('.nomad = {}')}` },
    first,
    second,
  ],
  [
    'type of a label',
    { ...mine(remap()), 'vector/labels.toml.hbs': labels('.nomad = { "more": {{default meta.more 5}} }') },
    first,
    withMeta({ more: '5' }),
  ],
  ['sink', { ...mine(remap()), ...tenantSink }, first, { ...second, sink: 'tenant' }],
])('two tasks with another %s do not share a pipeline', async (_, files, one, other) => {
  const [a, b] = await idsOf(files, one, other);
  expect(a).not.toBe(b);
});

const JOURNAL =
  '[sources.{{id}}]\ntype = "journald"\ninclude_matches.CONTAINER_NAME = ["{{task.name}}-{{alloc.id}}"]\n';

test.each<[string, Record<string, string>]>([
  ...['throttle', 'sample', 'reduce', 'dedupe', 'aggregate', 'lua', 'a_kind_of_tomorrow'].map(
    (type): [string, Record<string, string>] => [type, mine(transformOf(type))],
  ),
  [
    'one such beside others',
    mine(
      `${transformOf('remap', 'source = "."').replace('{{input}}', '{{id}}_first')}${transformOf('throttle').replace('_parse', '_first')}`,
    ),
  ],
  ['pipeline: task in its settings', { ...mine(remap()), ...settings('pipeline: task\n') }],
  [
    'a source that does not tell of which file a line is',
    { ...mine(remap()), 'profiles/mine/source.toml.hbs': JOURNAL },
  ],
])('each task has a pipeline of its own, which looks up its row alone: %s', async (_, files) => {
  const twin = aTask({ id: idOf(2) });
  const rendered = await renderOf({ templates: await someTemplates(files), tasks: [first, twin] });
  const [a, b] = [first, twin].map((task) => blockOf(rendered, task));
  expect(a?.key).not.toBe(b?.key);
  for (const [block, task, other] of [
    [a, first, twin],
    [b, twin, first],
  ] as const) {
    expect(block?.text).toContain(`"task": "${task.id}"`);
    expect(block?.text).not.toContain(other.id);
    expect(block?.heading).toBe(`profile mine with task=${task.id}`);
  }
  // Alone or among others, it is the same one.
  expect(pipelineOf(await renderOf({ templates: await someTemplates(files), tasks: [twin] }), twin)).toBe(b?.key);
});

test.each(['remap', 'filter', 'route', 'exclusive_route'])(
  'a %s keeps nothing between events, and is shared',
  async (type) => {
    const [a, b] = await idsOf(mine(transformOf(type)), first, second);
    expect(a).toBe(b);
  },
);

test('one more task changes no byte of the file, wherever its names stand among the others', async () => {
  const templates = await someTemplates({ ...mine(remap('.a = "{{meta.more}}"')), ...tenantSink });
  const kinds: Record<string, string>[] = [
    { nvl_profile: 'mine' },
    { nvl_profile: 'mine', more: 'x' },
    { nvl_profile: 'tenant' },
    { nvl_profile: 'unknown' },
    {},
  ];
  const all = kinds.map((taskMeta) => aContext({ namespace: 'm', task: 'm', taskMeta }));
  const before = await renderOf({ templates, tasks: all.map((task, at) => ({ ...task, id: `${task.id}_${at}` })) });
  for (const taskMeta of kinds)
    for (const name of ['a', 'z']) {
      const more = aContext({ id: idOf(3), namespace: name, job: name, group: name, task: name, taskMeta });
      const after = await renderOf({
        templates,
        tasks: [...all.map((task, at) => ({ ...task, id: `${task.id}_${at}` })), more],
        live: before,
      });
      expect(after.text).toBe(before.text);
      expect(after.rows.filter(({ stem }) => stem !== more.id)).toEqual(before.rows);
      expect(Object.values(rowOf(after, more)?.cells ?? {})).toContain(name);
    }
});

const EDITS: [string, string, string][] = [
  ['a comment of Handlebars', '{{! What it does }}', ''],
  ['a comment', '# new\n', ''],
  ['the program', '.a = 1', '.a = 2'],
  ['an option', 'type = "remap"', 'type = "remap"\ndrop_on_error = false'],
];

test.each(EDITS)('an edit of %s keeps the id, and so the checkpoints', async (_, text, instead) => {
  const [one, other] =
    instead === ''
      ? [remap('.a = 1'), `${text}${remap('.a = 1')}`]
      : [remap('.a = 1'), remap('.a = 1').replace(text, instead)];
  expect(other).not.toBe(one);
  expect(await idsOf(mine(other), first)).toEqual(await idsOf(mine(one), first));
});

test('an edit of the labels keeps the ids, too, whether they say more or less', async () => {
  const idsBy = (program: string) => idsOf({ ...mine(remap()), 'vector/labels.toml.hbs': labels(program) }, first);
  const ids = await idsBy('.nomad = { "job": "{{job.id}}" }');
  expect(await idsBy('.nomad = { "task": "{{task.name}}", "job": "{{job.id}}" }')).toEqual(ids);
  expect(await idsBy('.nomad = {}')).toEqual(ids);
});

test('the order of tasks changes no byte, whatever they ship by', async () => {
  const files = { ...mine(remap('.a = "{{meta.more}}" # new')), ...width, ...tenantSink };
  const tasks = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((task, at) =>
    aTask(
      { id: idOf(at + 1), task },
      [{}, { more: 'x' }, { nvl_width: 'x' }, { nvl_profile: 'tenant' }, { nvl_profile: '?' }][at % 5],
    ),
  );
  const live = await renderOf({
    templates: await someTemplates({ ...files, ...mine(remap('.a = "{{meta.more}}" # old')) }),
    tasks: tasks.map((task) => ({ ...task, meta: { ...task.meta, nvl_width: '80' } })),
  });
  const templates = await someTemplates(files);
  const once = await renderOf({ templates, tasks, live });
  expect(new Set(once.refused.map(({ instead }) => instead))).toEqual(new Set(['live', 'default']));
  for (let seed = 0; seed < 8; seed += 1) {
    const again = await renderOf({ templates, tasks: shuffled(tasks, seed), live });
    expect([again.text, again.rows, again.refused]).toEqual([once.text, once.rows, once.refused]);
  }
  expect(tasks.map((task) => markOf(once, task)).filter(Boolean)).not.toEqual([]);
});
