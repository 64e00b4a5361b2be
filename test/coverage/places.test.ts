import { expect, test } from 'vitest';
import { missedIn } from '../../lib/coverage/coverage.ts';
import { originsOf } from '../../lib/coverage/template/align.ts';
import { anchorsOf } from '../../lib/coverage/template/anchors.ts';
import type { TracedLine } from '../../lib/coverage/template/traced-lines.ts';
import { coverageOf, remap } from './support.ts';

const settings = (more = '') =>
  `${more}parameters:\n  text: { type: string, default: a }\n  program: { type: string, default: "" }\n`;

const PLACES: readonly {
  name: string;
  files: Record<string, string>;
  params?: Record<string, string>;
  places: string[];
}[] = [
  {
    name: 'behind a literal that is written anew around its value',
    files: {
      'transform.toml.hbs': remap(
        `.a = s'é "{{params.text}}"'\nif .a == s'"{{params.text}}"' || .message == "y" { .b = 1 }`,
      ),
    },
    params: { text: `it's "x"` },
    places: ['6:0 if'],
  },
  {
    name: 'between values, by the column too',
    files: {
      'transform.toml.hbs': remap(
        'if .message == "{{params.text}}" { .a = 1 }  if .message == "{{params.text}}{{params.text}}" { .b = 1 }'.replace(
          '  if',
          '\nif',
        ),
      ),
    },
    places: ['5:0 if', '6:0 if'],
  },
  {
    name: 'in a file with the line ends of Windows',
    files: {
      'transform.toml.hbs': remap('.a = 1\nif .message == "{{params.text}}" {\n  .b = 1\n}').replaceAll('\n', '\r\n'),
    },
    places: ['6:0 if'],
  },
  {
    name: 'behind what Handlebars is told to leave alone',
    files: {
      'transform.toml.hbs': remap('x = "a"\n.a = "\\{{ x }}" if .message == "q" { .b = 1 }'.replace('" if', '"\nif')),
    },
    places: ['7:0 if'],
  },
  {
    name: 'behind blanks that a tag takes off',
    files: {
      'transform.toml.hbs': remap(
        '{{#if params.text~}}\n\n  if .message == "q" { .b = 1 }\n{{~else}}\n.c = 1\n{{/if}}',
      ),
    },
    places: ['7:2 if', '8:9 else'],
  },
  {
    name: 'out of a value that is put as it is, at its tag',
    files: {
      'profile.yaml': settings('raw: true\n'),
      'transform.toml.hbs': remap('.a = 1\n{{raw params.program}}\nif .message == "q" { .b = 1 }'),
    },
    params: {
      program: 'if .message == "r" {\n  .c = 1\n}\n.d = .message == "s" && .e == 1\nif .message == "t" { .f = 1 }',
    },
    places: ['6:0 if', '6:0 &&', '6:0 if', '7:0 if'],
  },
  {
    name: 'in a partial within a partial that stand indented',
    files: {
      'transform.toml.hbs': remap('if .message != "" {\n    {{> outer}}\n}'),
      '/partials/outer.hbs': '.a = 1\n  {{> inner}}\n.b = 1\n',
      '/partials/inner.hbs': '\n.c = 1\n  if .message == "q" { .b = 1 }\n',
    },
    places: ['partials/inner.hbs:3:2 if', '5:0 if'],
  },
  {
    name: 'of alike lines each at its own',
    files: {
      'transform.toml.hbs': remap(
        'if .message == "x" {\n  .a = 1\n} else {\n  .b = 1\n}\nif .message == "a line" {\n  .a = 1\n} else {\n  .b = 1\n}',
      ),
    },
    places: ['5:0 if', '12:2 else'],
  },
  {
    name: 'of two transforms, one the other’s double',
    files: {
      'transform.toml.hbs': `${remap('if .message == "q" { .b = 1 }').replace('_parse', '_a')}${remap('if .message == "q" { .b = 1 }').replace('{{input}}', '{{id}}_a')}`,
    },
    places: ['5:0 if', '11:0 if'],
  },
];

