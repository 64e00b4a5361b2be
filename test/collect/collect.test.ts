import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { collectTasks, type RunningTasks } from '../../lib/collect/collect.ts';
import { NodeTasks } from '../../lib/collect/node-tasks.ts';
import type { Config } from '../../lib/config/config.ts';
import { stemOf } from '../../lib/context/id.ts';
import { positionsReader } from '../../lib/files/checkpoints.ts';
import { lookOnly } from '../../lib/files/log-access.ts';
import type { Allocation } from '../../lib/nomad/allocation.ts';
import type { TaskRecord } from '../../lib/state/record.ts';
import { ALLOC_DIR, aConfig, anAllocation, anAnswer, idOf } from '../support/builders.ts';
import { HOUR, SECOND, T0 } from './support.ts';

type Existence = 'present' | 'gone' | 'hidden';

const collect = async ({
  allocations = [],
  tasks = {},
  hasLeader = true,
  exists = async () => 'gone',
  self = false,
  ownAllocId,
  allocDir = ALLOC_DIR,
  dataDir,
  over = [],
  nodeTasks = new NodeTasks(),
  running = new WeakMap(),
  now = T0,
}: {
  allocations?: Allocation[];
  tasks?: Record<string, TaskRecord>;
  hasLeader?: boolean;
  exists?: (allocId: string) => Promise<Existence>;
  self?: boolean;
  ownAllocId?: string;
  allocDir?: string;
  dataDir?: string;
  over?: string[];
  nodeTasks?: NodeTasks;
  running?: RunningTasks;
  now?: number;
}) => {
  const snapshot = { ...anAnswer(...allocations), hasLeader, allocDir, over: new Set(over) };
  const config = aConfig({ collect: { self }, rules: RULES });
  return collectTasks({
    snapshot,
    tasks: nodeTasks.of({ snapshot, config, ownAllocId }),
    running,
    nodeSource: { ask: async () => snapshot, exists },
    state: { schema: 1, installedAt: 0, tasks },
    config,
    logAccess: lookOnly({ links: '/nowhere', held: '/nowhere', pins: '/nowhere' }),
    positionsOf: positionsReader(dataDir),
    isRecorded: false,
    now,
    signal: new AbortController().signal,
  });
};

const RULES: Config['rules'] = [];

const idsOf = (collectedTasks: Awaited<ReturnType<typeof collect>>) =>
  collectedTasks.filter(({ decision }) => decision.isCollected).map(({ id }) => id);
const app = (digit: number) => stemOf({ allocId: idOf(digit), task: 'app' });
const known = (digit: number, more: Partial<TaskRecord> = {}): Record<string, TaskRecord> => ({
  [app(digit)]: {
    allocId: idOf(digit),
    task: 'app',
    namespace: 'default',
    job: 'shop',
    profile: 'default',
    logDir: '/nowhere/at/all',
    phase: 'collected',
    ...more,
  },
});

test.each([
  ['all tasks of all allocations', [anAllocation({ tasks: ['app', 'db'] }), anAllocation({ id: idOf(2) })], 3],
  ['pending ones too, to be ready before their first line', [anAllocation({ status: 'pending', state: '' })], 1],
  ['none whose logs are disabled', [anAllocation({ logsDisabled: true })], 0],
  ['none that opted out', [anAllocation({ jobMeta: { nvl_enabled: 'false' } })], 0],
  [
    'one that opted in again',
    [anAllocation({ jobMeta: { nvl_enabled: 'false' }, taskMeta: { nvl_enabled: 'true' } })],
    1,
  ],
  ['one that Nomad has lost sight of', [anAllocation({ status: 'unknown', state: 'running' })], 1],
])('collected: %s', async (_, allocations, count) => {
  expect(idsOf(await collect({ allocations }))).toHaveLength(count);
});

test("nvl's own job is collected only when collect.self says so", async () => {
  const allocations = [anAllocation({ id: idOf(1), job: 'nvl' }), anAllocation({ id: idOf(2), job: 'shop' })];
  expect(idsOf(await collect({ allocations, ownAllocId: idOf(1) }))).toEqual([app(2)]);
  expect(idsOf(await collect({ allocations, ownAllocId: idOf(1), self: true }))).toEqual([app(1), app(2)]);
});

