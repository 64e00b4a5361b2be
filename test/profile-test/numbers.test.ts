import { expect, test } from 'vitest';
import { parseExact } from '../../lib/exact-json.ts';
import type { Event } from '../../lib/profile-test/case.ts';
import { compareEvents } from '../../lib/profile-test/compare.ts';
import { readCases } from '../../lib/profile-test/read-cases.ts';
import { updateCases } from '../../lib/profile-test/update.ts';

const readTimes = { fromMs: Date.parse('2030-01-01T00:00:00Z'), toMs: Date.parse('2030-01-01T00:01:00Z') };

const read = (text: string) => readCases({ profile: 'p', file: 'a.yaml', text });
const aCase = (event: string): string => `- name: a\n  lines: x\n  events:\n    - ${event}\n`;

/** What is told when `event` is expected and Vector writes `json`. */
const told = (event: string, json: string): string => {
  const { cases, faults } = read(aCase(event));
  expect(faults).toEqual([]);
  const actual = [parseExact(json) as Event];
  const differences = compareEvents({ expected: cases[0]?.events ?? [], actual, isExact: false, readTimes });
  return differences
    .flatMap(({ rows }) => rows.map(({ field, expected, actual: now }) => `${field}: ${expected} <> ${now}`))
    .join();
};

test.each([
  ['id: 1234567890123456789', '{"id":1234567890123456789}'],
  ['id: -9223372036854775808', '{"id":-9223372036854775808}'],
  ['id: 0x7fffffffffffffff', '{"id":9223372036854775807}'],
  ['id: 0o17', '{"id":15}'],
  ['id: 1', '{"id":1.0}'],
  ['id: 1.0', '{"id":1}'],
  ['id: -0', '{"id":-0.0}'],
  ['id: 1e21', '{"id":1e21}'],
  ['id: 1000000000000000000000', '{"id":1e21}'],
  ['id: .5', '{"id":0.5}'],
  ['id: [1, { b: [9007199254740993] }]', '{"id":[1,{"b":[9007199254740993]}]}'],
  ['id: 2024-01-01', '{"id":"2024-01-01"}'],
  ['id: yes', '{"id":"yes"}'],
  ['1.0: a', '{"1.0":"a"}'],
  ['1234567890123456789: a', '{"1234567890123456789":"a"}'],
])('it passes: %s, from %s', (event, json) => {
  expect(told(event, json)).toBe('');
});

test.each([
  ['id: 1234567890123456788', '{"id":1234567890123456789}', 'id: 1234567890123456788 <> 1234567890123456789'],
  ['id: 9007199254740993', '{"id":9007199254740992.0}', 'id: 9007199254740993 <> 9007199254740992.0'],
  ['id: 9007199254740993.0', '{"id":9007199254740992.0}', 'id: 9007199254740993 <> 9007199254740992.0'],
  ['id: [[9007199254740993]]', '{"id":[[9007199254740992]]}', 'id: [[9007199254740993]] <> [[9007199254740992]]'],
  ['id: { a: 9007199254740993 }', '{"id":{"a":9007199254740992}}', 'id.a: 9007199254740993 <> 9007199254740992'],
  ['id: 12345678901234567890', '{"id":1.2345678901234567e19}', 'id: 12345678901234567890 <> 1.2345678901234567e19'],
  ['id: 2', '{"id":1.0}', 'id: 2 <> 1.0'],
  ['id: 1e21', '{"id":1e22}', 'id: 1e21 <> 1e22'],
  ['id: 1_000', '{"id":1000}', 'id: "1_000" <> 1000'],
  ['id: yes', '{"id":true}', 'id: "yes" <> true'],
  ['id: 017', '{"id":15}', 'id: 17 <> 15'],
  ['id: "1"', '{"id":1}', 'id: "1" <> 1'],
  ['id: [!any , { b: !absent }]', '{"id":[1]}', 'id: ["!any",{"b":"!absent"}] <> [1]'],
])('it fails, and both numbers are told to the last digit: %s, from %s', (event, json, words) => {
  expect(told(event, json)).toBe(words);
});

test.each([
  ['id: .inf', '.inf never comes: JSON has no such number'],
  ['id: -.INF', '-.INF never comes: JSON has no such number'],
  ['id: [.nan]', '.nan never comes: JSON has no such number'],
  ['id: 1e999', '1e999 never comes: JSON has no such number'],
  ['{ id: 1, "id": 2 }', 'Map keys must be unique'],
  ['{ 1: a, "1": b }', '1 is there twice'],
  ['{ ~: a, "~": b }', '~ is there twice'],
])('no expectation at all: %s', (event, message) => {
  expect(read(aCase(event)).faults).toMatchObject([{ message, facts: { at: 'a.yaml:4' } }]);
});

test('a text of Nomad is what is written, not the number that it looks like', () => {
  const text = `- name: a
  lines: x
  task: { meta: { version: 1.10, port: 0x10, id: 1234567890123456789, big: 1e3, on: true, zip: 007 } }
  params: { at: 1_000, size: 2.50 }
  events: []
`;
  const { cases, faults } = read(text);
  expect(faults).toEqual([]);
  expect(cases[0]).toMatchObject({
    task: { meta: { version: '1.10', port: '0x10', id: '1234567890123456789', big: '1e3', on: 'true', zip: '007' } },
    params: { at: '1_000', size: '2.50' },
  });
});

test('a name that is no text says so', () => {
  expect(read('- { name: a, lines: x, task: { job: 12 }, events: [] }\n').faults).toMatchObject([
    { message: 'task.job: a name is text: put it in quotes' },
  ]);
});

test('an update writes each number as it came, and leaves one that fits as it is written', () => {
  const text = aCase('{ big: 1, hex: 0x1F, kilo: 1e3, zip: 007, gone: 1.50 }');
  const json = `{"big":1234567890123456789,"hex":31,"kilo":1000,"zip":7,"gone":-0.0,"list":[1,1.0,-1.0,1e21,0.1,{"a":9007199254740993}]}`;
  const events = [parseExact(json) as Event];
  const isExact = true;
  const updated = updateCases({ text, actuals: [{ position: 0, events, isExact }], readTimes });
  expect(updated).toBe(
    aCase(
      '{ big: 1234567890123456789, hex: 0x1F, kilo: 1e3, zip: 007, gone: -0.0, list: [ 1, 1.0, -1.0, 1e21, 0.1, { a: 9007199254740993 } ] }',
    ),
  );
  const expected = read(updated).cases[0]?.events ?? [];
  expect(compareEvents({ expected, actual: events, isExact, readTimes })).toEqual([]);
});
