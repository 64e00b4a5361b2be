import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom } from '../../lib/demo/random.ts';
import { shuffleKeys } from '../../lib/demo/shuffle.ts';
import { createListReader, type ListElement } from '../../lib/nomad/list-elements.ts';
import { assembleScan, SCAN_MODULE } from '../../scripts/build-scan.ts';
import { recorded } from './fake-nomad.ts';

/** What comes of these bytes, in pieces that end at `cuts`. */
const read = (given: string | Uint8Array, cuts: readonly number[] = [], mostBytes?: number) => {
  const bytes = typeof given === 'string' ? Buffer.from(given) : given;
  const elements: { text: string; digest: number }[] = [];
  const takeText = ({ text, digest }: ListElement) => void elements.push({ text: text(), digest });
  const reader = createListReader({ onElement: takeText, ...(mostBytes === undefined ? {} : { mostBytes }) });
  const ends = [...new Set([...cuts.filter((cut) => cut <= bytes.length), bytes.length])].sort((a, b) => a - b);
  let from = 0;
  for (const end of ends) {
    // A buffer that is used again shows what was kept of it.
    const piece = Uint8Array.from(bytes.subarray(from, end));
    reader.push(piece);
    from = end;
  }
  return { outcome: reader.end(), elements, texts: elements.map(({ text }) => text) };
};

const digestOf = (element: string): number | undefined => read(`[${element}]`).elements[0]?.digest;

test.each<[string, string, string[]]>([
  ['none', '[]', []],
  ['none, with blanks', ' [ \n\t] \r\n', []],
  ['objects', '[{"a":1},{"b":[2]}]', ['{"a":1}', '{"b":[2]}']],
  ['blanks between them', '[ {"a":1} , {} ]', ['{"a":1}', '{}']],
  ['words and numbers', '[1,true , null,-2.5e3]', ['1', 'true ', 'null', '-2.5e3']],
  ['strings', '["a","","\\"]{[","\\\\"]', ['"a"', '""', '"\\"]{["', '"\\\\"']],
  ['brackets and quotes in strings', '[{"a":"}]\\"{["},{"b":"\\\\"}]', ['{"a":"}]\\"{["}', '{"b":"\\\\"}']],
  ['lists in it', '[[1,[2]],[]]', ['[1,[2]]', '[]']],
  ['letters beyond ASCII', '[{"ü":"日本𝄞"},"é"]', ['{"ü":"日本𝄞"}', '"é"']],
  ['what is no JSON within its brackets', '[{"a":},{"b":1 2},{,},{"c":3}]', ['{"a":}', '{"b":1 2}', '{,}', '{"c":3}']],
])('elements, cut at every place: %s', (_, json, texts) => {
  const { length } = Buffer.from(json);
  expect(read(json)).toMatchObject({ outcome: 'list', texts });
  const whole = read(json).elements;
  for (let cut = 0; cut <= length; cut += 1) expect(read(json, [cut]).elements).toEqual(whole);
  expect(
    read(
      json,
      Array.from({ length }, (_, at) => at),
    ).elements,
  ).toEqual(whole);
});

test.each<[string, string, 'noList' | 'noJson']>([
  ['nothing', '', 'noJson'],
  ['blanks', '  \n', 'noJson'],
  ['an object', '{"ID":1}', 'noList'],
  ['null', 'null', 'noList'],
  ['a text', '"[1]"', 'noList'],
  ['a page', '<html>[1]', 'noList'],
  ['half an element', '[{"ID"', 'noJson'],
  ['half a list', '[{"ID":1},', 'noJson'],
  ['a list without its end', '[{"ID":1}', 'noJson'],
  ['half a string', '["abc', 'noJson'],
  ['a string cut behind a backslash', '["abc\\', 'noJson'],
  ['no element between commas', '[1,,2]', 'noJson'],
  ['a comma at its end', '[1,]', 'noJson'],
  ['a comma at its start', '[,1]', 'noJson'],
  ['two elements without a comma', '[{}{}]', 'noJson'],
  ['two texts without a comma', '["a""b"]', 'noJson'],
  ['a colon in the list', '["a":1]', 'noJson'],
  ['a bracket of the other kind', '[{"a":[1}]', 'noJson'],
  ['a list closed as an object', '[1}', 'noJson'],
  ['more behind it', '[1] [2]', 'noJson'],
  ['a bracket more', '[1]]', 'noJson'],
  ['a comma behind it', '[1],', 'noJson'],
  ['a word behind it', '[1]x', 'noJson'],
  ['a text behind it', '[1]"x"', 'noJson'],
  ['only an end', ']', 'noJson'],
  ['only a comma', ',', 'noJson'],
  ['only a colon', ':', 'noJson'],
])('no list: %s', (_, text, outcome) => {
  expect(read(text).outcome).toBe(outcome);
  expect(
    read(
      text,
      Array.from({ length: text.length }, (_, at) => at),
    ).outcome,
  ).toBe(outcome);
});

test('what ends in the middle of an answer has no part in the next one', () => {
  read('[{"a":["b');
  read('{"a":1');
  expect(read('[{"a":1}]')).toMatchObject({ outcome: 'list', texts: ['{"a":1}'] });
});

