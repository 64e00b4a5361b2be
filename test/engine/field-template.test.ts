import { expect, test } from 'vitest';
import { asText } from '../../lib/engine/as-text.ts';
import { parseFieldTemplate, renderFieldTemplate } from '../../lib/engine/field-template.ts';
import { VrlRegex, VrlTimestamp, type VrlValue } from '../../lib/vrl/values.ts';

const EVENT = {
  event: { job: 'web', n: 2n, o: { 'x y': ['a'] } },
  metadata: { row: { id: 'r' } },
  secrets: {},
  lines: [],
};

test.each([
  ['nothing in it', 'nothing in it'],
  ['', ''],
  ['{{job}}', 'web'],
  ['{{ job }}-{{\tn }}!', 'web-2!'],
  ['{{ .job }}/{{ %row.id }}/{{ o."x y"[0] }}', 'web/r/a'],
  ['{ {job} } {{job}}}', '{ {job} } web}'],
  ['{{ no }}', undefined],
  ['{{ job }} {{ o.no }}', undefined],
])('%j becomes %j', (text, rendered) => {
  const template = parseFieldTemplate(text);
  expect(template && renderFieldTemplate(template, EVENT)).toBe(rendered);
});

test.each(['{{ a b }}', '{{ }}', '{{ a. }}', '%Y', '{{ job }} %d'])('nvl does not read %j', (text) =>
  expect(parseFieldTemplate(text)).toBeUndefined(),
);

test.each<[VrlValue, string]>([
  ['é "x"', 'é "x"'],
  [9_007_199_254_740_993n, '9007199254740993'],
  [null, '<null>'],
  [true, 'true'],
  [1, '1'],
  [-0, '-0'],
  [0.1, '0.1'],
  [1e16, '10000000000000000'],
  [1e21, '1000000000000000000000'],
  [-1.25e22, '-12500000000000000000000'],
  [1e-7, '0.0000001'],
  [-1.5e-10, '-0.00000000015'],
  [5e-324, `0.${'0'.repeat(323)}5`],
  [Number.POSITIVE_INFINITY, 'inf'],
  [new VrlTimestamp('2026-01-02T03:04:05Z'), '2026-01-02T03:04:05Z'],
  [new VrlRegex('a+'), 'a+'],
  [new Uint8Array([0x61, 0xff]), 'a\ufffd'],
  [[1n, 1, 'x', null], '[1,1.0,"x",null]'],
  [{ a: { b: [] } }, '{"a":{"b":[]}}'],
])('%o is written %j', (value, text) => expect(asText(value)).toBe(text));
