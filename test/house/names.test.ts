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
