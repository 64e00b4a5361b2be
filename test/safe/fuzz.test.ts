import fc from 'fast-check';
import { parse } from 'smol-toml';
import { expect, test } from 'vitest';
import { compileSafe } from '../../lib/render/safe/index.ts';
import { cells } from './support/cells.ts';
import { createCheck } from './support/check.ts';
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

test('chains of dangerous fragments in every place come out exactly or are refused', { timeout: 180_000 }, () => {
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
type Container = {
  name: string;
  open: string;
  close: string;
  escape: (text: string) => string;
  read: (text: string) => unknown;
};

const asWritten = (text: string): string => text;
const inBasic = (text: string): string => JSON.stringify(text).slice(1, -1);

const containers: Container[] = [
  ...['"', "'", '"""', "'''"].map((quotes) => ({
    name: `a TOML string in ${quotes}`,
    open: `[sources.a]\ntype = "demo_logs"\nlines = [${quotes}`,
    close: `${quotes}]\n`,
    escape: asWritten,
    read: (text: string) => (parse(text) as { sources: { a: { lines: string[] } } }).sources.a.lines[0],
  })),
  ...['"', "s'"].flatMap((quote) =>
    ["'''", '"""', '"'].map((outer) => {
      const write = outer === "'''" ? asWritten : inBasic;
      return {
        name: `a VRL string in ${quote} in ${outer}`,
        open: `[transforms.a]\ntype = "remap"\nsource = ${outer}${write(`.got = ${quote}`)}`,
        close: `${write(quote.slice(-1))}${outer}\n`,
        escape: write,
        read: (text: string) =>
          readProgram((parse(text) as { transforms: { a: { source: string } } }).transforms.a.source)[0]?.value,
      };
    }),
  ),
];

/** An author's text, as dangerous as a value. */
const authored = fc
  .array(
    fc.constantFrom(
      ...['a', ' ', '  b', '.', '{', '}', '"', "'", '\\', '\\\\', '\n', '\\\n  '],
      ...['{{ f }}', '{{', '}}', '[', ']', '#', '\\n', '\\u', '1', '\u007f'],
    ),
    { maxLength: 3 },
  )
  .map((parts) => parts.join(''));

/** What a value is compared with: texts that no author and no fragment holds. */
const plainValues = ['Qone', 'Qtwo', 'Qthree'];

const readOrNothing = (read: () => unknown): string | undefined => {
  try {
    return String(read());
  } catch {
    return undefined;
  }
};

test('several values amid any text of the author change nothing but themselves', { timeout: 180_000 }, () => {
  const templates = containers.map((container) => {
    const text = `${container.open}{{raw t0}}{{v0}}{{raw t1}}{{v1}}{{raw t2}}{{v2}}{{raw t3}}${container.close}`;
    return { container, template: compileSafe({ name: container.name, text, rawAllowed: true }) };
  });
  let compared = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...templates),
      fc.tuple(authored, authored, authored, authored),
      fc.tuple(hostile, hostile, hostile),
      ({ container, template }, texts, values) => {
        const [t0, t1, t2, t3] = texts.map(container.escape);
        const render = ([v0, v1, v2]: readonly string[]) => template.render({ t0, t1, t2, t3, v0, v1, v2 });
        const [plain, result] = [render(plainValues), render(values)];
        if (!plain.ok || !result.ok) return;
        const shown = readOrNothing(() => container.read(plain.text));
        if (shown === undefined) return; // The author's own text is no VRL.
        compared += 1;
        const wanted = shown.replace(/Qone|Qtwo|Qthree/g, (mark) => values[plainValues.indexOf(mark)] as string);
        expect(container.read(result.text), result.text).toBe(wanted);
      },
    ),
    { numRuns: 12_000, seed },
  );
  expect(compared).toBeGreaterThan(2_000);
});

/**
 * As Vector replaces them in the raw text (src/config/vars.rs, src/config/loading/secret.rs), each by a text that
 * shows.
 */
const replaceReferences = (text: string, interpolates: boolean): string => {
  const interpolated = interpolates
    ? text.replace(
        /\$\$|\$([A-Za-z0-9_.]+)|\$\{([A-Za-z0-9_.]+)(?:(:?-|:?\?)([^}]*))?\}/g,
        (all, short?: string, long?: string) => (all === '$$' ? '$' : `ENV(${short ?? long})`),
      )
    : text;
  return interpolated.replace(/SECRET\[([A-Za-z0-9_]+)\.([A-Za-z0-9_./-]+)\]/g, 'LEAKED($1 $2)');
};

const referring = (...parts: string[]) =>
  fc.array(fc.constantFrom(...parts), { maxLength: 3 }).map((chosen) => chosen.join(''));
const authorRefers = referring(
  '$',
  '$$',
  '$A',
  '$\u007b',
  '$\u007bA',
  '$\u007bA:-',
  ':-',
  '}',
  'SEC',
  'SECRET',
  '[',
  '[a.',
  ']',
  'b',
  '.',
  ' ',
  'x',
  '',
);
const valueRefers = referring(
  'RET',
  'SECRET',
  'T',
  '[f.tok]',
  '[',
  'f.tok',
  '.t',
  ']',
  'a',
  '-x',
  ':-y',
  '}',
  '{A}',
  '$A',
  '$',
  'A',
  '_',
  '/',
  ' ',
  '',
);

test('no value takes part in what Vector replaces in the raw text, nor does it replace anything of the value', {
  timeout: 180_000,
}, () => {
  const templates = containers.map((container) => {
    const text = `${container.open}{{raw t0}}{{v0}}{{raw t1}}{{v1}}{{raw t2}}{{v2}}{{raw t3}}${container.close}`;
    return { container, template: compileSafe({ name: container.name, text, rawAllowed: true }) };
  });
  let compared = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...templates),
      fc.tuple(authorRefers, authorRefers, authorRefers, authorRefers),
      fc.tuple(valueRefers, valueRefers, valueRefers),
      fc.boolean(),
      ({ container, template }, texts, values, interpolates) => {
        const [t0, t1, t2, t3] = texts.map(container.escape);
        const render = ([v0, v1, v2]: readonly string[]) => template.render({ t0, t1, t2, t3, v0, v1, v2 });
        const [plain, result] = [render(plainValues), render(values)];
        if (!plain.ok || !result.ok) return;
        const show = (text: string): unknown => container.read(replaceReferences(text, interpolates));
        const shown = readOrNothing(() => show(plain.text));
        if (shown === undefined) return;
        compared += 1;
        const wanted = shown.replace(/Qone|Qtwo|Qthree/g, (mark) => values[plainValues.indexOf(mark)] as string);
        expect(show(result.text), result.text).toBe(wanted);
      },
    ),
    { numRuns: 8_000, seed },
  );
  expect(compared).toBeGreaterThan(2_000);
});
