import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exactJson, floatText, isSameNumber, parseExact, withRawNumbers } from '../lib/exact-json.ts';

test.each([
  '1234567890123456789',
  '-9223372036854775808',
  '9007199254740993',
  '1.0',
  '-1.0',
  '-0.0',
  '1e21',
  '1.2345678901234567e19',
  '0.1',
  '1e-7',
  '[1,1.0,{"a":[9007199254740993]}]',
  '{"a.b":null,"__proto__":1,"":[true,"x"]}',
])('read and written again, it is what it was: %s', (text) => {
  expect(exactJson(parseExact(text))).toBe(text);
});

test.each<[string, string, boolean]>([
  ['1', '1.0', true],
  ['0', '-0.0', true],
  ['1000', '1e3', true],
  ['1000000000000000000000', '1e21', true],
  ['9007199254740992', '9007199254740993', false],
  ['9007199254740992.0', '9007199254740993', false],
  ['9007199254740992.0', '9007199254740992', true],
  ['1234567890123456789', '1.2345678901234568e18', false],
  ['1', '1.5', false],
  ['0.1', '0.2', false],
])('%s and %s: the same is %s', (a, b, expected) => {
  const [one, other] = [parseExact(a) as number | bigint, parseExact(b) as number | bigint];
  expect([isSameNumber(one, other), isSameNumber(other, one)]).toEqual([expected, expected]);
});

test('every float is written with all it holds, and reads as a float again', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Object.is(parseExact(floatText(value)), value)).toBe(true);
    }),
  );
});

test('every integer of 64 bits is kept', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      expect(parseExact(`{"a":[${value}]}`)).toEqual({ a: [value] });
      expect(JSON.stringify({ count: 1, event: withRawNumbers({ a: value, b: 1 }) })).toBe(
        `{"count":1,"event":{"a":${value},"b":1.0}}`,
      );
    }),
  );
});