test.each(PLACES.map((one) => [one.name, one] as const))(
  'a branch is found %s',
  async (_, { files, params = {}, places }) => {
    const cases = [{ name: 'a', lines: ['a line'], params, events: [{ nomad: {} }] }];
    const named = Object.entries({ 'profile.yaml': settings(), ...files }).map(([name, text]) => [
      name.startsWith('/') ? name.slice(1) : `profiles/p/${name}`,
      text,
    ]);
    const { coverage } = await coverageOf(
      { ...Object.fromEntries(named), 'profiles/p/tests/a.yaml': JSON.stringify(cases) },
      ['p'],
    );
    const missed = missedIn(coverage.profiles[0]?.branches ?? []);
    const shown = missed.map(({ branch: { at, never } }) => {
      const file = at.file === 'profiles/p/transform.toml.hbs' ? '' : `${at.file}:`;
      return `${file}${at.line}:${at.column} ${/^\{?\{?#?(\w+|\S\S)/.exec(never)?.[1]}`;
    });
    expect(shown).toEqual(places);
  },
);

const aLine = (line: number, ...texts: string[]): TracedLine => ({
  text: texts.join(''),
  pieces: texts.map((text, index) => ({ text, isValue: index % 2 === 1, at: { file: 'a', line, column: 10 * index } })),
});

test('lines that nvl wrote come from no template, nor does any place of a text without one', () => {
  const traced = [aLine(1, 'if a {'), aLine(2, '}'), aLine(3, 'x = "', 'v', '"')];
  const { at } = originsOf({ lines: ['}', 'if b {', '}', 'if a {', '}', 'x = nvl_c0', '}'], traced });
  expect([0, 1, 2, 3, 4, 5, 6].map((line) => at(line, 0)?.line)).toEqual([
    undefined,
    undefined,
    undefined,
    1,
    2,
    3,
    undefined,
  ]);
  expect(at(5, 8)).toEqual({ file: 'a', line: 3, column: 10, isValue: true });
  expect(originsOf({ lines: ['x'], traced: [] }).at(0, 0)).toBeUndefined();
  expect(at(99, 0)).toBeUndefined();
});

test('of lines that are alike those go together that follow one another', () => {
  const { at } = originsOf({ lines: ['}', '{', '}', 'b'], traced: [aLine(1, '}'), aLine(2, 'b')] });
  expect([0, 1, 2, 3].map((line) => at(line, 0)?.line)).toEqual([undefined, undefined, 1, 2]);
});

test('texts of thousands of lines are read side by side in no time, alike ones too', () => {
  const count = 20_000;
  const many = (make: (line: number) => string) => Array.from({ length: count }, (_, line) => make(line));
  const began = performance.now();
  const unique = many((line) => `.field_${line} = ${line}`);
  const { at } = originsOf({
    lines: ['# of nvl', ...unique],
    traced: unique.map((text, line) => aLine(line + 1, text)),
  });
  expect([at(0, 0), at(1, 0)?.line, at(count, 2)]).toEqual([undefined, 1, { file: 'a', line: count, column: 2 }]);
  const alike = many(() => '}');
  originsOf({ lines: alike, traced: alike.map((text, line) => aLine(line, text)) });
  expect(performance.now() - began).toBeLessThan(5_000);
});

test('pairs are what stands but once in both, as many as are in one order', () => {
  const first = ['head of it', 'twice here', 'second one', 'third text', 'twice here', '}', 'last of it'];
  const second = ['last of it', 'head of it', 'third text', 'second one', 'twice here', 'last line', '}'];
  expect(anchorsOf(first, second).pairs).toEqual([
    [0, 1],
    [3, 2],
  ]);
  expect(anchorsOf(first, second).between).toEqual([
    { first: [0, 0], second: [0, 1] },
    { first: [1, 3], second: [2, 2] },
    { first: [4, 7], second: [3, 7] },
  ]);
  expect(anchorsOf([], [])).toEqual({ pairs: [], between: [{ first: [0, 0], second: [0, 0] }] });
});
