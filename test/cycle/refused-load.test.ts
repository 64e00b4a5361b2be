import { expect, test } from 'vitest';
import { runCycle } from '../../lib/cycle.ts';
import { NvlError } from '../../lib/errors.ts';
import { quarantineChanges } from '../../lib/quarantine/refused-loads.ts';
import { assembleFile, blocksOf } from '../../lib/render/file.ts';
import { anAllocation, aTransform, idOf } from '../support/builders.ts';
import { aNode, type TestNode, useTemplates } from './support.ts';

// What passes the proof and Vector does not load all the same, as a sink whose port is taken.

const one = anAllocation({ id: idOf(1), task: 'one' });
/** Needs a pipeline of its own. */
const two = anAllocation({ id: idOf(2), task: 'two', taskMeta: { nvl_profile: 'logfmt' } });
const mine = anAllocation({ id: idOf(3), task: 'mine', taskMeta: { nvl_profile: 'mine' } });
const sink = (name: string, more = '') => ({
  'vector/sink.toml.hbs': `[sinks.${name}]\ntype = "console"\ninputs = ["{{input}}"]\nencoding.codec = "json"\n${more}`,
});
const refusal = (name: string) =>
  ({ kind: 'refused', why: `Configuration error. error=Sink "${name}": Address already in use` }) as const;

/** A node on which Vector runs one task and the sink `good`, with an edit of the sink saved that it refuses. */
const aNodeWithBadSink = async (): Promise<TestNode> => {
  const node = await aNode({ allocations: [one] });
  await useTemplates(node, sink('good'));
  await node.cycle();
  await useTemplates(node, sink('bad'));
  node.reloads = [refusal('bad')];
  node.steps.length = 0;
  return node;
};
const reloads = ({ steps }: TestNode) => steps.filter((step) => step.startsWith('reload'));
/** A task that has just moved has a row in each of its pipelines. */
const tasksOf = (node: TestNode) => [...new Set(node.rows())];
const pipelineOf = (node: TestNode, profile: string) =>
  node.pipelines().find((id) => id.includes(`_${profile}_`)) ?? '';
const stemOfTask = (node: TestNode, task: string) => node.rows().find((stem) => stem.includes(`_${task}_`)) ?? '';
const sinks = ({ live = '' }: TestNode) => blocksOf(live).get('sink:default')?.text.split('\n')[0];

test('a refused sink: the file that Vector runs is live again, and Vector is told nothing', async () => {
  const node = await aNodeWithBadSink();
  const [live, loaded] = [node.live, node.state.loaded];
  const { outcome, why } = await node.cycle();
  expect([outcome, why?.facts.said]).toEqual(['rolledBack', refusal('bad').why]);
  expect(node.live).toBe(live);
  expect(node.state.loaded).toEqual(loaded);
  expect(reloads(node)).toHaveLength(1);
});

test('it is not offered again, and the next cycles cost nothing', async () => {
  const node = await aNodeWithBadSink();
  await node.cycle();
  node.steps.length = 0;
  const { outcome, refused } = await node.cycle();
  expect([outcome, refused]).toMatchObject(['unchanged', [{ key: 'sink:default', instead: 'live' }]]);
  expect(node.steps).toEqual([]);
});

test('nor by an nvl that was started anew', async () => {
  const node = await aNodeWithBadSink();
  await node.cycle();
  node.restart();
  node.steps.length = 0;
  expect((await node.cycle()).outcome).toBe('unchanged');
  expect(node.steps).toEqual([]);
});

test('a new task ships meanwhile, with the sink as Vector runs it', async () => {
  const node = await aNodeWithBadSink();
  node.allocations = [one, two];
  await node.cycle();
  expect((await node.cycle()).outcome).toBe('reloaded');
  expect(tasksOf(node)).toHaveLength(2);
  expect(sinks(node)).toBe('[sinks.good]');
});

test.each([
  ['a fixed sink', 'fixed', ''],
  ['the same one with another comment', 'bad', '# fixed elsewhere\n'],
])('%s is tried at once', async (_, name, more) => {
  const node = await aNodeWithBadSink();
  await node.cycle();
  await useTemplates(node, sink(name, more));
  expect(await node.cycle()).toMatchObject({ outcome: 'reloaded', refused: [] });
  expect(sinks(node)).toBe(`[sinks.${name}]`);
});

test('and so is the same one when another file that Vector loads has changed', async () => {
  const node = await aNodeWithBadSink();
  await node.cycle();
  node.surroundings = 'other';
  expect(await node.cycle()).toMatchObject({ outcome: 'reloaded', refused: [] });
  expect(sinks(node)).toBe('[sinks.bad]');
});

