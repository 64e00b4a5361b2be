import { expect, test } from 'vitest';
import { NvlError } from '../../lib/errors.ts';
import type { TaskRecord } from '../../lib/state/record.ts';
import { EMPTY_LOG } from '../../lib/status/cycle-log.ts';
import { makeStatus } from '../../lib/status/make-status.ts';
import { anAllocation, idOf } from '../support/builders.ts';
import { aFile, heldFacts, heldFor, NOW } from './support.ts';

const stateOf = async (
  given: Parameters<typeof anAllocation>[0],
  recordOf: (record: TaskRecord) => TaskRecord | undefined = (record) => record,
) => {
  const { list } = makeStatus({ held: await heldFor([anAllocation(given)], { recordOf }) });
  return list.map(({ state, why }) => [state, ...why]);
};

test.each([
  ['it runs, and Vector has its labels', {}, undefined, [['reading']]],
  [
    'Vector does not have its labels',
    {},
    ({ loadedAt: _, ...record }: TaskRecord) => record,
    [['waiting', 'Vector does not have its labels yet']],
  ],
  ['it has ended', { status: 'complete' }, (record: TaskRecord) => ({ ...record, finishedAt: NOW }), [['finishing']]],
  [
    'it has ended and was read',
    { status: 'complete' },
    (record: TaskRecord) => ({ ...record, phase: 'drained' as const, finishedAt: NOW }),
    [['done']],
  ],
  [
    'it had ended before nvl came, and has no lines',
    { status: 'complete', finishedAt: '1970-01-02T00:00:00Z' },
    () => undefined,
    [['notCollected', 'it had finished before, and collect.backfill leaves it out, or it wrote nothing']],
  ],
  [
    'its meta says no',
    { jobMeta: { nvl_enabled: 'false' } },
    undefined,
    [['notCollected', 'its meta says so (nvl_enabled)']],
  ],
  [
    'Nomad keeps no logs of it',
    { logsDisabled: true },
    undefined,
    [['notCollected', 'its job has Nomad keep no logs of it (logs { disabled = true })']],
  ],
])('a task: %s', async (_, given, recordOf, expected) => {
  expect(await stateOf(given, recordOf)).toEqual(expected);
});

test('an opt-out that is no clear one says which key it was', async () => {
  const [[state, why] = []] = await stateOf({ taskMeta: { nvl_enabeld: 'maybe' } });
  expect([state, why]).toEqual(['notCollected', expect.stringContaining('nvl_enabeld')]);
});

test('what is refused says what ships in its place, and one without anything is left out', async () => {
  const held = await heldFor([anAllocation()]);
  const [{ id = '' } = {}] = held.seen.tasks;
  const errors = [new NvlError('vectorRefused', { message: 'no such function' })];
  const withRefused = (instead: 'default' | 'nothing') =>
    makeStatus({ held: { ...held, seen: { ...held.seen, refused: [{ key: id, heading: 'web', errors, instead }] } } });
  expect(withRefused('default').list[0]).toMatchObject({
    state: 'reading',
    why: ['ships by default, unparsed and marked: no such function'],
  });
  expect(withRefused('nothing').list[0]).toMatchObject({ state: 'leftOut', why: ['left out: no such function'] });
});

test('bytes of a task are those of its files, and what is not known is null', async () => {
  const held = await heldFor([anAllocation()]);
  const [{ id = '' } = {}] = held.seen.tasks;
  const of = (...files: ReturnType<typeof aFile>[]) =>
    makeStatus({ held: { ...held, sample: { at: NOW, files } } }).list[0];
  expect(
    of(
      aFile({ id, bytes: 100, readBytes: 60 }),
      aFile({ id, stream: 'stderr', bytes: 30, readBytes: 0, isOnlyCopy: true }),
    ),
  ).toMatchObject({
    readBytes: 60,
    unreadBytes: 70,
    heldBytes: 30,
    lastLineAt: NOW - 5_000,
  });
  expect(of(aFile({ id, readBytes: undefined }))).toMatchObject({ readBytes: null, unreadBytes: null });
  expect(of(aFile({ id, bytes: 0, readBytes: 0 }))?.lastLineAt).toBeNull();
  expect(makeStatus({ held: { ...held, sample: undefined } }).list[0]).toMatchObject({ unreadBytes: null });
});

test('seconds of safety are the least of its streams, and of the node the least of its tasks', async () => {
  const held = await heldFor([anAllocation(), anAllocation({ id: idOf(2), job: 'db' })]);
  const [one = '', other = ''] = held.seen.tasks.map(({ id }) => id);
  const files = [aFile({ id: one }), aFile({ id: one, stream: 'stderr' as const }), aFile({ id: other })];
  const moments = (perSecond: number) => [
    { at: 0, index: 0, bytes: 0, total: 0 },
    { at: 1_000, index: 0, bytes: perSecond, total: perSecond },
  ];
  const history = new Map([
    [`${one}.stdout`, moments(1_000)],
    [`${one}.stderr`, moments(100_000)],
    [`${other}.stdout`, moments(0)],
  ]);
  const status = makeStatus({ held: { ...held, history, sample: { at: NOW, files } } });
  const seconds = new Map(status.list.map(({ id, secondsOfSafety }) => [id, secondsOfSafety]));
  // Ten files of 10 MiB, of which 100 bytes are written.
  expect(seconds.get(one)).toBeCloseTo((100 * 1_024 * 1_024 - 100) / 100_000);
  expect(seconds.get(other)).toBeNull();
  expect(status.logs.secondsOfSafety).toBe(seconds.get(one));
});