test.each<[string, boolean, Existence, boolean]>([
  ['is gone', true, 'gone', true],
  ['is there: the list was filtered', true, 'present', false],
  ['may not be seen', true, 'hidden', false],
  ['is gone, says an answer without a leader', false, 'gone', false],
])('a task that the list lacks, whose allocation %s', async (_, hasLeader, answer, ends) => {
  const [collectedTask] = await collect({ tasks: known(1), hasLeader, exists: async () => answer });
  expect(collectedTask?.decision).toMatchObject({ isCollected: true, isLinked: true });
  // Also then its removal delay begins, and it stays for now.
  expect(collectedTask?.decision.record?.finishedAt).toBe(ends ? T0 : undefined);
});

test('an allocation that could not be asked about is not believed gone, and is asked about once for all its tasks', async () => {
  let snapshot = 0;
  const exists = async (): Promise<Existence> => {
    snapshot += 1;
    throw new Error('away');
  };
  const sidecar = stemOf({ allocId: idOf(1), task: 'sidecar' });
  const tasks = { ...known(1), [sidecar]: { ...known(1)[app(1)], task: 'sidecar' } as TaskRecord };
  const collectedTasks = await collect({ tasks, exists });
  expect(idsOf(collectedTasks)).toEqual([app(1), sidecar]);
  expect(collectedTasks.map(({ decision }) => decision.record?.finishedAt)).toEqual([undefined, undefined]);
  expect(snapshot).toBe(1);
});

test('a task that opts out while it runs is let go of at once', async () => {
  const allocations = [anAllocation({ taskMeta: { nvl_enabled: 'false' } })];
  expect(await collect({ allocations, tasks: known(1), exists: async () => 'present' })).toEqual([
    { id: app(1), listed: undefined, decision: { record: undefined, isCollected: false, isLinked: false } },
  ]);
});

test('a drained task that Nomad has forgotten is forgotten with its folder, not before', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-alloc-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const drained = { phase: 'drained' as const, finishedAt: T0 - HOUR, files: [] };
  await mkdir(join(folder, idOf(1), 'alloc', 'logs'), { recursive: true });
  const [there] = await collect({ tasks: known(1, drained), allocDir: folder });
  const [gone] = await collect({ tasks: known(1, drained) });
  expect(there?.decision.record?.phase).toBe('drained');
  expect(gone?.decision.record).toBeUndefined();
});

const PIPELINE = 'nvl_default_0';

/** A folder where another is looked for cannot be told from one that nvl may not read: both are an error to it. */
const aDataDirThatCannotBeRead = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-data-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, PIPELINE, 'checkpoints.json'), { recursive: true });
  return folder;
};

test('what nvl may not read keeps its task collected, and no other one, until the ceiling', async () => {
  const dataDir = await aDataDirThatCannotBeRead();
  const finishedAt = new Date(T0 - HOUR).toISOString();
  const dead = [1, 2].map((digit) => anAllocation({ id: idOf(digit), status: 'complete', finishedAt }));
  const first = await collect({ allocations: dead, tasks: known(1, { pipeline: PIPELINE }), dataDir });
  expect(idsOf(first)).toEqual([app(1)]);
  expect(first[0]?.decision).toMatchObject({ isLinked: true, fault: { code: 'allocDirUnreadable' } });
  // Nomad has forgotten it since; when it finished is remembered.
  const tasks = { [app(1)]: first[0]?.decision.record as TaskRecord };
  expect(idsOf(await collect({ tasks, dataDir, now: T0 + 22 * HOUR }))).toEqual([app(1)]);
  const [over] = await collect({ tasks, dataDir, now: T0 + 23 * HOUR });
  expect(over?.decision).toMatchObject({ isCollected: true, isLinked: false, record: { phase: 'unlinked' } });
});

