import { expect, test } from 'vitest';
import { fieldAt, fieldNamesIn, needsQuotes, parseFieldPath, withFieldAt } from '../../lib/engine/field-path.ts';
import { NotRunnable } from '../../lib/engine/transform.ts';

test.each<[string, (string | number)[]]>([
  ['a', ['a']],
  ['.a', ['a']],
  ['.', []],
  ['a.b.c', ['a', 'b', 'c']],
  ['a-b.@c.9', ['a-b', '@c', '9']],
  ['"x y"', ['x y']],
  ['."a.b"."c d"', ['a.b', 'c d']],
  ['""', ['']],
  [String.raw`"q\"q\\"`, ['q"q\\']],
  ['"é 🤖"', ['é 🤖']],
  ['a[0]', ['a', 0]],
  ['a[-1][2].b', ['a', -1, 2, 'b']],
  ['[3]', [3]],
  ['.[3]', [3]],
  // A point may be missing behind brackets and quotes.
  ['a[0]"b c"d', ['a', 0, 'b c', 'd']],
  ['"a""b"[1]', ['a', 'b', 1]],
  ['__proto__.constructor', ['__proto__', 'constructor']],
])('%s is a path of an event', (text, segments) =>
  expect(parseFieldPath(text)).toEqual({ isMetadata: false, segments }),
);

test.each<[string, (string | number)[]]>([
  ['%a', ['a']],
  ['%.a', ['a']],
  ['%.', []],
  ['%"x y"[0]', ['x y', 0]],
])('%s is a path of metadata', (text, segments) =>
  expect(parseFieldPath(text)).toEqual({ isMetadata: true, segments }),
);

test.each([
  '',
  '%',
  '..',
  'a.',
  'a..b',
  '.a b',
  'a"b"',
  'a[0]b"c"',
  'a.[0]',
  'a[',
  'a[]',
  'a[x]',
  '[0',
  '"a',
  String.raw`"\n"`,
  'a$',
  'é',
  '%%a',
])('%j is no path to Vector', (text) => expect(parseFieldPath(text)).toBeUndefined());

const EVENT = { event: { a: { b: [1n, { c: 'x' }] }, 'x y': null, l: [] }, metadata: { a: 'of metadata' } };

test.each([
  ['a.b[0]', 1n],
  ['a.b[-1].c', 'x'],
  ['"x y"', null],
  ['%a', 'of metadata'],
  ['.', EVENT.event],
  ['a.b[2]', undefined],
  ['a.b.c', undefined],
  ['a[0]', undefined],
  ['"x y".z', undefined],
  ['a.b[0].c', undefined],
  // What every object of JavaScript has is no field.
  ['__proto__', undefined],
  ['a.constructor', undefined],
  ['l.length', undefined],
])('at %s stands %o', (text, value) => {
  const path = parseFieldPath(text);
  expect(path && fieldAt(EVENT, path)).toEqual(value);
});

test.each([
  ['a new field', {}, ['a', 'b'], { a: { b: 1n } }],
  ['beside others', { a: { c: 2n }, d: 3n }, ['a', 'b'], { a: { c: 2n, b: 1n }, d: 3n }],
  ['in the place of a text', { a: 'x' }, ['a', 'b'], { a: { b: 1n } }],
  ['in the place of a list', { a: [1n] }, ['a', 'b'], { a: { b: 1n } }],
  ['under a name that objects have', {}, ['constructor', 'b'], { constructor: { b: 1n } }],
])('a value is put %s', (_, object, names, after) => {
  const before = structuredClone(object);
  expect(withFieldAt(object, names, 1n)).toEqual(after);
  expect(object).toEqual(before);
});

test('a field named like the prototype is one', () => {
  const object = withFieldAt({}, ['__proto__', 'a'], 1n);
  expect(Object.keys(object)).toEqual(['__proto__']);
  expect(({} as Record<string, unknown>).a).toBeUndefined();
});

test.each([
  ['host', ['host']],
  ['node.name', ['node', 'name']],
])('an option may name the field %s', (text, names) => expect(fieldNamesIn(text, 'host_key')).toEqual(names));

test.each(['%a', 'a[0]', '.', 'a b', ''])('an option may not name %j', (text) =>
  expect(() => fieldNamesIn(text, 'host_key')).toThrow(NotRunnable),
);

test.each([
  ['a', false],
  ['@t', false],
  ['9_A', false],
  ['a-b', true],
  ['a.b', true],
  ['', true],
  ['é', true],
])('whether Vector writes the name %j in quotes: %s', (name, isSo) => expect(needsQuotes(name)).toBe(isSo));
