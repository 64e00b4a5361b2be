import { expect, test } from 'vitest';
import { readRecordedLogs } from '../../lib/nomad/recorded-logs.ts';
import { idOf } from '../support/builders.ts';

const AT = '2026-01-01T00:00:00Z';
const WRITTEN = { allocId: idOf(1), task: 'app', stream: 'stdout', bytes: 5, from: AT, to: '2026-01-02T00:00:00Z' };

// A recording is a file that anybody may have edited.
test.each<[string, unknown, number | undefined]>([
  ['none, as in recordings of before', undefined, undefined],
  ['no time', { written: [] }, undefined],
  ['no list', { at: AT, written: {} }, undefined],
  ['as nvl writes it', { at: AT, written: [WRITTEN] }, 1],
  ['bytes that are none', { at: AT, written: [-1, '5', null].map((bytes) => ({ ...WRITTEN, bytes })) }, 0],
  ['no such stream', { at: AT, written: [{ ...WRITTEN, stream: 'std' }, null, 7] }, 0],
  ['no time of its own', { at: AT, written: [{ ...WRITTEN, to: 'soon' }] }, 0],
])('what a recording says of logs: %s', (_, value, count) => {
  expect(readRecordedLogs(value)?.written.length).toBe(count);
});