test('when a task finished is told by Nomad, or by when its allocation changed, and never lies ahead', async () => {
  const finishOf = async (given: Parameters<typeof anAllocation>[0]) =>
    (await collect({ allocations: [anAllocation(given)], tasks: known(1) }))[0]?.decision.record?.finishedAt;
  const at = (ms: number) => new Date(ms).toISOString();
  expect(await finishOf({ status: 'complete', finishedAt: at(T0 - HOUR) })).toBe(T0 - HOUR);
  expect(await finishOf({ status: 'complete', finishedAt: at(T0 + HOUR) })).toBe(T0);
  // Nomad's zero time.
  expect(await finishOf({ status: 'complete', finishedAt: '0001-01-01T00:00:00Z' })).toBe(T0);
  // One task of an allocation that runs on.
  expect(await finishOf({ status: 'running', state: 'dead', finishedAt: at(T0 - HOUR) })).toBe(T0 - HOUR);
  expect(await finishOf({ status: 'running', state: 'pending' })).toBeUndefined();
});

test('a running task of which nothing has changed is decided once', async () => {
  const memory = { nodeTasks: new NodeTasks(), running: new WeakMap() };
  const allocations = [anAllocation(), anAllocation({ id: idOf(2) })];
  const recordsOf = (found: Awaited<ReturnType<typeof collect>>): Record<string, TaskRecord> =>
    Object.fromEntries(found.flatMap(({ id, decision: { record } }) => (record === undefined ? [] : [[id, record]])));
  const first = recordsOf(await collect({ allocations, ...memory }));
  const tasks = { ...first, ...known(2, { ...first[app(2)], pipeline: 'nvl_default_00000000' }) };
  // What says the same is the same object, so that nobody has to look into it.
  const second = await collect({ allocations, tasks, ...memory });
  expect(recordsOf(second)[app(1)]).toBe(tasks[app(1)]);
  expect(recordsOf(second)[app(2)]).toBe(tasks[app(2)]);
  const third = await collect({ allocations, tasks, now: T0 + HOUR, ...memory });
  expect(third[0]).toBe(second[0]);
  expect(third[1]).toBe(second[1]);
  // Nomad says something new of one, and the state of the other.
  const dead = anAllocation({ status: 'complete', finishedAt: new Date(T0 - HOUR).toISOString() });
  const moved = { ...tasks, ...known(2, { ...tasks[app(2)], phase: 'unlinked', unlinkedAt: T0 }) };
  const fourth = await collect({ allocations: [dead, allocations[1] as Allocation], tasks: moved, ...memory });
  expect(fourth[0]?.decision.record?.finishedAt).toBe(T0 - HOUR);
  expect(fourth[1]?.decision).toMatchObject({ isLinked: false, record: { phase: 'drained' } });
});

test('a drained task of an allocation that is over costs no question and no look into its files', async () => {
  const allocDir = await mkdtemp(join(tmpdir(), 'nvl-over-'));
  onTestFinished(() => rm(allocDir, { recursive: true, force: true }));
  const logs = join(allocDir, idOf(1), 'alloc', 'logs');
  await mkdir(logs, { recursive: true });
  // Longer than what was drained: it would be collected again.
  await writeFile(join(logs, 'app.stdout.0'), 'more\n');
  const tasks = known(1, { phase: 'drained', finishedAt: T0 - HOUR, files: [] });
  const given = { tasks, allocDir, over: [idOf(1)], exists: () => expect.unreachable() };
  expect(await collect(given)).toEqual([
    { id: app(1), listed: undefined, decision: { record: tasks[app(1)], isCollected: false, isLinked: false } },
  ]);
  await rm(join(allocDir, idOf(1)), { recursive: true });
  expect(await collect(given)).toMatchObject([{ decision: { record: undefined } }]);
});

test('of thousands of drained tasks some are looked up in each cycle, and each in its turn', async () => {
  const tasks = Object.fromEntries(
    Array.from({ length: 2_500 }, (_, at) => {
      const allocId = idOf(1).replace(/.{6}$/, String(at).padStart(6, '0'));
      const [record] = Object.values(known(1, { allocId, phase: 'drained', finishedAt: T0 - HOUR }));
      return [`nvl_${at}`, record as TaskRecord];
    }),
  );
  const over = Object.values(tasks).map(({ allocId }) => allocId);
  const left = new Set(Object.keys(tasks));
  for (let turn = 0; turn < 3; turn += 1) {
    const before = left.size;
    for (const { id, decision } of await collect({ tasks, over, now: T0 + turn * SECOND }))
      if (decision.record === undefined) left.delete(id);
    expect(before - left.size).toBeGreaterThan(0);
    expect(before - left.size).toBeLessThan(1_000);
  }
  expect(left.size).toBe(0);
});
