import { expect, onTestFinished, test, vi } from 'vitest';
import { runCycle } from '../../lib/cycle.ts';
import { openState } from '../../lib/state/state.ts';
import { anAllocation, idOf } from '../support/builders.ts';
import { aNode, writeLog } from './support.ts';

// A node has thousands of tasks, and in most cycles nothing or one of them changes. What is the same object as before is
// looked into by nobody; these tests count what is another one.

const aBusyNode = async () => {
  const allocations = Array.from({ length: 8 }, (_, at) => anAllocation({ id: idOf(at + 1), job: `job-${at}` }));
  const node = await aNode({ allocations });
  for (const { id } of allocations) await writeLog({ node, allocId: id, text: 'a\n' });
  node.files.watch();
  onTestFinished(() => node.files.stop());
  // As the daemon has it: what was written is the same object when it is read.
  const store = await openState({ dir: node.folder, now: 0, onSetAside: () => expect.unreachable() });
  return { node, store, cycle: () => runCycle({ ...node.deps(), store }) };
};

const othersOf = <T>(before: readonly T[], now: readonly T[]): T[] => now.filter((one) => !before.includes(one));

test('a cycle in which nothing changes makes nothing anew, and looks at no task', async () => {
  const { node, store, cycle } = await aBusyNode();
  await cycle();
  await cycle();
  const before = await cycle();
  const records = Object.values(store.read().tasks);
  const looks = (['linksOf', 'heldOf', 'makeLinkFolder', 'sees'] as const).map((name) =>
    vi.spyOn(node.files.shelf, name),
  );
  node.now += 60_000;
  const now = await cycle();
  expect(looks.map(({ mock }) => mock.calls.length)).toEqual([0, 0, 0, 0]);
  expect(now.plan.table).toBe(before.plan.table);
  expect(othersOf(before.plan.rows, now.plan.rows)).toEqual([]);
  expect(othersOf(before.collectedTasks, now.collectedTasks)).toEqual([]);
  expect(othersOf(records, Object.values(store.read().tasks))).toEqual([]);
});

test('one more task makes one row, one record and one decision anew', async () => {
  const { node, store, cycle } = await aBusyNode();
  await cycle();
  await cycle();
  const before = await cycle();
  const records = Object.values(store.read().tasks);
  const more = anAllocation({ id: idOf(9), job: 'one-more' });
  await writeLog({ node, allocId: more.id, text: 'a\n' });
  node.allocations = [...node.allocations, more];
  const sees = vi.spyOn(node.files.shelf, 'sees');
  const now = await cycle();
  expect(now.outcome).toBe('reloaded');
  expect(othersOf(before.plan.rows, now.plan.rows).map(({ about }) => about)).toEqual([
    expect.stringContaining('one-more'),
  ]);
  expect(othersOf(before.collectedTasks, now.collectedTasks)).toHaveLength(1);
  expect(othersOf(records, Object.values(store.read().tasks))).toHaveLength(1);
  expect(new Set(sees.mock.calls.map(([{ seenAt }]) => seenAt.split('/')[0]))).toEqual(new Set([more.id]));
  const after = await cycle();
  expect(othersOf(now.plan.rows, after.plan.rows)).toEqual([]);
});