test('a refusal that names a sink of the team’s blames nobody here: these bytes wait until something changes', async () => {
  const node = await aNode({ allocations: [one] });
  await node.cycle();
  const { live } = node;
  node.allocations = [one, two];
  node.reloads = [refusal('theirs')];
  expect(await node.cycle()).toMatchObject({ outcome: 'rolledBack', refused: [] });
  expect(await node.cycle()).toMatchObject({ outcome: 'rejected', refused: [] });
  expect(node.live).toBe(live);
  expect(reloads(node)).toHaveLength(2);
  node.surroundings = 'fixed';
  expect((await node.cycle()).outcome).toBe('reloaded');
  expect(tasksOf(node)).toHaveLength(2);
});

test('a refused edit of a profile: its tasks keep what Vector runs', async () => {
  const node = await aNode({ allocations: [one, mine] });
  const profile = (program: string) => ({ 'profiles/mine/transform.toml.hbs': aTransform(program) });
  await useTemplates(node, profile('.old = 1'));
  await node.cycle();
  await useTemplates(node, profile('.new = 1'));
  const [id, key] = [pipelineOf(node, 'mine'), stemOfTask(node, 'mine')];
  node.reloads = [{ kind: 'refused', why: `Configuration error. error=Transform "${id}_parse": no table` }];
  node.allocations = [one, mine, two];
  await node.cycle();
  expect(await node.cycle()).toMatchObject({ outcome: 'reloaded', refused: [{ key, instead: 'live' }] });
  expect(tasksOf(node)).toHaveLength(3);
  expect(node.live).toContain('.old = 1');
});

test('Vector died of an edited sink while a task came: the sink is blamed, the task ships', async () => {
  const node = await aNodeWithBadSink();
  node.allocations = [one, two];
  node.reloads = [{ kind: 'died', why: 'panicked' }];
  await node.cycle();
  expect(await node.cycle()).toMatchObject({
    outcome: 'reloaded',
    refused: [{ key: 'sink:default', instead: 'live' }],
  });
  expect(tasksOf(node)).toHaveLength(2);
});

test('Vector died of a confirmed sink while a cycle proved a set with it: that is not swapped in over the good file', async () => {
  const node = await aNode({ allocations: [one] });
  await useTemplates(node, sink('good'));
  await node.cycle();
  const good = node.live;
  await useTemplates(node, sink('bad'));
  await node.cycle();
  node.allocations = [one, two];
  node.judge = () => {
    // As whoever runs Vector does at its end.
    const why = new NvlError('vectorDied', { message: 'it died', facts: { said: 'panicked' }, advice: '' });
    quarantineChanges({ bad: node.live ?? '', good, why, deps: node.deps() });
    node.live = good;
    node.judge = () => ({ ok: true, warnings: [] });
    return { ok: true, warnings: [] };
  };
  node.steps.length = 0;
  expect((await node.cycle()).outcome).toBe('rolledBack');
  expect([node.live, reloads(node)]).toEqual([good, []]);
  expect((await node.cycle()).outcome).toBe('reloaded');
  expect([tasksOf(node).length, sinks(node)]).toEqual([2, '[sinks.good]']);
});

test('the first file of all is refused: there is nothing to go back to, and Vector is not told again', async () => {
  const node = await aNode({ allocations: [one] });
  await useTemplates(node, sink('bad'));
  node.reloads = [refusal('bad')];
  expect((await node.cycle()).outcome).toBe('unconfirmed');
  for (let times = 0; times < 3; times += 1) expect((await node.cycle()).outcome).toBe('rejected');
  expect(reloads(node)).toHaveLength(1);
  await useTemplates(node, sink('fixed'));
  expect((await node.cycle()).outcome).toBe('reloaded');
});

test('the first file of all is refused over a pipeline: its tasks ship by default, and the others as ever', async () => {
  const node = await aNode({ allocations: [one, two] });
  const { plan } = await node.plan();
  const id = [...blocksOf(plan.text).keys()].find((key) => key.includes('_logfmt_'));
  node.reloads = [{ kind: 'refused', why: `Configuration error. error=Source "${id}": no` }];
  await node.cycle();
  expect(await node.cycle()).toMatchObject({
    outcome: 'reloaded',
    refused: [{ key: stemOfTask(node, 'two'), instead: 'default' }],
  });
  expect(tasksOf(node)).toHaveLength(2);
});

test('an edit that Vector refuses without naming anything: no block of it is offered again, however many there are', async () => {
  const many = Array.from({ length: 210 }, (_, at) =>
    anAllocation({
      id: `${String(at).padStart(8, '0')}${idOf(1).slice(8)}`,
      task: `many-${at}`,
      taskMeta: { nvl_profile: 'mine' },
    }),
  );
  const node = await aNode({ allocations: many });
  const alone = (program: string) => ({
    'profiles/mine/transform.toml.hbs': aTransform(program),
    'profiles/mine/profile.yaml': 'pipeline: task\n',
  });
  await useTemplates(node, alone('.a = 1'));
  await node.cycle();
  expect(node.pipelines()).toHaveLength(210);
  await useTemplates(node, alone('.edited = 1'));
  node.reloads = [{ kind: 'died', why: 'panicked' }];
  await node.cycle();
  expect(node.state.refusedLoads).toHaveLength(210);
  expect(await node.cycle()).toMatchObject({ outcome: 'reloaded', refused: { length: 210 } });
});

