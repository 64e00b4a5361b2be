import { expect, test } from 'vitest';
import { sinkParts } from '../../lib/cost/sink-parts.ts';
import { countStreams, type LabelSet } from '../../lib/cost/stream-count.ts';

const aSet = (labels: Record<string, string>, given: Partial<LabelSet> = {}): LabelSet => ({
  labels: new Map(Object.entries(labels)),
  isNow: true,
  weight: undefined,
  ...given,
});

const many = (count: number, labels: (index: number) => Record<string, string>, given: Partial<LabelSet> = {}) =>
  Array.from({ length: count }, (_, index) => aSet(labels(index), given));

test.each<[string, LabelSet[], { now: number; perDay: number | undefined; by?: string | undefined }]>([
  ['no task', [], { now: 0, perDay: 0 }],
  ['equal sets are one stream', many(5, () => ({ job: 'a' })), { now: 1, perDay: 1 }],
  [
    'what ended with the same labels is no other',
    [aSet({ job: 'a' }), aSet({ job: 'a' }, { isNow: false })],
    { now: 1, perDay: 1 },
  ],
  [
    'whichever of the two is told first',
    [aSet({ job: 'a' }, { isNow: false, weight: 3 }), aSet({ job: 'a' })],
    { now: 1, perDay: 1 },
  ],
  [
    'an id of each allocation: those that ended come again, as often as in a day',
    [...many(2, (n) => ({ id: `r${n}` })), ...many(12, (n) => ({ id: `e${n}` }), { isNow: false, weight: 4 })],
    { now: 2, perDay: 50, by: 'id, 1 without it' },
  ],
  ['nobody knows how often', [aSet({ id: 'a' }), aSet({ id: 'b' }, { isNow: false })], { now: 1, perDay: undefined }],
  ['few are nobody’s fault', many(9, (n) => ({ id: `${n}` })), { now: 9, perDay: 9, by: undefined }],
  [
    'the label that makes them many is named, and not one beside it',
    many(40, (n) => ({ job: `j${n % 4}`, alloc: `a${n}` })),
    { now: 40, perDay: 40, by: 'alloc, 4 without it' },
  ],
  [
    'many jobs are many streams, by no label',
    many(40, (n) => ({ job: `j${n}`, also: `j${n}` })),
    { now: 40, perDay: 40, by: undefined },
  ],
])('streams: %s', (_, sets, { by, ...expected }) => {
  const { by: found, ...counts } = countStreams(sets);
  expect(counts).toEqual(expected);
  expect(found && `${found.label}, ${found.without} without it`).toBe(by);
});

test.each<[string, Record<string, unknown>, Record<string, string> | undefined]>([
  [
    'Loki’s labels',
    { type: 'loki', labels: { job: '{{ nomad.job_name }}', env: 'prod' } },
    { job: '{{ nomad.job_name }}', env: 'prod' },
  ],
  [
    'and its tenant',
    { type: 'loki', labels: { a: 'b' }, tenant_id: '{{ team }}' },
    { a: 'b', tenant_id: '{{ team }}' },
  ],
  ['labels that are the same for all', { type: 'loki', labels: { a: 'b' } }, undefined],
  [
    'a file for each job and day',
    { type: 'file', path: '/logs/{{ nomad.job_name }}-%Y-%m-%d.log' },
    { path: '/logs/{{ nomad.job_name }}---.log' },
  ],
  [
    'indices',
    { type: 'elasticsearch', bulk: { index: 'logs-{{ nomad.namespace }}' } },
    { 'bulk.index': 'logs-{{ nomad.namespace }}' },
  ],
  ['topics', { type: 'kafka', topic: '{{ topic }}' }, { topic: '{{ topic }}' }],
  ['prefixes', { type: 'aws_s3', key_prefix: 'a/{{ b }}/%F' }, { key_prefix: 'a/{{ b }}/' }],
  ['nothing to tell events apart by', { type: 'console' }, undefined],
  ['options of no known form', { type: 'loki', labels: 7 }, undefined],
])('by what a sink tells events apart: %s', (_, table, expected) => {
  const parts = sinkParts(table);
  expect(parts && Object.fromEntries(parts.labels)).toEqual(expected);
});
