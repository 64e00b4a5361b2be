import { expect, test } from 'vitest';
import { readLogEvent } from '../../lib/tap/read-log-event.ts';
import { writeProtobuf } from '../../lib/vector/api/protobuf.ts';
import { VrlTimestamp, type VrlValue } from '../../lib/vrl/values.ts';
import { aLog, idText } from '../support/vector-api.ts';

test('an event with its metadata, its names in the order in which Vector has them', () => {
  const event = {
    message: 'hello',
    b: { z: 1n, a: [true, null, ''] },
    a: {},
    at: new VrlTimestamp('2026-01-02T03:04:05Z'),
  };
  const read = readLogEvent(aLog({ id: 'ab', event, secrets: { nvl_file: 'x' } }));
  expect(read).toEqual({ id: idText('ab'), event: { event, metadata: {}, secrets: { nvl_file: 'x' }, lines: [] } });
  expect(Object.keys(read.event.event)).toEqual(['a', 'at', 'b', 'message']);
});

/** An event whose only field has a value of these bytes. */
const withValue = (hex: string): Buffer =>
  writeProtobuf([
    [
      1,
      writeProtobuf([
        [1, 'value'],
        [2, Buffer.from(hex, 'hex')],
      ]),
    ],
  ]);

test.each<[string, string, VrlValue]>([
  ['a negative number', '20ffffffffffffffffff01', -1n],
  ['the smallest', '2080808080808080808001', -(2n ** 63n)],
  ['a float', '29000000000000f83f', 1.5],
  ['bytes that are no UTF-8', '0a02ff61', new Uint8Array([0xff, 0x61])],
  ['an empty text', '0a00', ''],
  ['false', '3000', false],
  ['null', '4800', null],
  ['no value at all', '', null],
  ['a kind of value that nvl does not know', 'fa0100', null],
  ['a moment to the nanosecond', '12080880f2d6ca061001', new VrlTimestamp('2026-01-01T00:00:00.000000001Z')],
  ['to the microsecond', '12090880f2d6ca0610e807', new VrlTimestamp('2026-01-01T00:00:00.000001Z')],
  ['to the millisecond', '120a0880f2d6ca0610c0843d', new VrlTimestamp('2026-01-01T00:00:00.001Z')],
  ['before 1970', '120b08ffffffffffffffffff01', new VrlTimestamp('1969-12-31T23:59:59Z')],
  ['after the year 9999', '12090880c0ee8ed20b1005', new VrlTimestamp('@400000000000.000000005')],
  [
    'a name that objects have of their own',
    '3a130a110a095f5f70726f746f5f5f12040a026f6b',
    JSON.parse('{"__proto__":"ok"}'),
  ],
])('%s', (_, hex, value) => expect(readLogEvent(withValue(hex)).event.event).toEqual({ value }));

test.each([
  ['bytes that are no message', Buffer.from('0a05', 'hex')],
  ['an event cut anywhere', aLog({ id: '1', event: { message: 'hello' } }).subarray(0, -3)],
])('%s are refused', (_, bytes) => expect(() => readLogEvent(bytes)).toThrow(RangeError));
