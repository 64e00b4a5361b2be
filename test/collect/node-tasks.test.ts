import { expect, test } from 'vitest';
import { NodeTasks, type NodeView } from '../../lib/collect/node-tasks.ts';
import { aConfig, anAllocation, idOf } from '../support/builders.ts';

const allocations = [anAllocation({ tasks: ['app', 'db'] }), anAllocation({ id: idOf(2), jobMeta: { team: 'a' } })];
const view: NodeView = { snapshot: { allocations, allocDir: '/alloc' }, config: aConfig(), ownAllocId: undefined };

test.each<[string, (again: typeof allocations) => NodeView, string]>([
  ['as it was', () => view, 'app db app'],
  ['in another list', (again) => ({ ...view, snapshot: { ...view.snapshot, allocations: [...again] } }), 'app db app'],
  [
    'with news of one allocation',
    ([first, second]) => ({
      ...view,
      snapshot: { ...view.snapshot, allocations: [first ?? second, { ...(second ?? first) }] as typeof allocations },
    }),
    'app db',
  ],
  ['with other rules', () => ({ ...view, config: { ...view.config, rules: [] } }), ''],
  ['elsewhere', () => ({ ...view, snapshot: { ...view.snapshot, allocDir: '/other' } }), ''],
  ['of an nvl that is one of them', () => ({ ...view, ownAllocId: idOf(2) }), ''],
])('%s: what is known of a task is worked out again only where that may have changed', (_, next, kept) => {
  const nodeTasks = new NodeTasks();
  const before = nodeTasks.of(view);
  const after = nodeTasks.of(next(allocations));
  expect(after).toHaveLength(3);
  expect(after.flatMap((task, at) => (task === before[at] ? [task.task.name] : [])).join(' ')).toBe(kept);
});

test('what nvl itself prints is not wanted, whatever else its job runs', () => {
  const wanted = new NodeTasks().of({ ...view, ownAllocId: idOf(1) }).map((task) => task.wanted !== undefined);
  // Both are of one job.
  expect(wanted).toEqual([false, false, false]);
});

test('an nvl within a group wants all of its allocation but the task that it is', () => {
  const [first] = allocations;
  const snapshot = { allocations: first === undefined ? [] : [first], allocDir: '/alloc', only: idOf(1) };
  const wanted = (ownTask: string) =>
    new NodeTasks()
      .of({ ...view, snapshot, ownAllocId: idOf(1), ownTask })
      .map(({ task, wanted: found }) => [task.name, found?.names.logDir]);
  expect(wanted('db')).toEqual([
    ['app', '/alloc/logs'],
    ['db', undefined],
  ]);
});