test('the same file refused again and again is remembered once, and of each block the last few alone', async () => {
  const node = await aNode({ allocations: [one] });
  await node.cycle();
  const deps = node.deps();
  const good = node.live ?? '';
  const why = new NvlError('vectorDied', { message: 'it died', facts: { said: `panicked ${'x'.repeat(9_000)}` } });
  const quarantineFile = (bad: string) => quarantineChanges({ bad, good, why, deps });
  for (let times = 0; times < 3; times += 1) quarantineFile(good.replace('codec = "json"', 'codec = "text"'));
  expect(node.state.refusedLoads).toHaveLength(1);
  expect(node.state.refusedLoads?.[0]?.said.length).toBeLessThanOrEqual(1_000);
  for (let times = 0; times < 50; times += 1) quarantineFile(good.replace('codec = "json"', `codec = "text${times}"`));
  expect(node.state.refusedLoads?.length).toBeLessThanOrEqual(10);
});

test('what was refused of pipelines that come and go is remembered within bounds, the newest', async () => {
  const node = await aNode();
  const deps = node.deps();
  const why = new NvlError('vectorDied', { message: 'it died', facts: { said: 'x'.repeat(9_000) } });
  const fileOf = (from: number, to: number) =>
    assembleFile({
      templates: [],
      linksDir: '/links',
      blocks: Array.from({ length: to - from }, (_, at) => ({
        key: `nvl_a_${from + at}`,
        kind: 'pipeline',
        heading: `profile ${from + at}`,
        text: `[sources.nvl_a_${from + at}]`,
      })),
    });
  for (const [from, to] of [
    [0, 1_500],
    [1_500, 3_000],
    [3_000, 3_001],
  ] as const)
    quarantineChanges({ bad: fileOf(from, to), good: fileOf(0, 0), why, deps });
  const keys = node.state.refusedLoads?.map(({ key }) => key) ?? [];
  expect([keys.length, keys.at(-1), keys.includes('nvl_a_1500'), keys.includes('nvl_a_0')]).toEqual([
    2_000,
    'nvl_a_3000',
    true,
    false,
  ]);
  expect(JSON.stringify(node.state).length).toBeLessThan(1_500_000);
});

test('a disk that does not take the file back: what was refused is known all the same, and not offered again', async () => {
  const node = await aNodeWithBadSink();
  const deps = node.deps();
  const restore = async () => {
    throw Object.assign(new Error('full'), { code: 'ENOSPC' });
  };
  await expect(runCycle({ ...deps, disk: { ...deps.disk, restore } })).rejects.toThrow('full');
  expect(await node.cycle()).toMatchObject({ refused: [{ key: 'sink:default', instead: 'lastGood' }] });
  expect([sinks(node), reloads(node)]).toMatchObject(['[sinks.good]', { length: 2 }]);
});

const overDataDir = (id: string): string =>
  `Configuration error. error=Source "${id}": data_dir "/data" does not exist\nConfiguration error. error=Source "nvl_none": data_dir "/data" does not exist`;

test('a Vector that finds no data folder costs no task its block: the same file is tried again', async () => {
  const node = await aNode({ allocations: [one, two] });
  const [first = ''] = [...blocksOf((await node.plan()).plan.text).keys()];
  node.reloads = [
    { kind: 'died', why: overDataDir(first) },
    { kind: 'died', why: overDataDir(first) },
  ];
  const failed = await node.cycle();
  expect(failed).toMatchObject({ outcome: 'unconfirmed', refused: [] });
  expect(failed.why?.advice).toContain("make Vector's data folder");
  expect((await node.cycle()).refused).toEqual([]);
  expect(await node.cycle()).toMatchObject({ outcome: 'reloaded', refused: [] });
  expect(tasksOf(node)).toHaveLength(2);
});

test('a running one that cannot make a folder for a new task is told again once that is offered again', async () => {
  const node = await aNode({ allocations: [one] });
  await node.cycle();
  node.allocations = [one, two];
  const { plan } = await node.plan();
  const added = plan.changes.added.find(({ kind }) => kind === 'source')?.id ?? '';
  const why = `error=Source "${added}": Could not create subdirectory "${added}" inside of data dir "/data": No space left on device`;
  node.reloads = [{ kind: 'refused', why }];
  expect((await node.cycle()).outcome).toBe('rolledBack');
  expect(node.state.refusedLoads).toBeUndefined();
  // As the daemon does every five minutes.
  node.memory.quarantined.clear();
  expect(await node.cycle()).toMatchObject({ outcome: 'reloaded', refused: [] });
  expect(tasksOf(node)).toHaveLength(2);
});
