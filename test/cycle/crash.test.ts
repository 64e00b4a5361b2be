import { expect, test } from 'vitest';
import { runCycle } from '../../lib/cycle.ts';
import type { CycleDeps } from '../../lib/cycle-deps.ts';
import { digestOf } from '../../lib/plan/plan.ts';
import { anAllocation, idOf } from '../support/builders.ts';
import { aNode, type TestNode } from './support.ts';

// nvl is killed at each step of a cycle, starts again, and has to end where it would have ended without.

const [one, two] = [1, 2].map((digit) => anAllocation({ id: idOf(digit) })) as [
  ReturnType<typeof anAllocation>,
  ReturnType<typeof anAllocation>,
];

const killedAt: Record<string, (deps: CycleDeps) => CycleDeps> = {
  'before anything is staged': (deps) => ({ ...deps, disk: { ...deps.disk, stage: dies } }),
  'in the proof': (deps) => ({ ...deps, prove: dies }),
  'before the swap': (deps) => ({ ...deps, disk: { ...deps.disk, swap: dies } }),
  'behind the swap, before Vector is told': (deps) => ({ ...deps, reload: dies }),
  'behind the reload, before it is remembered': (deps) => ({
    ...deps,
    disk: { ...deps.disk, keepGeneration: dies },
  }),
};
const dies = () => Promise.reject(new Error('killed'));

const stateOf = (node: TestNode) => ({
  live: node.live,
  loaded: node.state.loaded?.digest,
  tasks: Object.keys(node.state.tasks).sort(),
  generations: node.generations.at(-1),
});

test.each(Object.keys(killedAt))('killed %s', async (when) => {
  const unharmed = await aNode({ allocations: [one] });
  const node = await aNode({ allocations: [one] });
  // The same names in both files, wherever the folders of the two lie.
  node.linksDir = unharmed.linksDir;
  for (const each of [unharmed, node]) {
    await each.cycle();
    each.allocations = [one, two];
  }
  await unharmed.cycle();

  const kill = killedAt[when] ?? ((deps: CycleDeps) => deps);
  await expect(runCycle(kill(node.deps()))).rejects.toThrow('killed');
  // Vector never runs what is neither the old file nor the new one.
  expect([...unharmed.generations]).toContain(node.live);
  node.restart();
  node.steps.length = 0;
  expect((await node.cycle()).outcome).toBe('reloaded');
  expect(node.steps).toContainEqual(expect.stringMatching(/^reload/));
  expect(stateOf(node)).toEqual(stateOf(unharmed));
});

test('killed behind the swap, and what was new is gone when it starts again: Vector is told of the old file', async () => {
  const node = await aNode({ allocations: [one] });
  await node.cycle();
  const before = node.live;
  node.allocations = [one, two];
  await expect(runCycle({ ...node.deps(), reload: dies })).rejects.toThrow('killed');
  node.restart();
  node.allocations = [one];
  node.state.tasks = Object.fromEntries(Object.entries(node.state.tasks).filter(([id]) => id.startsWith('nvl_1')));
  node.steps.length = 0;
  expect((await node.cycle()).outcome).toBe('reloaded');
  expect(node.live).toBe(before);
  expect(node.steps).toContainEqual(expect.stringMatching(/^reload/));
});

test('an nvl without its state goes on with what runs: nothing is told, no link moves', async () => {
  const node = await aNode({ allocations: [one, two] });
  await node.cycle();
  const [live, links] = [node.live, await node.links()];
  node.restart();
  node.state = { schema: 1, installedAt: node.now, tasks: {} };
  const { outcome } = await node.cycle();
  expect(outcome).toBe('reloaded');
  expect(node.live).toBe(live);
  expect(await node.links()).toEqual(links);
  expect(node.state.loaded?.digest).toBe(digestOf(live ?? ''));
});

test('somebody took the live file away: it is written again, and told', async () => {
  const node = await aNode({ allocations: [one] });
  await node.cycle();
  const { live } = node;
  node.live = undefined;
  expect((await node.cycle()).outcome).toBe('reloaded');
  expect(node.live).toBe(live);
});

test('somebody edited the live file: the next cycle writes it again', async () => {
  const node = await aNode({ allocations: [one] });
  await node.cycle();
  const { live } = node;
  node.live = `${live}\n[sinks.mine]\ntype = "blackhole"\n`;
  await node.cycle();
  expect(node.live).toBe(live);
});
