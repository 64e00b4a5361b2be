import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

const project = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(project, file), 'utf8');

/** Files of this repository that a text names; those of a team's own templates are none. */
const pathsIn = (text: string): string[] =>
  [
    ...text.matchAll(
      /(?<![\w./-])(?:lib|bin|test|scripts|bench|docs|jobspecs|systemd)\/[\w./-]+\.(?:ts|md|js|json|yaml|hcl|service|conf)\b/g,
    ),
  ].map(([path]) => path);

const commentsOf = (source: string): string =>
  (source.match(/\/\*\*?[\s\S]*?\*\/|(?<=^|\s)\/\/ .*$/gm) ?? []).join('\n');

test('paths are found in a text, and in comments alone', () => {
  const source = "// See lib/a.ts.\nimport '../lib/b.ts';\n/** As (docs/c.md). */\nconst d = 'lib/d.ts';\n";
  expect(pathsIn(commentsOf(source))).toEqual(['lib/a.ts', 'docs/c.md']);
});

test('every file that a page or a comment names is there', () => {
  const pages = [
    'README.md',
    'CONTRIBUTING.md',
    ...readdirSync(join(project, 'docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  ];
  const named = [
    ...pages.map((page) => ({ by: page, text: read(page) })),
    ...sourceFiles(['lib', 'bin', 'scripts', 'test', 'bench']).map((file) => ({
      by: file,
      text: commentsOf(readSource(file)),
    })),
  ].flatMap(({ by, text }) => pathsIn(text).map((path) => ({ by, path })));
  expect(named.length).toBeGreaterThan(80);
  expect(named.filter(({ path, by }) => !existsSync(join(project, path)) && by !== 'test/house/docs.test.ts')).toEqual(
    [],
  );
});

test('a comment that points to a decision by its number finds it, and each number is one decision', () => {
  const names = readdirSync(join(project, 'docs/decisions'));
  const numbers = names.map((name) => /^(\d{4})-[a-z0-9-]+\.md$/.exec(name)?.[1] ?? name);
  expect(numbers).toEqual([...new Set(numbers)]);
  expect(numbers).toEqual(numbers.map((_, index) => String(index + 1).padStart(4, '0')));
  const cited = sourceFiles(['lib', 'bin', 'test']).flatMap((file) =>
    [...readSource(file).matchAll(/docs\/decisions\/(\d{4})/g)].flatMap(([, number]) => number ?? []),
  );
  expect(cited.filter((number) => !numbers.includes(number))).toEqual([]);
});
