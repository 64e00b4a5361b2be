import { expect, test } from 'vitest';
import { escapeGlob } from '../../lib/glob.ts';
import { expandGlob, matchesGlob, matchesName } from '../../lib/vector/config/glob.ts';
import { ownFolder, writeFiles } from './support.ts';

const files = {
  'a.toml': '',
  'b.toml': '',
  '.hidden.toml': '',
  'we[i]rd.toml': '',
  'd/c.toml': '',
  'd/e/f.toml': '',
  'x.yaml': '',
};

test.each([
  ['plain', 'a.toml', ['a.toml']],
  ['missing', 'nope.toml', []],
  ['star, hidden files too', '*.toml', ['.hidden.toml', 'a.toml', 'b.toml', 'we[i]rd.toml']],
  ['question mark', '?.toml', ['a.toml', 'b.toml']],
  ['class', '[ac].toml', ['a.toml']],
  ['range', '[a-c].toml', ['a.toml', 'b.toml']],
  ['negated class', '[!a].toml', ['b.toml']],
  ['bracket as itself', 'we[[]i[]]rd.toml', ['we[i]rd.toml']],
  ['braces are plain text', '{a,b}.toml', []],
  ['star stays in its folder', '*/c.toml', ['d/c.toml']],
  ['two stars', '**/*.toml', ['.hidden.toml', 'a.toml', 'b.toml', 'we[i]rd.toml', 'd/c.toml', 'd/e/f.toml']],
  ['two stars in the middle', 'd/**/f.toml', ['d/e/f.toml']],
  ['two stars inside a name', 'd**/f.toml', []],
  ['an unclosed class', '[a.toml', []],
  ['two stars at the end', '**', ['d', 'd/e']],
  ['folders only', '*/', ['d']],
])('glob: %s', async (_, pattern, expected) => {
  const folder = await ownFolder();
  await writeFiles(folder, files);
  expect(await expandGlob({ pattern, cwd: folder })).toEqual(expected);
  const absolute = await expandGlob({ pattern: `${escapeGlob(folder)}/${pattern}`, cwd: '/' });
  expect(absolute).toEqual(expected.map((name) => `${folder}/${name}`));
});

test.each([
  ['/r/live/*.toml', '/r/live/nomad.toml', true],
  ['/r/**', '/r/live/nomad.toml', true],
  ['/r/**/nomad.toml', '/r/nomad.toml', true],
  ['/r/*', '/r/live/nomad.toml', false],
  ['/r/live/nomad.toml', '/r/live/nomad.toml', true],
  ['/r/live/nomad.tom', '/r/live/nomad.toml', false],
])('glob: %s against a file that is not there yet, %s', (pattern, path, expected) => {
  expect(matchesGlob({ pattern, path })).toBe(expected);
});

test('glob: an escaped path matches itself and nothing else', async () => {
  const folder = await ownFolder();
  await writeFiles(folder, files);
  expect(await expandGlob({ pattern: escapeGlob(`${folder}/we[i]rd.toml`), cwd: '/' })).toEqual([
    `${folder}/we[i]rd.toml`,
  ]);
});

test.each([
  ['a', 'a', true],
  ['a', 'ab', false],
  ['a*', 'a.b/c', true],
  ['*.log', '/var/log/x.log', true],
  ['/a/*/x', '/a/b/c/x', true],
  ['?', '/', true],
  ['?', '', false],
  ['[ab]-[!c]', 'b-d', true],
  ['[ab]-[!c]', 'b-c', false],
  ['a.b', 'axb', false],
  // What Vector cannot read as a pattern is a name.
  ['a**', 'a**', true],
  ['a**', 'ab', false],
  ['[a', '[a', true],
])('the pattern %s fits the name %s as a whole: %s', (pattern, name, isSo) =>
  expect(matchesName({ pattern, name })).toBe(isSo),
);
