import { applyPatch } from 'diff';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffOnce } from '../../lib/plan/diff-once.ts';
import { firstOf, onceEach } from '../../lib/plan/once-each.ts';
import { assembleFile, type Block } from '../../lib/render/file.ts';

const stem = (number: number, task = 'app'): string =>
  `nvl_${String(number).padStart(8, '0')}_${task}_${String(number).padStart(8, 'a')}`;

const idOf = (number: number, profile = 'web'): string => `nvl_${profile}_${String(number).padStart(8, '0')}`;

/** A pipeline of one task: a source, and a program that names the task and what `body` says. */
const block = (number: number, body: string, { profile = 'web', with: level = `${number}` } = {}): Block => {
  const key = idOf(number, profile);
  return {
    key,
    kind: 'pipeline',
    heading: `profile ${profile} with level=${level}`,
    text: `[sources.${key}]\ninclude = ["/links/${key}/*"]\n\n[transforms.${key}_out]\nsource = '''\nrow = "${stem(number)}"\n.alloc = "${String(number).padStart(8, '0')}-1111-4111-8111-111111111111"\n${body}\n'''`,
  };
};

const file = (...blocks: Block[]): string => assembleFile({ blocks, templates: ['a.hbs'], linksDir: '/links' });
const diff = (before: string | undefined, after: string): string => diffOnce({ before, after, name: 'nomad.toml' });
const changed = (text: string): string[] => text.split('\n').filter((line) => /^[-+](?![-+])/.test(line));

test('no change is no diff', () => {
  expect(diff(file(block(1, 'a')), file(block(1, 'a')))).toBe('');
});

test('the same change of many pipelines stands there once, with their number and the first headings', () => {
  const all = (body: string) => file(...Array.from({ length: 500 }, (_, number) => block(number, body)));
  const text = diff(all('.x = 1'), all('.x = 2'));
  expect(changed(text)).toEqual(['-.x = 1', '+.x = 2']);
  expect(text).toContain('@@ profile web with level=0\n');
  expect(text).toContain('# The same in 499 more: profile web with level=1, ');
  expect(text).toContain(' and 496 more\n');
});

test('nor do the digests of how their components are connected', () => {
  const all = (body: string, digit: number) =>
    file(
      ...Array.from({ length: 5 }, (_, number) =>
        block(
          number,
          `${body}\n'''\ngraph.node_attributes.nvl = "${String(number).padStart(8, String(digit))}"\nx = '''`,
        ),
      ),
    );
  const text = diff(all('.x = 1', 1), all('.x = 2', 2));
  expect(changed(text).filter((line) => line.includes('.x'))).toEqual(['-.x = 1', '+.x = 2']);
});

test('ids make no difference, anything else does', () => {
  const before = file(block(1, 'a', { profile: 'one' }), block(2, 'a', { profile: 'two' }), block(3, 'a'));
  const same = diff(before, file(block(1, 'b', { profile: 'one' }), block(2, 'b', { profile: 'two' }), block(3, 'b')));
  expect(changed(same)).toEqual(['-a', '+b']);
  const other = diff(before, file(block(1, 'b', { profile: 'one' }), block(2, 'c', { profile: 'two' }), block(3, 'b')));
  expect(changed(other)).toEqual(['-a', '+b', '-a', '+c']);
  expect(other).toContain('# The same in 1 more: profile web with level=3\n');
});

test('pipelines that come or go alike stand there once, with their lines in the list of nvl', () => {
  const text = diff(file(block(1, 'a')), file(block(2, 'a'), block(3, 'a')));
  expect(text.match(/^[-+]# nvl:/gm)).toEqual(['-# nvl:', '+# nvl:']);
  expect(changed(text).filter((line) => line.includes('_out",'))).toHaveLength(3);
});

test('a first file is all new', () => {
  const text = diff(undefined, file(block(1, 'a')));
  expect(text).toMatch(/^--- \/dev\/null\n\+\+\+ nomad.toml\n@@ -0,0 \+1,/);
});

test('where nothing is the same twice, it is a patch from one file to the other', () => {
  const tasks = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 5 });
  fc.assert(
    fc.property(tasks, tasks, (before, after) => {
      const make = (numbers: number[], side: string) =>
        file(...numbers.map((number) => block(number, number % 2 === 0 ? `same ${number}` : `${side} ${number}`)));
      const [from, to] = [make(before, 'old'), make(after, 'new')];
      const text = diff(from, to);
      expect(text).not.toContain('# The same');
      expect(text === '' ? from : applyPatch(from, text)).toBe(to);
    }),
  );
});

test.each<[string[], string]>([
  [['a'], 'a'],
  [['a', 'b'], 'a and b'],
  [['a', 'b', 'c', 'd'], 'a, b, c and d'],
  [['a', 'b', 'c', 'd', 'e'], 'a, b, c and 2 more'],
  [['a', 'a', 'a'], 'a and 2 more'],
  [['a', 'b', 'a'], 'a, b and 1 more'],
])('the first of %j', (names, words) => {
  expect(firstOf(names)).toBe(words);
});

test('what is told of many in the same words is told once', () => {
  const list = [1, 2, 3].map((number) => ({ heading: `task ${number}`, words: `no ${stem(number)}_parse` }));
  const told = onceEach([...list, { heading: 'task 4', words: 'else' }]);
  expect(told.map(({ heading }) => heading)).toEqual(['task 1, task 2 and task 3', 'task 4']);
});
