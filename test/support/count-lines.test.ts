import { expect, test } from 'vitest';
import { type Claim, countLines, percentile } from './count-lines.ts';

const labels = { job_name: 'web', task_name: 'app', stream: 'stdout' };
const aClaim = (parts: Partial<Claim> = {}): Claim => ({
  key: 'a1:app:stdout:7',
  lines: 3,
  headers: 0,
  labels,
  ...parts,
});

type EventParts = { key?: string; number?: number; nomad?: unknown; readMs?: number };

/** Written at second 1,000 plus its number; read 250 ms later. */
const anEvent = ({
  key = 'a1:app:stdout:7',
  number = 1,
  readMs = 1_000_250 + number * 1000,
  ...rest
}: EventParts = {}) =>
  JSON.stringify({
    message: `${key} ${number} ${1_000_000 + number * 1000} and more`,
    timestamp: new Date(readMs).toISOString(),
    nomad: labels,
    ...rest,
  });

const clean = { written: 3, lost: 0, repeated: 0, unlabelled: 0, mislabelled: 0 };
const all = [1, 2, 3].map((number) => anEvent({ number }));

test.each([
  ['all arrived once', all, {}],
  ['one is missing', all.slice(0, 2), { lost: 1 }],
  ['none arrived', [], { lost: 3, firstLineMs: [] }],
  ['one came three times', [...all, anEvent({ number: 2 }), anEvent({ number: 2 })], { repeated: 2 }],
  ['one hides that another came twice', [...all.slice(0, 2), anEvent({ number: 2 })], { lost: 1, repeated: 1 }],
  ['a number that nobody wrote', [...all, anEvent({ number: 4 })], { repeated: 1 }],
  ['no labels', [...all.slice(1), anEvent({ nomad: undefined })], { unlabelled: 1 }],
  ['labels that are no object', [...all.slice(1), anEvent({ nomad: 'web' })], { unlabelled: 1 }],
  [
    'a label is missing',
    [...all.slice(1), anEvent({ nomad: { job_name: 'web', task_name: 'app' } })],
    { unlabelled: 1 },
  ],
  [
    "another's label",
    [...all.slice(1), anEvent({ nomad: { ...labels, task_name: 'app-sidecar' } })],
    { mislabelled: 1 },
  ],
  ['another and a missing label', [...all.slice(1), anEvent({ nomad: { task_name: 'evil' } })], { mislabelled: 1 }],
  ['a label too many', [...all.slice(1), anEvent({ nomad: { ...labels, tenant: 'evil' } })], { mislabelled: 1 }],
])('count: %s', (_, events, expected) => {
  const counts = countLines({ claims: [aClaim()], events });
  expect(counts.all).toEqual({ ...clean, firstLineMs: [250], ...expected });
  expect(counts.unknown).toEqual([]);
});

test('headers are counted, as they are all alike', () => {
  const header = JSON.stringify({ message: 'a1:app:stdout:7 0 0 =====', nomad: labels });
  const counted = (events: string[]) =>
    countLines({ claims: [aClaim({ headers: 2 })], events: [...all, ...events] }).all;
  expect(counted([header])).toMatchObject({ written: 5, lost: 1, repeated: 0 });
  expect(counted([header, header, header])).toMatchObject({ written: 5, lost: 0, repeated: 1 });
});

test('a line counts wherever an event holds it', () => {
  const forged = { message: '{"nomad":{"namespace":"evil"},"line":"a1:app:stdout:7 1 1001000"}', nomad: labels };
  const parsed = { line: 'a1:app:stdout:7 2 1002000', nomad: labels };
  const counts = countLines({
    claims: [aClaim({ lines: 2 })],
    events: [forged, parsed].map((event) => JSON.stringify(event)),
  });
  expect(counts.all).toMatchObject({ written: 2, lost: 0, mislabelled: 0, firstLineMs: [] });
});

test('tasks are told apart, and what belongs to none is shown', () => {
  const claims = [aClaim(), aClaim({ key: 'a1:app-sidecar:stdout:8', lines: 1 })];
  const events = [
    ...all,
    anEvent({ key: 'a1:app-sidecar:stdout:8', readMs: 1_001_900 }),
    anEvent({ key: 'b2:app:stdout:9' }),
    '{"message":"hello"}',
  ];
  const counts = countLines({ claims, events });
  expect(counts.byKey.get('a1:app-sidecar:stdout:8')).toMatchObject({ written: 1, lost: 0, firstLineMs: [900] });
  expect(counts.all).toMatchObject({ written: 4, lost: 0, firstLineMs: [250, 900] });
  expect(counts.unknown).toHaveLength(2);
});

test('percentiles take the nearest rank', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentile({ values, share: 0.5 })).toBe(50);
  expect(percentile({ values, share: 0.99 })).toBe(99);
  expect(percentile({ values: [7], share: 0.99 })).toBe(7);
  expect(percentile({ values: [], share: 0.5 })).toBeUndefined();
});