test.each<[string, string, string, boolean]>([
  [
    'keys in another order',
    '{"a":1,"b":{"c":"x","d":[1,{"e":2,"f":3}]}}',
    '{"b":{"d":[1,{"f":3,"e":2}],"c":"x"},"a":1}',
    true,
  ],
  ['blanks', '{"a":[1,"b c"]}', ' { "a" : [ 1 , "b c" ] } ', true],
  ['another value', '{"a":1,"b":2}', '{"a":1,"b":3}', false],
  ['another key', '{"a":1}', '{"b":1}', false],
  ['values exchanged', '{"a":1,"b":2}', '{"a":2,"b":1}', false],
  ['values of objects exchanged', '{"a":{"x":1},"b":{"x":2}}', '{"a":{"x":2},"b":{"x":1}}', false],
  ['keys exchanged between objects', '{"a":{"x":1},"b":{"y":1}}', '{"a":{"y":1},"b":{"x":1}}', false],
  ['another order of a list', '[1,2]', '[2,1]', false],
  ['one level deeper', '{"a":[1]}', '{"a":[[1]]}', false],
  ['an object for a list', '{"a":{}}', '{"a":[]}', false],
  ['a list for null', '{"a":[]}', '{"a":null}', false],
  ['a key more, without a value to it', '{"a":1}', '{"a":1,"b":{}}', false],
  ['a text for a number', '{"a":1}', '{"a":"1"}', false],
  ['a text for a word', '{"a":true}', '{"a":"true"}', false],
  ['a number written in another way', '{"a":1}', '{"a":1.0}', false],
  ['a letter moved from key to value', '{"ab":"c"}', '{"a":"bc"}', false],
  ['a number cut in two', '[12,3]', '[1,23]', false],
  ['a list in an object', '{"a":[1],"b":[2]}', '{"a":[2],"b":[1]}', false],
  ['the same key twice', '{"a":1,"a":2}', '{"a":2}', false],
])('digest: %s', (_, one, other, isSame) => {
  expect(digestOf(one) === digestOf(other)).toBe(isSame);
});

test('a digest is the same wherever the element stands, and whatever stands beside it', () => {
  const alone = digestOf('{"a":[1,{"b":2}]}');
  const among = read('[{"c":3}, "x", {"a":[1,{"b":2}]} ,4]').elements[2]?.digest;
  expect(among).toBe(alone);
});

test('property: whatever JSON it is, and wherever it is cut, the elements are those that JSON.parse finds', () => {
  fc.assert(
    fc.property(
      fc.array(fc.jsonValue({ maxDepth: 4 }), { maxLength: 6 }),
      fc.array(fc.nat({ max: 400 }), { maxLength: 5 }),
      fc.boolean(),
      (list, cuts, isSpaced) => {
        const { outcome, texts, elements } = read(JSON.stringify(list, null, isSpaced ? 2 : 0), cuts);
        expect(outcome).toBe('list');
        expect(texts.map((text) => JSON.parse(text))).toEqual(JSON.parse(JSON.stringify(list)));
        expect(elements.map(({ digest }) => digest)).toEqual(list.map((value) => digestOf(JSON.stringify(value))));
      },
    ),
    { seed: 1, numRuns: 300 },
  );
});

test("property: Nomad's own allocations in any order of their keys have one digest, and each change of one value another", () => {
  const random = createRandom(3);
  for (const element of JSON.parse(recorded('node-allocations'))) {
    const digest = digestOf(JSON.stringify(element));
    for (let times = 0; times < 20; times += 1)
      expect(digestOf(JSON.stringify(shuffleKeys(element, random)))).toBe(digest);
    const digests = new Set([digest, ...changesOf(element).map((changed) => digestOf(JSON.stringify(changed)))]);
    expect(digests.size).toBe(changesOf(element).length + 1);
  }
});

/** Each with one value of it changed. */
const changesOf = (value: unknown): unknown[] => {
  if (Array.isArray(value))
    return value.flatMap((item, at) => changesOf(item).map((changed) => value.with(at, changed)));
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, item]) =>
      changesOf(item).map((changed) => ({ ...value, [key]: changed })),
    );
  return typeof value === 'string'
    ? [`${value}x`]
    : [typeof value === 'number' ? (value < 0 ? value - 1 : value * 2 + 1) : 'other'];
};

test('elements far larger than a piece, and thousands of small ones in one piece', () => {
  const large = JSON.stringify({ text: 'ab"c'.repeat(100_000) });
  const { texts, outcome } = read(`[${large},${large}]`, [70_000, 70_001, 200_000]);
  expect(outcome).toBe('list');
  expect(texts).toEqual([large, large]);
  const many = Array.from({ length: 50_000 }, (_, at) => String(at));
  expect(read(`[${many.join(',')}]`).texts).toEqual(many);
});

test('deeper than anybody nests it is still cut right', () => {
  const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
  expect(read(`[${deep},{"a":1}]`)).toMatchObject({ outcome: 'list', texts: [deep, '{"a":1}'] });
});

test('one that is too large costs no memory, and the others nothing', () => {
  const json = `[1,"${'x'.repeat(3_000)}",2]`;
  const seen: string[] = [];
  const reader = createListReader({
    mostBytes: 1_000,
    onElement: ({ text }) => {
      try {
        seen.push(text());
      } catch (error) {
        seen.push(String(error));
      }
    },
  });
  for (const byte of Buffer.from(json)) reader.push(Uint8Array.of(byte));
  expect(reader.end()).toBe('list');
  expect(seen).toEqual(['1', 'RangeError: it has more than 1000 bytes', '2']);
});

test('what nvl carries is made of list-scan.wat', async () => {
  expect(readFileSync(SCAN_MODULE, 'utf8')).toBe(await assembleScan());
});
