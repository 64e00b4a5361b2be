import { expect, test } from 'vitest';
import { readSource, sourceFiles } from '../../scripts/imports.ts';

/** The exported names of a text without a comment right before them. */
const undocumented = (text: string): string[] =>
  [...text.matchAll(/(?<=^(.*)\n)export (?:const|type|class|function) (\w+)/gm)].flatMap(
    ([, before = '', name = '']) => (before.endsWith('*/') ? [] : [name]),
  );

test('an exported name without a comment is found', () => {
  const text = ['', '/** One. */', 'export const a = 1;', '', 'export const b = 2;', 'export type C = 1;', ''].join(
    '\n',
  );
  expect(undocumented(text)).toEqual(['b', 'C']);
});

test('whatever the room of safe values exports says what it is where an editor shows it', () => {
  const files = sourceFiles(['lib/render/safe']);
  expect(files.length).toBeGreaterThan(30);
  expect(files.flatMap((file) => undocumented(`\n${readSource(file)}`).map((name) => `${file}: ${name}`))).toEqual([]);
});
