import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseExact } from '../../lib/exact-json.ts';
import type { Event, ExpectedEvent } from '../../lib/profile-test/case.ts';
import { compareEvents, ownFields } from '../../lib/profile-test/compare.ts';
import { TEST_YAML } from '../../lib/profile-test/test-yaml.ts';

const readTimes = { fromMs: Date.parse('2030-01-01T00:00:00Z'), toMs: Date.parse('2030-01-01T00:01:00Z') };
const readAt = '2030-01-01T00:00:30.123456789Z';

const events = (yaml: string): ExpectedEvent[] => parse(yaml, TEST_YAML) as ExpectedEvent[];

const compare = ({ expected, actual, isExact = false }: { expected: string; actual: Event[]; isExact?: boolean }) =>
  compareEvents({ expected: events(expected), actual: asDelivered(actual), isExact, readTimes });

/** As the sink's file is read. */
const asDelivered = (actual: Event[]): Event[] => parseExact(JSON.stringify(actual)) as Event[];

const row = (field: string, expected: string | undefined, actual: string | undefined) => ({ field, expected, actual });
const fields = (number: number, ...rows: ReturnType<typeof row>[]) => ({ kind: 'fields', number, rows });

test.each<[string, string, Event[], unknown[]]>([
  ['what is not named does not count', '[{ a: 1 }]', [{ a: 1, b: 2 }], []],
  ['also inside of an object', '[{ o: { a: 1 } }]', [{ o: { a: 1, b: 2 } }], []],
  ['a value of another kind', '[{ a: 1 }]', [{ a: '1' }], [fields(1, row('a', '1', '"1"'))]],
  ['a field that is not there', '[{ a: null }]', [{}], [fields(1, row('a', 'null', undefined))]],
  [
    'a field deep inside',
    '[{ o: { p: { a: 1, b: 2 } } }]',
    [{ o: { p: { a: 1, b: 3 } } }],
    [fields(1, row('o.p.b', '2', '3'))],
  ],
  ['an object in place of a value', '[{ a: x }]', [{ a: { b: 1 } }], [fields(1, row('a', '"x"', '{"b":1}'))]],
  ['a name with a dot is one name', '[{ a.b: 1 }]', [{ a: { b: 1 } }], [fields(1, row('a.b', '1', undefined))]],
  ['lists count whole', '[{ a: [1, 2] }]', [{ a: [1, 2, 3] }], [fields(1, row('a', '[1,2]', '[1,2,3]'))]],
  ['objects in lists by what is named', '[{ a: [{ b: 1 }] }]', [{ a: [{ b: 1, c: 2 }] }], []],
  ['a name of every object is none of its own', '[{ toString: !absent }]', [{}], []],
  ['!absent fits', '[{ a: !absent }]', [{ b: 1 }], []],
  ['!absent does not', '[{ a: !absent }]', [{ a: null }], [fields(1, row('a', '!absent', 'null'))]],
  ['!any fits', '[{ a: !any }]', [{ a: null }], []],
  ['!any does not', '[{ a: !any }]', [{}], [fields(1, row('a', '!any', undefined))]],
  ['!regex fits', "[{ a: !regex '^b' }]", [{ a: 'bc' }], []],
  ['!regex does not', "[{ a: !regex '^b$' }]", [{ a: 'bc' }], [fields(1, row('a', '!regex ^b$', '"bc"'))]],
  ['!regex is for texts', "[{ a: !regex '1' }]", [{ a: 1 }], [fields(1, row('a', '!regex 1', '1'))]],
  [
    'one is missing',
    '[{ a: 1 }, { a: 2 }]',
    [{ a: 1 }],
    [{ kind: 'missing', number: 2, rows: [row('a', '2', undefined)] }],
  ],
  [
    'one is too many',
    '[]',
    [{ a: 1, host: 'h', timestamp: readAt }],
    [{ kind: 'unexpected', number: 1, rows: [row('a', undefined, '1')] }],
  ],
  [
    'order counts',
    '[{ a: 1 }, { a: 2 }]',
    [{ a: 2 }, { a: 1 }],
    [fields(1, row('a', '1', '2')), fields(2, row('a', '2', '1'))],
  ],
])('compare: %s', (_, expected, actual, differences) => {
  expect(compare({ expected, actual })).toEqual(differences);
});

test.each<[string, string, Event, unknown[]]>([
  ['an unnamed field counts', '[{ a: 1 }]', { a: 1, b: 2 }, [fields(1, row('b', undefined, '2'))]],
  ['one deep inside, too', '[{ o: { a: 1 } }]', { o: { a: 1, b: 2 } }, [fields(1, row('o.b', undefined, '2'))]],
  [
    'what Vector and nvl add does not',
    '[{}]',
    { host: 'h', file: '/f', source_type: 'file', nomad: {}, timestamp: readAt },
    [],
  ],
  ['it does where it is named', '[{ file: /g }]', { file: '/f' }, [fields(1, row('file', '"/g"', '"/f"'))]],
  [
    'a time of the line counts',
    '[{}]',
    { timestamp: '2024-05-06T07:08:09Z' },
    [fields(1, row('timestamp', undefined, '"2024-05-06T07:08:09Z"'))],
  ],
  ['a named field that is right is told once', '[{ a: 2 }]', { a: 1 }, [fields(1, row('a', '2', '1'))]],
])('an exact case: %s', (_, expected, event, differences) => {
  expect(compare({ expected, actual: [event], isExact: true })).toEqual(differences);
});

test('what is an event’s own', () => {
  const event = { message: 'x', nvl: {}, host: 'h', file: 'f', source_type: 'file', nomad: {}, timestamp: readAt };
  expect(ownFields({ event, readTimes })).toEqual({ message: 'x', nvl: {} });
  expect(ownFields({ event: { timestamp: 'never' }, readTimes })).toEqual({ timestamp: 'never' });
});