test('asked for a job, each file says why it is not read; also what is no log', async () => {
  const held = await heldFor([anAllocation({ job: 'web' }), anAllocation({ id: idOf(2), job: 'db' })]);
  const [{ id = '', allocation }] = held.seen.tasks as [(typeof held.seen.tasks)[number]];
  const status = makeStatus({
    held: {
      ...held,
      sample: { at: NOW, files: [aFile({ id, readBytes: 0, isOnlyCopy: true }), aFile({ id, index: 1 })] },
      refusedFiles: [
        { allocId: allocation.id, name: 'app.stdout.9', why: 'it is a symbolic link' },
        { allocId: idOf(2), name: 'app.stdout.7', why: 'it is a pipe' },
      ],
    },
    asked: { job: 'web' },
  });
  expect(status.list.map(({ job }) => job)).toEqual(['web']);
  expect(status.list[0]?.why).toEqual(['1 file beside its logs refused']);
  expect(status.list[0]?.files.map(({ name, why }) => [name, why])).toEqual([
    ['stdout.0', 'Vector has not delivered any of it yet; Nomad has deleted it, and nvl keeps it'],
    ['stdout.1', null],
    ['app.stdout.9', 'it is refused: it is a symbolic link'],
  ]);
});

test('what is refused is told of the task whose log it would be, or of all where it is no log', async () => {
  const held = await heldFor([anAllocation({ tasks: ['app', 'db'] })]);
  const refusedFiles = ['app.stdout.9', 'alloc/logs'].map((name) => ({ allocId: idOf(1), name, why: 'it is a pipe' }));
  const { list } = makeStatus({ held: { ...held, refusedFiles }, asked: { job: 'shop' } });
  const files = new Map(list.map(({ task, files }) => [task, files.map(({ name }) => name)]));
  expect(Object.fromEntries(files)).toEqual({ app: ['app.stdout.9', 'alloc/logs'], db: ['alloc/logs'] });
});

test.each([
  ['its id', { job: 'web' }, 1],
  ["its parent's", { job: 'cron' }, 1],
  ["the beginning of an allocation's", { job: idOf(1).slice(0, 8) }, 1],
  ['one task of it', { job: 'web', task: 'app' }, 1],
  ['a task that it does not have', { job: 'web', task: 'other' }, 0],
  ['another one', { job: 'we' }, 0],
])('a job is found by %s', async (_, asked, count) => {
  const held = await heldFor([anAllocation({ job: 'web', parent: 'cron' })]);
  expect(makeStatus({ held, asked }).list).toHaveLength(count);
});

test('what needs a look comes first, and the rest is counted', async () => {
  const held = await heldFor([
    anAllocation({ id: idOf(1), job: 'off', jobMeta: { nvl_enabled: 'false' } }),
    anAllocation({ id: idOf(2), job: 'well' }),
    anAllocation({ id: idOf(3), job: 'waits' }),
  ]);
  const tasks = Object.fromEntries(
    Object.entries(held.state.tasks).map(([id, { loadedAt, ...record }]) => [
      id,
      record.job === 'waits' || loadedAt === undefined ? record : { ...record, loadedAt },
    ]),
  );
  const status = makeStatus({ held: { ...held, state: { tasks } }, limit: 2 });
  expect(status.list.map(({ job }) => job)).toEqual(['waits', 'well']);
  expect(status.leftOut).toBe(1);
  expect(status.tasks).toEqual({ leftOut: 0, waiting: 1, finishing: 0, reading: 1, notCollected: 1, done: 0 });
});

test('a Vector that does not run is a fault, and what went unread lately', () => {
  const { faults } = makeStatus({
    held: heldFacts({
      vector: { runBy: 'nvl', pid: null, startedAt: null, hasStarted: false, generation: null, loadedAt: null },
      unread: [
        { task: 'a/app', why: 'hold', files: 1, bytes: 7, firstAt: NOW - 10, lastAt: NOW - 10 },
        { task: 'b/app', why: 'hold', files: 1, bytes: 5, firstAt: 0, lastAt: NOW - 7_200_000 },
      ],
    }),
  });
  expect(faults.map(({ kind, about }) => [kind, about])).toEqual([
    ['vector', null],
    ['unread', 'a/app'],
  ]);
});

test('a thousand tasks of one bad profile do not hide a sink that tries again', () => {
  const fault = { since: NOW, message: 'no', said: null, advice: null };
  const bad = Array.from({ length: 1_000 }, (_, n) => ({
    ...fault,
    ...{ level: 'red' as const, kind: 'quarantine' as const, about: `job-${n}` },
  }));
  const away = { ...fault, level: 'yellow' as const, kind: 'delivery' as const, about: 'loki' };
  const { faults } = makeStatus({ held: heldFacts({ cycles: { ...EMPTY_LOG, foundFaults: [...bad, away] } }) });
  expect([faults.length, faults.at(-1)?.about]).toEqual([101, 'loki']);
});

test('a node of a thousand tasks, each with two files, takes some milliseconds', async () => {
  const allocations = Array.from({ length: 1_000 }, (_, n) =>
    anAllocation({ id: `${String(n).padStart(8, '0')}-0000-4000-8000-000000000000`, job: `job-${n}` }),
  );
  const held = await heldFor(allocations);
  const files = held.seen.tasks.flatMap(({ id }) => [aFile({ id }), aFile({ id, stream: 'stderr' as const })]);
  const startedAt = process.cpuUsage();
  const status = makeStatus({ held: { ...held, sample: { at: NOW, files } } });
  const { user } = process.cpuUsage(startedAt);
  expect(status.tasks.reading).toBe(1_000);
  // Generous: a loop over tasks within one would take a hundred times as long.
  expect(user / 1_000).toBeLessThan(500);
});
