import { expect, test } from 'vitest';
import { NvlError } from '../../lib/errors.ts';
import { rowsOf } from '../../lib/pipelines/table.ts';
import { anAllocation, aTransform, idOf } from '../support/builders.ts';
import { aNode, refusing, type TestNode, useTemplates } from './support.ts';

const first = anAllocation({ id: idOf(1), task: 'first' });
const fresh = anAllocation({ id: idOf(2), task: 'fresh' });
const mine = anAllocation({ id: idOf(3), task: 'mine', taskMeta: { nvl_profile: 'mine' } });
const other = anAllocation({ id: idOf(4), task: 'other', taskMeta: { nvl_profile: 'mine' } });

const SOURCE = 'vector/source.toml.hbs';
const TRANSFORM = 'vector/transform.toml.hbs';
const SINK = 'vector/sink.toml.hbs';
const LABELS = 'vector/labels.toml.hbs';
const PARTIAL = 'partials/part.hbs';
const OWN = 'profiles/mine/transform.toml.hbs';
const OLD = { [TRANSFORM]: aTransform('{{> part}}'), [PARTIAL]: '.old = 1' };
const sink = (name: string) => `[sinks.${name}]\ntype = "console"\ninputs = ["{{input}}"]\nencoding.codec = "json"\n`;

const isBroken = refusing(({ text }) => text.includes('.broken'), 'error[E103]');
/** As nvl tells of a refusal: by the template of the component that Vector names. */
const blamingLabels: TestNode['judge'] = (candidate) => {
  const proof = isBroken(candidate);
  if (proof.ok) return proof;
  const error = new NvlError('vectorRefused', { message: 'Vector refuses it', facts: { at: `${LABELS}:5` } });
  return { ...proof, blamed: proof.blamed.map(({ block }) => ({ block, error })) };
};
const shown = (node: TestNode) =>
  Object.fromEntries(rowsOf(node.table).map(({ stem, mark }) => [stem.split('_')[2] ?? '', mark]));

/** Runs on good templates, starts anew on what they were edited to, and meets a new task there. */
const restartedOn = async ({
  before = OLD,
  after,
  allocations: [running = first, coming = fresh] = [],
  isLive = false,
  judge = isBroken,
}: {
  before?: Record<string, string>;
  after: Record<string, string>;
  allocations?: (typeof first)[];
  isLive?: boolean;
  judge?: TestNode['judge'];
}) => {
  const node = await aNode({ allocations: [running] });
  node.judge = judge;
  await useTemplates(node, before);
  expect(await node.cycle()).toMatchObject({ outcome: 'reloaded', refused: [] });
  node.restart();
  // Nothing is live that it could join.
  if (!isLive) [node.live, node.table] = [undefined, undefined];
  await useTemplates(node, after);
  node.allocations = isLive ? [running, coming] : [coming];
  const { outcome, refused } = await node.cycle();
  expect(outcome).toBe('reloaded');
  return { node, refused };
};

const breaks: [string, Record<string, string>][] = [
  ['a program that Vector refuses', { ...OLD, [TRANSFORM]: aTransform('.broken = 1') }],
  ['a partial whose program Vector refuses', { ...OLD, [PARTIAL]: '.broken = 1' }],
  ['a partial that is away', { [TRANSFORM]: aTransform('{{> part}}') }],
  ['a source that is no TOML', { ...OLD, [SOURCE]: '[sources."{{id}}' }],
  ['a source that includes nothing', { ...OLD, [SOURCE]: '[sources.{{id}}]\ntype = "file"\ninclude = []\n' }],
  ['an empty source', { ...OLD, [SOURCE]: '' }],
  ['an empty transform', { ...OLD, [TRANSFORM]: '' }],
  ['a name that is not known', { ...OLD, [TRANSFORM]: aTransform('{{jobb}}') }],
  ['the input of another', { ...OLD, [TRANSFORM]: aTransform('.x = 1').replace('{{input}}', 'others') }],
];

test.each(breaks)('a new task ships by the last good default profile after a restart on %s', async (_, after) => {
  const { node, refused } = await restartedOn({ after });
  expect(refused).toMatchObject([{ instead: 'lastGood' }]);
  expect(node.live).toContain('.old = 1');
  expect(shown(node)).toEqual({ fresh: '' });
});

test.each(breaks)('and joins the pipeline that is live, by a row alone: %s', async (_, after) => {
  const { node, refused } = await restartedOn({ after, isLive: true });
  expect(refused.map(({ instead }) => instead).sort()).toEqual(['lastGood', 'live']);
  expect(shown(node)).toEqual({ first: '', fresh: '' });
  expect(node.pipelines()).toHaveLength(1);
});

test('a profile of its own, with its settings', async () => {
  const settings = { 'profiles/mine/profile.yaml': 'parameters:\n  width: { type: number, default: 80 }\n' };
  const { node, refused } = await restartedOn({
    before: { ...OLD, ...settings, [OWN]: aTransform('.width = {{params.width}}') },
    after: { ...OLD, ...settings, [OWN]: aTransform('.broken = 1') },
    allocations: [mine, other],
  });
  expect(refused).toMatchObject([{ instead: 'lastGood' }]);
  expect(node.live).toContain('.width = 80');
  expect(shown(node)).toEqual({ other: '' });
});

