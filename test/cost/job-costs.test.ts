import { expect, test } from 'vitest';
import { type Amount, jobCosts, type TaskCost } from '../../lib/cost/job-costs.ts';
import type { SampleRun } from '../../lib/cost/sample.ts';

/** A hundred lines of ten bytes, so many of which pass as events of so many bytes. */
const aRun = (passed: number, eventBytes = 20, reasons: [string, number][] = []): SampleRun => ({
  lines: 100,
  passed,
  bytes: 1_000,
  eventBytes: passed * eventBytes,
  reasons: new Map(reasons),
});

const aTask = (given: Partial<TaskCost> & { perDay?: number } = {}): TaskCost => {
  const { perDay = 1_000, ...rest } = given;
  return {
    namespace: 'default',
    job: 'shop',
    volume: { bytesPerDay: perDay, isWhole: true, overMs: 1 },
    before: aRun(100),
    after: aRun(100),
    by: '100 lines',
    ...rest,
  };
};

const NOT_KNOWN: SampleRun = { unknown: 'its throttle' };

const shown = (amount: Amount): string =>
  amount === undefined ? '?' : `${amount.isWhole ? '' : '>='}${Math.round(amount.value * 1e6) / 1e6}`;

const costOf = (tasks: TaskCost[]) => {
  const [{ shipped, dropped } = { shipped: undefined, dropped: undefined }] = jobCosts(tasks);
  return `${shown(shipped?.before)} -> ${shown(shipped?.after)}, ${shown(dropped?.before)} -> ${shown(dropped?.after)}`;
};

test.each<[string, TaskCost[], string]>([
  ['the same', [aTask()], '2000 -> 2000, 0 -> 0'],
  ['eight in ten are dropped', [aTask({ after: aRun(20) })], '2000 -> 400, 0 -> 0.8'],
  ['events become larger, and no line is dropped', [aTask({ after: aRun(100, 50) })], '2000 -> 5000, 0 -> 0'],
  ['it is no longer collected', [aTask({ after: undefined })], '2000 -> 0, 0 -> 0'],
  ['it was not collected', [aTask({ before: undefined, after: aRun(50) })], '0 -> 1000, 0 -> 0.5'],
  [
    'nobody measured it: what is dropped is known all the same',
    [aTask({ volume: undefined, after: aRun(50) })],
    '? -> ?, 0 -> 0.5',
  ],
  ['it cannot be run', [aTask({ after: NOT_KNOWN })], '2000 -> ?, 0 -> ?'],
  [
    'a task of two is not measured: at least the other',
    [aTask(), aTask({ volume: undefined })],
    '>=2000 -> >=2000, 0 -> 0',
  ],
  [
    'a share is known of all tasks or of none',
    [aTask({ after: aRun(50) }), aTask({ after: NOT_KNOWN })],
    '4000 -> >=1000, 0 -> ?',
  ],
  [
    'shares count by what tasks write',
    [aTask({ perDay: 9_000, after: aRun(0) }), aTask({ perDay: 1_000 })],
    '20000 -> 2000, 0 -> 0.9',
  ],
  [
    'of tasks that write nothing all count alike',
    [aTask({ perDay: 0, after: aRun(0) }), aTask({ perDay: 0 })],
    '0 -> 0, 0 -> 0.5',
  ],
  ['a sample without lines tells nothing', [aTask({ after: { ...aRun(0), lines: 0, bytes: 0 } })], '2000 -> ?, 0 -> ?'],
  [
    'one stream alone is measured: at least that',
    [aTask({ volume: { bytesPerDay: 10, isWhole: false, overMs: 1 } })],
    '>=20 -> >=20, 0 -> 0',
  ],
])('%s', (_, tasks, expected) => {
  expect(costOf(tasks)).toBe(expected);
});

test('each job has its own figures, also where another namespace has one of its name', () => {
  const costs = jobCosts([aTask(), aTask({ namespace: 'other', perDay: 5 }), aTask({ job: 'site' })]);
  expect(costs.map(({ namespace, job, written }) => [namespace, job, written?.value])).toEqual([
    ['default', 'shop', 1_000],
    ['other', 'shop', 5],
    ['default', 'site', 1_000],
  ]);
});

test('why lines are dropped is told by how often, and why something is not known once', () => {
  const after = aRun(10, 20, [
    ['parse: aborted', 20],
    ['some: sampled out', 70],
  ]);
  const [cost] = jobCosts([aTask({ after }), aTask({ after }), aTask({ volume: undefined, before: NOT_KNOWN })]);
  expect(cost?.reasons).toEqual(['some: sampled out', 'parse: aborted']);
  expect(cost?.unknown).toEqual(['the recording has no log sizes of 1 of its tasks', 'its throttle']);
});
