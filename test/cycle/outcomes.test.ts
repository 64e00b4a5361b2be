import { expect, test } from 'vitest';
import { rowsOf } from '../../lib/pipelines/table.ts';
import { digestOf } from '../../lib/plan/plan.ts';
import { anAllocation, aTransform, idOf } from '../support/builders.ts';
import { aNode, T0, type TestNode, useTemplates, writeLog } from './support.ts';

const one = anAllocation({ id: idOf(1) });
/** Needs a pipeline of its own, and with it another file. */
const two = anAllocation({ id: idOf(2), taskMeta: { nvl_profile: 'logfmt' } });
const three = anAllocation({ id: idOf(3) });

/** A node on which Vector runs the first task well. */
const aRunningNode = async (): Promise<TestNode> => {
  const node = await aNode({ allocations: [one] });
  await node.cycle();
  node.steps.length = 0;
  return node;
};
const withoutHead = (text = '') => text.replaceAll(/^#.*\n/gm, '');
const marks = ({ table }: TestNode) => rowsOf(table).map(({ mark }) => mark);
const loadedDigest = ({ state }: TestNode) => state.loaded?.digest;
const liveDigest = ({ live = '' }: TestNode) => digestOf(live);

test('the first cycle of all goes all the way', async () => {
  const node = await aNode({ allocations: [one] });
  const { outcome } = await node.cycle();
  expect(outcome).toBe('reloaded');
  expect(node.steps).toEqual([
    'stage',
    'prove',
    'remember',
    'write the table',
    'swap',
    'reload, new: 1',
    'remember',
    'keep the templates',
  ]);
  expect(node.rows()).toHaveLength(1);
  expect(loadedDigest(node)).toBe(liveDigest(node));
  expect(node.generations).toEqual([node.live]);
});

test('unchanged: nothing is staged, proven, written or told', async () => {
  const node = await aRunningNode();
  node.now += 60_000;
  expect((await node.cycle()).outcome).toBe('unchanged');
  expect(node.steps).toEqual([]);
});

test('reloaded: a new task with a pipeline of its own', async () => {
  const node = await aRunningNode();
  node.allocations = [one, two];
  expect((await node.cycle()).outcome).toBe('reloaded');
  expect(node.rows()).toHaveLength(2);
  expect(node.generations).toHaveLength(2);
  expect(loadedDigest(node)).toBe(liveDigest(node));
});

test('an allocation that changed in nothing that templates see is no change', async () => {
  const node = await aRunningNode();
  node.allocations = [{ ...one, status: { ...one.status, modifyIndex: 99, clientDescription: 'other words' } }];
  expect((await node.cycle()).outcome).toBe('unchanged');
});

test('rejected: nothing live is touched, Vector is told nothing, and what it runs stays known', async () => {
  const node = await aRunningNode();
  const [live, table, loaded] = [node.live, node.table, loadedDigest(node)];
  node.allocations = [one, two];
  node.judge = () => ({ ok: false, error: expect.anything(), blamed: [] });
  expect((await node.cycle()).outcome).toBe('rejected');
  expect([node.live, node.table]).toEqual([live, table]);
  expect(loadedDigest(node)).toBe(loaded);
  expect(node.steps.filter((step) => /write|swap|reload/.test(step))).toEqual([]);
  // What was refused goes away again: there is nothing to tell Vector about.
  node.allocations = [one];
  expect((await node.cycle()).outcome).toBe('unchanged');
});

test('unconfirmed: live is new, and Vector is told again', async () => {
  const node = await aRunningNode();
  node.allocations = [one, two];
  node.reloads = [{ kind: 'unconfirmed', why: 'nothing was seen' }];
  const { outcome, why } = await node.cycle();
  expect([outcome, why?.code, why?.facts.said]).toEqual(['unconfirmed', 'reloadFailed', 'nothing was seen']);
  expect(loadedDigest(node)).toBeUndefined();
  expect(node.generations).toHaveLength(1);
  node.steps.length = 0;
  expect((await node.cycle()).outcome).toBe('reloaded');
  expect(node.steps).toEqual(['stage', 'prove', 'reload, new: 0', 'remember', 'keep the templates']);
});

test('needsRestart: live is new, and each cycle asks again', async () => {
  const node = await aRunningNode();
  node.allocations = [one, two];
  node.reloads = [{ kind: 'needsRestart', why: 'data_dir' }];
  const { outcome, why } = await node.cycle();
  expect([outcome, why?.advice]).toEqual(['needsRestart', 'restart Vector: it loads what is live']);
  expect(node.rows()).toHaveLength(2);
  expect((await node.cycle()).outcome).toBe('reloaded');
});

test('rolledBack, a reload that failed: the last good file is live and told, and the new one is tried again', async () => {
  const node = await aRunningNode();
  const good = node.live;
  node.allocations = [one, two];
  node.reloads = [{ kind: 'failed', why: 'it said no' }];
  const { outcome, why } = await node.cycle();
  expect([outcome, why?.message]).toEqual([
    'rolledBack',
    'Vector did not load the new config; the last good one is live again',
  ]);
  expect(node.live).toBe(good);
  expect(node.steps.filter((step) => step.startsWith('reload'))).toHaveLength(2);
  expect(loadedDigest(node)).toBeUndefined();
  expect((await node.cycle()).outcome).toBe('reloaded');
  expect(node.rows()).toHaveLength(2);
});

test('rolledBack, Vector died of it: the last good file is live, and whoever runs Vector starts it', async () => {
  const node = await aRunningNode();
  const good = node.live;
  node.allocations = [one, two];
  node.reloads = [{ kind: 'died', why: 'panicked' }];
  const { outcome, why } = await node.cycle();
  expect([outcome, why?.message]).toEqual([
    'rolledBack',
    'Vector died of the new config; the last good one is live again',
  ]);
  expect(node.live).toBe(good);
  expect(node.steps.filter((step) => step.startsWith('reload'))).toHaveLength(1);
});

test('what Vector died of is not offered again: its task ships by default, and whatever else comes ships', async () => {
  const node = await aRunningNode();
  node.allocations = [one, two];
  node.reloads = [{ kind: 'died', why: 'panicked' }];
  await node.cycle();
  const { outcome, refused } = await node.cycle();
  expect(outcome).toBe('reloaded');
  expect(refused).toMatchObject([
    { instead: 'default', errors: [{ code: 'vectorDied', facts: { said: 'panicked' } }] },
  ]);
  expect(marks(node)).toEqual(['', 'profile "logfmt" is refused']);
  node.allocations = [one, two, three];
  expect((await node.cycle()).outcome).toBe('reloaded');
  const ids = node.rows().map((id) => id.slice(0, 12));
  expect(ids).toEqual(['nvl_11111111', 'nvl_22222222', 'nvl_33333333']);
  // By the pipeline of the default profile, which is live: no other one had to be tried.
  expect(node.pipelines()).toHaveLength(1);
});

test('nor is what it died of next: where nothing of a task can be loaded, it is left out', async () => {
  const mine = anAllocation({ id: idOf(1), taskMeta: { nvl_profile: 'mine' } });
  const node = await aNode({ allocations: [mine] });
  await useTemplates(node, { 'profiles/mine/transform.toml.hbs': aTransform('.a = 1') });
  await node.cycle();
  const good = node.live;
  node.allocations = [mine, two];
  node.reloads = [
    { kind: 'died', why: 'panicked' },
    { kind: 'died', why: 'panicked' },
  ];
  await node.cycle();
  await node.cycle();
  const { refused } = await node.cycle();
  expect(withoutHead(node.live)).toBe(withoutHead(good));
  expect(refused).toMatchObject([{ instead: 'nothing', errors: [{ code: 'vectorDied' }] }]);
});

test('where nothing is new that it could have died of, those bytes are not offered again', async () => {
  const node = await aNode({ allocations: [one, two], config: { collect: { removalDelay: 0 } } });
  await node.cycle();
  const good = node.live;
  node.allocations = [one];
  for (let times = 0; times < 3; times += 1) await node.cycle();
  expect(Object.keys(node.state.tasks)).toHaveLength(1);
  // Its pipeline goes ten minutes later.
  node.now += 600_000;
  node.reloads = [{ kind: 'died', why: 'panicked' }];
  expect((await node.cycle()).outcome).toBe('rolledBack');
  node.steps.length = 0;
  expect(await node.cycle()).toMatchObject({ outcome: 'rejected', why: { code: 'vectorDied' } });
  expect(node.steps.filter((step) => /stage|swap|reload/.test(step))).toEqual([]);
  expect(withoutHead(node.live)).toBe(withoutHead(good));
});

test.each([
  ['failed', 'Vector did not load the new config'],
  ['died', 'Vector died of the new config'],
] as const)(
  '%s at the first file of all: there is nothing to go back to, and it is tried again',
  async (kind, message) => {
    const node = await aNode({ allocations: [one] });
    node.reloads = [{ kind, why: 'the port was taken' }];
    const { outcome, why } = await node.cycle();
    expect([outcome, why?.message]).toEqual(['unconfirmed', message]);
    expect(node.rows()).toHaveLength(1);
    expect((await node.cycle()).outcome).toBe('reloaded');
  },
);

test('a Vector that is down is no reason to go back from what it ran well', async () => {
  const node = await aRunningNode();
  const { live } = node;
  delete node.state.loaded;
  node.generations.unshift('an older one');
  node.reloads = [{ kind: 'failed', why: 'no process 17 runs' }];
  expect((await node.cycle()).outcome).toBe('unconfirmed');
  expect(node.live).toBe(live);
});

test('what proves or tells nothing, as the vector binary is gone, changes nothing', async () => {
  const node = await aRunningNode();
  await writeLog({ node, allocId: idOf(1), text: 'a\n' });
  await node.cycle();
  const { live } = node;
  node.allocations = [two];
  node.judge = () => {
    throw new Error('vectorMissing');
  };
  await expect(node.cycle()).rejects.toThrow('vectorMissing');
  expect(node.live).toBe(live);
  expect(node.steps).toEqual(['stage', 'prove']);
  expect(await node.links()).toHaveLength(1);
});

test('it ends in the middle of a reload: what came of it is not known, and is looked at by the next nvl', async () => {
  const node = await aNode({ allocations: [one] });
  node.reloads = Array.from({ length: 5 }, () => ({ kind: 'unconfirmed', why: 'nvl stopped waiting for it' }) as const);
  node.ending.abort();
  for (let times = 0; times < 5; times += 1)
    expect(await node.cycle()).toMatchObject({ outcome: 'unconfirmed', isAssumed: false });
  expect(loadedDigest(node)).toBeUndefined();
});

test('the next look is when the first finished task is due', async () => {
  const finished = (digit: number, secondsAgo: number) =>
    anAllocation({ id: idOf(digit), status: 'complete', finishedAt: new Date(T0 - secondsAgo * 1_000).toISOString() });
  const node = await aNode({ allocations: [one, two] });
  for (const { id } of [one, two]) await writeLog({ node, allocId: id, text: 'a line\n' });
  expect((await node.cycle()).lookAgainMs).toBeUndefined();
  node.allocations = [finished(1, 10), finished(2, 25)];
  expect((await node.cycle()).lookAgainMs).toBe(5_000);
});
