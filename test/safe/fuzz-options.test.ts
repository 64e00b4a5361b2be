import fc from 'fast-check';
import { parse } from 'smol-toml';
import { expect, test } from 'vitest';
import { compileSafe } from '../../lib/render/safe/index.ts';

/** Options that Vector reads as a language of its own, each with a reader of it that knows nothing of nvl. */
type Option = { name: string; open: string; read: (text: string) => string };

/**
 * As Vector's `parse_template` parts it, with every field as `<field>` and every time format as `<time>`
 * (src/template.rs).
 */
const readTemplate = (text: string): string => {
  let result = '';
  let at = 0;
  for (const found of text.matchAll(/\{\{([^}]+)\}\}/g)) {
    result += `${readTimes(text.slice(at, found.index))}<field ${found[1]?.trim()}>`;
    at = found.index + found[0].length;
  }
  return result + readTimes(text.slice(at));
};

/** A part without a time format stays as it is, `%%` too; with one, chrono reads each of its `%`. */
const readTimes = (part: string): string => {
  const items = [...part.matchAll(/%[-_0]?(?:\.?[369])?([A-Za-z%])|%|[^%]+/g)];
  if (
    items.some(
      ([item, letter]) =>
        item.startsWith('%') && (!/[YmdHMSF%nt]/.test(letter ?? '') || (letter === '%' && item !== '%%')),
    )
  )
    throw new Error('no time format');
  if (!items.some(([, letter]) => letter && !/[%nt]/.test(letter))) return part;
  return items
    .map(([item, letter]) => (letter === undefined ? item : letter === '%' ? '%' : `<time ${letter}>`))
    .join('');
};

/** As the crate glob parts a pattern; a class of one character is that character. */
const readGlob = (pattern: string): string =>
  pattern.replace(/\[(?:![\s\S]|[^!])[^\]]*\]|\*+|\?|\[/g, (found) => {
    if (found === '[') throw new Error('an open class');
    return found.length === 3 && found[0] === '[' ? (found[1] as string) : `<${found}>`;
  });

const option = (
  name: string,
  open: string,
  at: (tree: Record<string, never>) => unknown,
  read: (text: string) => string,
): Option => ({
  name,
  open,
  read: (text) => read(String(at(parse(text) as Record<string, never>))),
});

type Tree = { sinks: { a: { path: string; labels: { l: string } } }; sources: { a: { include: string[] } } };
const tree = (parsed: unknown): Tree => parsed as Tree;

const options: Option[] = [
  option('path', '[sinks.a]\ntype = "file"\npath = "', (parsed) => tree(parsed).sinks.a.path, readTemplate),
  option('label', '[sinks.a]\ntype = "loki"\nlabels.l = "', (parsed) => tree(parsed).sinks.a.labels.l, readTemplate),
  option('an unknown option', '[sinks.a]\ntype = "new"\npath = "', (parsed) => tree(parsed).sinks.a.path, readTemplate),
  option(
    'include',
    '[sources.a]\ntype = "file"\ninclude = ["',
    (parsed) => tree(parsed).sources.a.include[0],
    readGlob,
  ),
];

const chain = (...parts: string[]) =>
  fc.array(fc.constantFrom(...parts), { maxLength: 3 }).map((chosen) => chosen.join(''));
const authored = chain(
  'a',
  '{',
  '}',
  '{{ f }}',
  '{{',
  '}}',
  '%',
  '%%',
  '%Y',
  '%-',
  '%n',
  '.',
  '*',
  '?',
  '[',
  ']',
  '[!',
  '',
);
const value = chain(
  'Y',
  'b',
  '{',
  '}',
  '{{',
  '}}',
  '{{ g }}',
  '%',
  '%%',
  '%Y',
  '-',
  '.3',
  '*',
  '?',
  '[',
  ']',
  '!',
  '[c]',
  '',
);
const plainValues = ['Qone', 'Qtwo'];

/** A busy machine may take its time for so many. */
const SLOW = { timeout: 180_000 };

test('no value becomes a field, a time format or a wildcard, amid any text of the author', SLOW, () => {
  const templates = options.map(({ name, open, read }) => {
    const close = open.endsWith('["') ? '"]' : '"';
    const text = `${open}{{raw t0}}{{v0}}{{raw t1}}{{v1}}{{raw t2}}${close}\n`;
    return { read, template: compileSafe({ name, text, rawAllowed: true }) };
  });
  let compared = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...templates),
      fc.tuple(authored, authored, authored),
      fc.tuple(value, value),
      ({ read, template }, [t0, t1, t2], values) => {
        const render = ([v0, v1]: readonly string[]) => template.render({ t0, t1, t2, v0, v1 });
        const [plain, result] = [render(plainValues), render(values)];
        if (!plain.ok || !result.ok) return;
        const shown = readOrNothing(() => read(plain.text));
        if (shown === undefined) return; // Vector would refuse what the author wrote.
        compared += 1;
        const wanted = shown.replace(/Qone|Qtwo/g, (mark) => values[plainValues.indexOf(mark)] as string);
        expect(read(result.text), result.text).toBe(wanted);
      },
    ),
    { numRuns: 10_000, seed: 20_240_506 },
  );
  expect(compared).toBeGreaterThan(2_000);
});

const readOrNothing = (read: () => string): string | undefined => {
  try {
    return read();
  } catch {
    return undefined;
  }
};
