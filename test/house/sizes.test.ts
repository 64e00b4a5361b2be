import { expect, test } from 'vitest';
import { readSource } from '../../scripts/imports.ts';
import { brokenLimits, functionsOf, tableLines } from '../../scripts/sizes.ts';

test('no file and no function is longer than it may be; `npm run sizes` prints the figures', () => {
  expect(brokenLimits()).toEqual([]);
});

test('the map of the program fits two screens', () => {
  expect(readSource('lib/cycle.ts').trimEnd().split('\n').length).toBeLessThan(120);
});

test('a function is as long as from its first line to its last, also one within another', () => {
  const text = ['const a = (b: string): void => {', '  const c = () => {', '    d(b);', '  };', '};'].join('\n');
  expect(functionsOf({ file: 'x.ts', text })).toEqual(
    expect.arrayContaining([
      { name: 'x.ts:1', lines: 5 },
      { name: 'x.ts:2', lines: 3 },
    ]),
  );
});

test.each([
  ['a table, between its brackets', 'const T: Row[] = [\n  { a: 1 },\n  { a: 2 },\n];', 2],
  ['one that is exported', 'export const T = {\n  a: 1,\n};', 1],
  ['one that is not at the top', 'const f = () => {\n  const t = [\n    1,\n  ];\n};', 0],
  ['a function', 'const f = () => ({\n  a: 1,\n});', 0],
])('lines of %s', (_, text, lines) => expect(tableLines(text)).toBe(lines));
