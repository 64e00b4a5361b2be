import { expect, test } from 'vitest';
import { defaultMerger, type MergeStrategy, mergerOf } from '../../lib/engine/transforms/merge-values.ts';
import { VrlTimestamp, type VrlValue } from '../../lib/vrl/values.ts';

const [JANUARY, MAY] = [new VrlTimestamp('2026-01-01T00:00:00Z'), new VrlTimestamp('2026-05-01T00:00:00Z')];
const BYTES = new Uint8Array([0xff]);
const LARGEST = 2n ** 63n - 1n;

const merged = (strategy: MergeStrategy, [first, ...others]: VrlValue[]): VrlValue | undefined => {
  const merger = mergerOf(strategy, first as VrlValue);
  for (const value of others) merger?.add(value);
  return merger?.value();
};

test.each<[MergeStrategy, VrlValue[], VrlValue | undefined]>([
  ['discard', ['a', 'b', null], 'a'],
  ['discard', [null, 'b'], null],
  ['retain', ['a', 'b', null], 'b'],
  ['retain', [null, null], null],
  ['sum', [1n, 2n, 'x', null, [3n]], 3n],
  ['sum', [1n, 0.5, 1n], 2.5],
  ['sum', [LARGEST, 1n], -(2n ** 63n)],
  ['sum', ['a', 1n], undefined],
  ['max', [1n, 3n, 2n], 3n],
  // Of the same size the first one stays, with its type.
  ['max', [2n, 2], 2n],
  ['max', [2, 2n], 2],
  ['max', [1n, 1.5, 3n], 3],
  ['max', [true, 1n], undefined],
  ['min', [3n, 1n, 2n, 'x'], 1n],
  ['min', [1.5, 1n], 1],
  ['min', [null], undefined],
  ['array', ['a', [1n], null, { b: 1n }], ['a', [1n], null, { b: 1n }]],
  ['array', [[1n], 2n], [[1n], 2n]],
  ['concat', ['a', 'b', 1n, '', 'c'], 'a b  c'],
  ['concat', [[1n], [2n, [3n]], 'a'], [1n, 2n, [3n], 'a']],
  ['concat', [1n], undefined],
  ['concat', ['a', BYTES], new Uint8Array([0x61, 0x20, 0xff])],
  ['concat_newline', ['a', 'b'], 'a\nb'],
  ['concat_newline', [['a']], undefined],
  ['concat_raw', ['a', 'b', ['c']], 'ab'],
  ['concat_raw', [new Uint8Array([0xc3]), new Uint8Array([0xa9])], 'é'],
  ['shortest_array', [[1n, 2n], [3n], [4n], 'x'], [3n]],
  ['longest_array', [[1n], [2n, 3n], [4n, 5n], []], [2n, 3n]],
  ['longest_array', ['abc'], undefined],
  ['flat_unique', ['a', ['a', 'b'], { x: 'b', y: 1n }, 1, null], ['a', 'b', 1n, 1, null]],
  ['flat_unique', [{}, []], []],
])('%s of %o is %o', (strategy, values, value) => expect(merged(strategy, values)).toEqual(value));

test.each<[string, VrlValue[], VrlValue, VrlValue | undefined]>([
  ['text', ['a', 'b'], 'a', undefined],
  ['number', [1n, 2n, 'x'], 3n, undefined],
  ['float', [1.5, 2n], 3.5, undefined],
  ['truth', [true, false], true, undefined],
  ['null', [null, 1n], null, undefined],
  ['list', [[1n], [2n]], [1n], undefined],
  ['time', [MAY, JANUARY, 'x'], MAY, JANUARY],
])('without a strategy, where the first is a %s, %o are %o', (_, [first, ...others], value, last) => {
  const merger = defaultMerger(first as VrlValue);
  for (const one of others) merger.add(one);
  expect([merger.value(), merger.last?.()]).toEqual([value, last]);
});

test('a list of a value is not the one that came', () => {
  const came: VrlValue[] = [1n];
  merged('concat', [came, [2n]]);
  expect(came).toEqual([1n]);
});
