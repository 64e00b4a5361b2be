import fc from 'fast-check';
import { parse } from 'smol-toml';
import { expect, test } from 'vitest';
import { compileSafe } from '../../lib/render/safe/index.ts';
import { cells } from './support/cells.ts';
import { createCheck, isSame, normal } from './support/check.ts';
import { readProgram } from './support/vrl-reader.ts';

/** What breaks out of something, somewhere; a hostile value is a chain of these. */
const fragments = [
  ...[
    '"',
    "'",
    '"""',
    "'''",
    '\\',
    '\\\\',
    '`',
    '\n',
    '\r\n',
    '\r',
    '\t',
    '\0',
    ' ',
    '  ',
    '\u2028',
    '\ufeff',
    '\u0085',
    '\ud83d\ude00',
    'é',
    'a',
    'T',
    'x1',
    '0',
    '-',
    '_',
    '.',
    ',',
    ':',
    ';',
    '/',
    '@',
  ],
  ...[
    '$',
    '$HOME',
    '$\u007bX',
    '}',
    '{',
    '{{',
    '}}',
    ' {{ a }} ',
    '\\{{',
    '\\}}',
    'SECRET',
    'SECRET[',
    '[',
    ']',
    '[a.b]',
    'f.tok]',
    '%',
    '%%',
    '%Y',
    '*',
    '?',
    '[!',
    '#',
    '=',
    '(',
    ')',
    '|',
    '!',
    '+',
    '..',
    '../',
  ],
  ...[
    '\\n',
    '\\u',
    '\\u{41}',
    '\\x',
    '\\"',
    "\\'",
    "r'",
    "s'",
    "t'",
    '->',
    '??',
    '.pwned = true',
    '\n[sources.evil]\n',
    'type = "exec"',
    'true',
    'null',
    'abort',
    '__proto__',
    '2024-05-06T07:08:09Z',
    '1e9',
    '\\d',
    '(?i)',
  ],
];
const hostile = fc.array(fc.constantFrom(...fragments), { maxLength: 7 }).map((parts) => parts.join(''));

const seed = 20_240_506;

test('chains of dangerous fragments in every place come out exactly or are refused', () => {
  const checks = cells.map((cell) => ({ cell, check: createCheck(cell) }));
  fc.assert(
    fc.property(hostile, fc.constantFrom(...checks), (value, { cell, check }) => {
      const problem = check(value);
      if (problem !== undefined) throw new Error(`${cell.place}, ${cell.name}: ${problem}`);
    }),
    { numRuns: 25_000, seed },
  );
});

/** Strings that hold an author's own text and several values, and what reads each of them. */
const containers: { name: string; write: (inside: string) => string; read: (text: string) => unknown }[] = [
  ...[
    ['"', '"'],
    ["'", "'"],
    ['"""', '"""'],
    ["'''", "'''"],
  ].map(([open, close]) => ({
    name: `lines = [${open}…${close}]`,
    write: (inside: string) => `[sources.a]\ntype = "demo_logs"\nlines = [${open}${inside}${close}]\n`,
    read: (text: string) => (parse(text) as { sources: { a: { lines: string[] } } }).sources.a.lines[0],
  })),
  ...['"', "s'"].flatMap((quote) =>
    ["'''", '"""'].map((outer) => ({
      name: `${quote}…${quote.at(-1)} in ${outer}`,
      write: (inside: string) =>
        `[transforms.a]\ntype = "remap"\nsource = ${outer}\n.got = ${outer === '"""' ? JSON.stringify(`${quote}${inside}${quote.at(-1)}`).slice(1, -1) : `${quote}${inside}${quote.at(-1)}`}\n${outer}\n`,
      read: (text: string) =>
        readProgram((parse(text) as { transforms: { a: { source: string } } }).transforms.a.source)[0]?.value,
    })),
  ),
];

/** An author's text: as hostile as a value, but written for Handlebars. */
const authored = fc
  .array(
    fc.constantFrom(
      'a',
      ' ',
      'b.',
      '{',
      '}',
      '"',
      "'",
      '\\\\ ',
      '\\',
      '\n',
      '\\\n  ',
      '\\{{ f }}',
      '%Y',
      '[',
      ']',
      '#',
      '\\n',
      '\\u',
      '1',
      '',
    ),
    { maxLength: 4 },
  )
  .map((parts) => parts.join(''));

/** Text that no author or fragment holds: what a value is compared with. */
const marksOf = ['Qone', 'Qtwo', 'Qthree'];

/** What the author wrote may be no VRL. */
const readOrNothing = (read: () => unknown): string | undefined => {
  try {
    return String(read());
  } catch {
    return undefined;
  }
};

test('several values amid any text of the author change nothing but themselves', () => {
  let rendered = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...containers),
      fc.tuple(authored, authored, authored, authored),
      fc.tuple(hostile, hostile, hostile),
      (container, texts, values) => {
        const inside = texts.map((text, index) => (index === 3 ? text : `${text}{{v${index}}}`)).join('');
        const template = compileSafe({ name: container.name, text: container.write(inside) });
        const render = (of: readonly string[]) => template.render({ v0: of[0], v1: of[1], v2: of[2] });
        const plain = render(marksOf);
        const result = render(values);
        if (!plain.ok || !result.ok) return;
        const wanted = readOrNothing(() => container.read(plain.text))?.replace(
          /Qone|Qtwo|Qthree/g,
          (mark) => values[marksOf.indexOf(mark)] as string,
        );
        if (wanted === undefined) return;
        rendered += 1;
        const real = container.read(result.text);
        expect(
          isSame(normal(real), wanted),
          `${result.text}\nread ${JSON.stringify(real)}\nwanted ${JSON.stringify(wanted)}`,
        ).toBe(true);
      },
    ),
    { numRuns: 10_000, seed },
  );
  expect(rendered).toBeGreaterThan(1_000);
});