test('a profile that Vector never took ships by the last good source of the default profile, where that is broken too', async () => {
  const before = {
    ...OLD,
    [SOURCE]: '[sources.{{id}}]\ntype = "file"\ninclude = {{logs.include}}\nmax_line_bytes = 4242\n',
  };
  const { node, refused } = await restartedOn({
    before,
    after: { ...before, [SOURCE]: '', [OWN]: '{{jobb}}' },
    allocations: [first, mine],
  });
  expect(refused).toMatchObject([{ instead: 'default' }]);
  expect(node.live).toContain('4242');
  expect(shown(node)).toEqual({ mine: 'profile "mine" is refused' });
});

test.each(breaks)(
  'an nvl that starts for the first time on %s ships by what comes with it, marked',
  async (_, after) => {
    const node = await aNode({ allocations: [first] });
    node.judge = isBroken;
    await useTemplates(node, { ...after, [LABELS]: '{{jobb}}' });
    const { outcome, refused } = await node.cycle();
    expect([outcome, refused.map(({ instead }) => instead)]).toEqual(['reloaded', ['default']]);
    expect(shown(node).first).toMatch(/^profile "default" is refused; /);
  },
);

test.each([
  ['that nothing renders', '{{jobb}}'],
  ['with a partial that Vector refuses', '{{> part}}'],
])('labels %s are those that Vector took last', async (_, labels) => {
  const text = (program: string) => ({
    [LABELS]: `[transforms.{{id}}_out]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = '''\n${program}\n'''\n`,
  });
  const { node, refused } = await restartedOn({
    before: { ...text('{{> part}}'), [PARTIAL]: '.label_before = "x"' },
    after: { ...text(labels), [PARTIAL]: '.broken = 1' },
    judge: blamingLabels,
  });
  expect(refused).toMatchObject([{ instead: 'lastGood' }]);
  expect(node.live).toContain('.label_before');
  expect(shown(node)).toEqual({ fresh: '' });
});

test.each([
  ['the node’s own', SINK, [first, fresh]],
  ['a profile’s', 'profiles/mine/sink.toml.hbs', [mine, other]],
])('%s sink is the one that Vector took last', async (_, path, allocations) => {
  for (const text of ['{{jobb}}', '', sink('after').replace('json', '.broken')]) {
    const { node, refused } = await restartedOn({
      before: { ...OLD, [path]: sink('before') },
      after: { ...OLD, [path]: text },
      allocations,
    });
    expect(refused).toMatchObject([{ instead: 'lastGood' }]);
    expect(node.live).toContain('[sinks.before]');
    expect(shown(node)[allocations[1]?.tasks[0]?.name ?? '']).toBe('');
  }
});

test('where Vector never took a sink of the node, no line is read until there is one: none is lost, none goes elsewhere', async () => {
  const node = await aNode({ allocations: [first] });
  await useTemplates(node, { [SINK]: '{{jobb}}' });
  const { refused } = await node.cycle();
  expect(refused).toMatchObject([{ key: 'sink:default', instead: 'nothing' }, { instead: 'nothing' }]);
  expect([node.rows(), await node.links()]).toEqual([[], []]);
  await useTemplates(node, { [SINK]: sink('mended') });
  await node.cycle();
  expect(shown(node)).toEqual({ first: '' });
});

test('they are kept when Vector has taken something new, and not when nothing changed', async () => {
  const node = await aNode({ allocations: [first] });
  const kept = async () => {
    node.steps.length = 0;
    await node.cycle();
    return node.steps.includes('keep the templates');
  };
  await useTemplates(node, OLD);
  expect([await kept(), await kept()]).toEqual([true, false]);
  const text = node.kept;
  node.judge = isBroken;
  await useTemplates(node, { ...OLD, [TRANSFORM]: aTransform('.broken = 1') });
  await kept();
  expect(node.kept).toBe(text);
  await useTemplates(node, { ...OLD, [TRANSFORM]: aTransform('.better = 1') });
  expect([await kept(), node.kept === text]).toEqual([true, false]);
});

test.each([
  '',
  'no JSON',
  'null',
  '{"schema":2}',
  '{"schema":1}',
  '{"schema":1,"texts":[],"sinks":[],"profiles":[["mine",{"source":[]}]]}',
])('a damaged copy is set aside, told, and ends nothing: %s', async (text) => {
  const node = await aNode({ allocations: [first] });
  node.kept = text;
  expect(await node.cycle()).toMatchObject({ outcome: 'reloaded', refused: [] });
  expect(node.steps.filter((step) => step.includes('templates'))).toEqual([
    'set the templates aside',
    'keep the templates',
  ]);
  expect(JSON.stringify(node.logged)).toContain('damaged');
});

test('a disk that takes no copy ends nothing, and is told once', async () => {
  const node = await aNode({ allocations: [first] });
  const deps = node.deps();
  const full = Object.assign(new Error('no space left'), { code: 'ENOSPC', syscall: 'write' });
  node.deps = () => ({ ...deps, disk: { ...deps.disk, keepTemplates: () => Promise.reject(full) } });
  expect((await node.cycle()).outcome).toBe('reloaded');
  expect((await node.cycle()).outcome).toBe('unchanged');
  expect(JSON.stringify(node.logged).split('can be kept')).toHaveLength(2);
});
