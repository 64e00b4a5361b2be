import { expect, test } from 'vitest';
import { parseExact } from '../../lib/exact-json.ts';
import type { Event } from '../../lib/profile-test/case.ts';
import { updateCases } from '../../lib/profile-test/update.ts';

const readTimes = { fromMs: Date.parse('2030-05-06T07:08:09Z'), toMs: Date.parse('2030-05-06T07:08:12Z') };

const CASE = '- name: a\n  lines: x\n';

/** What an update writes behind `text` when runs gave these events, the first of them now. */
const update = (runs: readonly string[], { text = CASE, lines = 'x\n', isExact = false } = {}): string => {
  const [events = [], ...others] = runs.map((run) => parseExact(`[${run}]`) as Event[]);
  return updateCases({ text, actuals: [{ position: 0, events, others, lines, isExact }], readTimes });
};

const written = (...given: Parameters<typeof update>): string => update(...given).slice(CASE.length);

test.each<[string, string[], string]>([
  [
    'the end of a reduce',
    ['{"a":1,"timestamp_end":"T1"}', '{"a":1,"timestamp_end":"T2"}'],
    'a: 1, timestamp_end: !any',
  ],
  ['what is the same each time stays', ['{"id":"x"}', '{"id":"x"}'], 'id: x'],
  ['a number as another', ['{"n":1}', '{"n":2}'], 'n: !any'],
  ['integers beyond 2^53', ['{"n":9007199254740993}', '{"n":9007199254740992}'], 'n: !any'],
  ['another kind', ['{"n":1}', '{"n":"1"}'], 'n: !any'],
  ['deep inside', ['{"o":{"a":1,"b":"x"}}', '{"o":{"a":1,"b":"y"}}'], 'o: { a: 1, b: !any }'],
  ['in a list', ['{"l":[1,"x"]}', '{"l":[1,"y"]}'], 'l: [ 1, !any ]'],
  ['a list that grows', ['{"l":[1]}', '{"l":[1,2]}'], 'l: !any'],
  ['only now and then there', ['{"a":1,"b":2}', '{"a":1}'], 'a: 1'],
  ['in the third run', ['{"b":true}', '{"b":true}', '{"b":false}'], 'b: !any'],
])('what differs from run to run is no value: %s', (_, runs, expected) => {
  const text = `${CASE}  events:\n    - {}\n`;
  expect(update(runs, { text, isExact: true })).toBe(`${CASE}  events:\n    - { ${expected} }\n`);
});

test.each([
  ['now()', '"2030-05-06T07:08:10.123456789Z"'],
  ['its day', '"2030-05-06"'],
  ['its day as a log writes it', '"[06/May/2030] x"'],
  ['an index by day', '"logs-2030.05.06"'],
  ['seconds', String(readTimes.fromMs / 1000)],
  ['milliseconds', String(readTimes.fromMs + 1)],
  ['nanoseconds', `${readTimes.fromMs + 1}000001`],
  ['nanoseconds as text', `"${readTimes.fromMs + 1}000001"`],
  ['a float of seconds', `${readTimes.fromMs / 1000}.25`],
  ['the host', '"a-host"'],
])('what tells when or where it was read is no value, though it is the same in both runs: %s', (_, value) => {
  const event = `{"host":"a-host","v":${value}}`;
  expect(written([event, event])).toBe('  events:\n    - v: !any\n');
});

test.each([['2030-05-06T07:08:10Z'], ['2030-05-06'], ['a-host']])('the same in the line is a value: %s', (value) => {
  const event = `{"host":"a-host","v":"${value}"}`;
  expect(written([event, event], { lines: `at ${value} it was\n` })).toBe(`  events:\n    - v: ${value}\n`);
});

test('a time without a year in its line is of this year, and the rest of it counts', () => {
  const event = '{"at":"2030-01-02T03:04:05.5Z"}';
  expect(written([event], { lines: '<13>Jan  2 03:04:05 x\n' })).toBe(
    "  events:\n    - at: !regex '^\\d{4}-01-02T03:04:05\\.5Z$'\n",
  );
  expect(written([event], { lines: 'Jan  2 03:04:05 2030 x\n' })).toBe('  events:\n    - at: 2030-01-02T03:04:05.5Z\n');
});

test('a matcher that fits all runs stays, and a value does not', () => {
  const text = `${CASE}  events:\n    - id: !regex '^[0-9]+$' # an id\n      at: !any\n      n: 5\n      o: { x: 1 }\n`;
  expect(update(['{"id":"1","at":1,"n":6,"o":{"x":3}}', '{"id":"2","at":2,"n":7,"o":{"x":4}}'], { text })).toBe(
    `${CASE}  events:\n    - id: !regex '^[0-9]+$' # an id\n      at: !any\n      n: !any\n      o: { x: !any }\n`,
  );
});

test('matchers of a file in brackets are written once, those of its other cases too', () => {
  const text =
    "[{ name: a, lines: x, events: [{ n: 1 }] }, { name: b, lines: y, events: [{ m: !any , r: !regex 'x' }] }]\n";
  expect(update(['{"n":1,"m":1}', '{"n":2,"m":1}'], { text, isExact: true })).toMatch(
    /events:\s*\[ \{ n: !any, m: 1 \} \][\s\S]*events: \[ \{ m: !any, r: !regex 'x' \} \]/,
  );
});

test('several of them are written out, not as aliases of the first', () => {
  const runs = ['{"a":1,"b":[1,{"c":1}]}', '{"a":2,"b":[2,{"c":2}]}'];
  expect(written(runs)).toBe('  events:\n    - a: !any\n      b:\n        - !any\n        - c: !any\n');
  const text = `${CASE}  events:\n    - a: 0\n`;
  expect(update(runs, { text, isExact: true })).toBe(
    `${CASE}  events:\n    - a: !any\n      b:\n        - !any\n        - c: !any\n`,
  );
});
