import { expect, test } from 'vitest';
import { digestOf } from '../../lib/plan/plan.ts';
import { anAllocation, idOf } from '../support/builders.ts';
import { aNode, type TestNode } from './support.ts';

// Where a new data folder is all that shows a reload, one that only removes tasks shows nothing, however often Vector is
// told: nvl must not tell it for ever.

const [one, two, three] = [1, 2, 3].map((digit) => anAllocation({ id: idOf(digit) })) as [
  ReturnType<typeof anAllocation>,
  ReturnType<typeof anAllocation>,
  ReturnType<typeof anAllocation>,
];
const nothing = { kind: 'unconfirmed', why: 'no source is new' } as const;

const aSilentNode = async () => {
  const node = await aNode({ allocations: [one] });
  node.reloads = Array.from({ length: 50 }, () => nothing);
  return node;
};
const cycles = async (node: TestNode, count: number) => {
  const outcomes: string[] = [];
  for (let times = 0; times < count; times += 1) {
    const { outcome, isAssumed } = await node.cycle();
    outcomes.push(isAssumed ? `${outcome}, taken as done` : outcome);
  }
  return outcomes;
};
const tells = (node: TestNode) => node.steps.filter((step) => step.startsWith('reload')).length;

test('Vector is told three times, then it is taken to run the file', async () => {
  const node = await aSilentNode();
  expect(await cycles(node, 6)).toEqual([
    'unconfirmed',
    'unconfirmed',
    'unconfirmed, taken as done',
    'unchanged',
    'unchanged',
    'unchanged',
  ]);
  expect(tells(node)).toBe(3);
  expect(node.state.loaded?.digest).toBe(digestOf(node.live ?? ''));
});

test('it is not taken for a good one to go back to', async () => {
  const node = await aSilentNode();
  await cycles(node, 4);
  expect(node.generations).toEqual([]);
});

test('the next nvl does not begin anew', async () => {
  const node = await aSilentNode();
  await cycles(node, 3);
  node.restart();
  expect(await cycles(node, 1)).toEqual(['unchanged']);
});

test('each new file is told three times', async () => {
  const node = await aSilentNode();
  await cycles(node, 4);
  node.allocations = [one, two];
  expect(await cycles(node, 4)).toEqual(['unconfirmed', 'unconfirmed', 'unconfirmed, taken as done', 'unchanged']);
});

test('two tables in turn are never taken as done on the word of each other', async () => {
  const node = await aNode({ allocations: [one] });
  await node.cycle();
  node.reloads = Array.from({ length: 50 }, () => nothing);
  for (let times = 0; times < 3; times += 1)
    for (const other of [two, three]) {
      node.allocations = [one, other];
      node.state.tasks = Object.fromEntries(Object.entries(node.state.tasks).filter(([id]) => id.startsWith('nvl_1')));
      await node.cycle();
    }
  expect(node.state.loaded?.table).toBeUndefined();
});

test('where other rows are not confirmed, the file that Vector runs stays known, and is not proven again', async () => {
  const node = await aNode({ allocations: [one] });
  await node.cycle();
  node.allocations = [one, two];
  node.reloads = [nothing];
  node.steps.length = 0;
  expect(await cycles(node, 2)).toEqual(['unconfirmed', 'reloaded']);
  expect(node.steps.filter((step) => step !== 'remember')).toEqual([
    'write the table',
    'reload, new: 0',
    'reload, new: 0',
  ]);
});

test('two files in turn are never taken as done on the word of each other', async () => {
  const node = await aSilentNode();
  for (let times = 0; times < 3; times += 1) {
    node.allocations = [one];
    node.exists = 'present';
    node.state.tasks = {};
    await node.cycle();
    node.allocations = [two];
    node.state.tasks = {};
    await node.cycle();
  }
  expect(node.state.loaded).toBeUndefined();
});

test('a reload that failed is no telling', async () => {
  const node = await aNode({ allocations: [one] });
  node.reloads = Array.from({ length: 5 }, () => ({ kind: 'failed', why: 'no process 17 runs' }) as const);
  expect(await cycles(node, 6)).toEqual([...Array.from({ length: 5 }, () => 'unconfirmed'), 'reloaded']);
});
