import { expect, test } from 'vitest';
import { readSource, sourceFiles } from '../../scripts/imports.ts';

/** What a file declares and exports; what it only passes on is somebody else's. */
const exportsOf = (text: string): string[] =>
  [...text.matchAll(/^export (?:async )?(?:const|let|function|class|type|interface|enum) (\w+)/gm)].flatMap(
    ([, name]) => name ?? [],
  );

test('what a file exports is read from its text', () => {
  const text = [
    'export const one = 1;',
    'export type Two = { one: number };',
    'export async function three() {}',
    "export { four } from './four.ts';",
    "export type { Five } from './five.ts';",
    'const six = 6;',
    '  export const seven = 7;',
  ].join('\n');
  expect(exportsOf(text)).toEqual(['one', 'Two', 'three']);
});

test('one exported name stands for one thing', () => {
  const files = new Map<string, string[]>();
  for (const file of sourceFiles(['lib'])) {
    for (const name of exportsOf(readSource(file))) files.set(name, [...(files.get(name) ?? []), file]);
  }
  expect(files.size).toBeGreaterThan(300);
  expect([...files].filter(([, found]) => found.length > 1)).toEqual([]);
});

/** Lists, texts and numbers at the top of a file that are not in upper case. */
const lowerConstants = (text: string): string[] =>
  [...text.matchAll(/^(?:export )?const ([a-z]\w*)(?:: [^=]+)? = (?:\[|\{|'|\d|new (?:Set|Map)\()/gm)].flatMap(
    ([, name]) => name ?? [],
  );

test('a constant in lower case is found, and a function is none', () => {
  const text =
    "const a = 1;\nexport const b: readonly string[] = ['x'];\nconst C = 2;\nconst d = () => 1;\n  const e = 3;\n";
  expect(lowerConstants(text)).toEqual(['a', 'b']);
});

test('constants are in upper case; two objects that are values of their own are none', () => {
  const found = sourceFiles(['bin', 'lib', 'scripts']).flatMap((file) => lowerConstants(readSource(file)));
  expect(found.sort()).toEqual(['noLastGood', 'places']);
});

test('node:path is imported by name', () => {
  const files = sourceFiles(['bin', 'lib', 'scripts', 'test', 'bench']);
  const pattern = /^import (?:\* as )?\w+ from '(?:node:)?path'/m;
  expect(pattern.test("import path from 'node:path';")).toBe(true);
  expect(files.filter((file) => pattern.test(readSource(file)))).toEqual([]);
});
