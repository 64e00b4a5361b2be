import { ANY_VALUE, hideMarks, type Mark, type Marks } from '../run/marks.ts';
import type { Place, Surroundings } from './place.ts';
import type { Part, Slot } from './plan.ts';

/**
 * A stretch of the skeleton's text that holds values, and what stands there instead: pieces of text, and a slot for each
 * value.
 */
export type Region = { start: number; end: number; parts: Part[] };

/**
 * The slot of one value: `inner` is the row of the language inside of a TOML string, `outer` the row of that string. Nothing
 * is known yet of what stands beside it.
 */
export const slot = (valueIndex: number, inner: Place | undefined, around: Surroundings, outer?: Place): Slot => ({
  valueIndex,
  inner,
  outer,
  surroundings: around,
  isGlob: false,
  mayTouch: false,
  mayStartSecret: false,
});

/** Each placeholder of the text with the text around it, in which other placeholders show as `ANY_VALUE`. */
export const marksWithSurroundings = (text: string, marks: Marks): { mark: Mark; around: Surroundings }[] => {
  const hidden = hideMarks(marks, text);
  let hiddenBy = 0;
  return marks.all(text).map((mark) => {
    const start = mark.start - hiddenBy;
    hiddenBy += mark.end - mark.start - ANY_VALUE.length;
    return { mark, around: { before: hidden.slice(0, start), after: hidden.slice(start + ANY_VALUE.length) } };
  });
};

/**
 * The text parted at its placeholders: its own pieces, each passed through `write`, and between them what `make` makes of
 * each placeholder.
 */
export const splitAtMarks = (
  text: string,
  marks: Marks,
  write: (piece: string) => string,
  make: (mark: Mark, around: Surroundings) => Part,
): Part[] => {
  const regions = marksWithSurroundings(text, marks).map(({ mark, around }) => ({
    start: mark.start,
    end: mark.end,
    parts: [make(mark, around)],
  }));
  return assemble(text, regions).map((part) => (typeof part === 'string' ? write(part) : part));
};

/** The text with its regions replaced, as pieces of text and slots; neighbouring pieces of text become one. */
export const assemble = (text: string, regions: readonly Region[]): Part[] => {
  const parts: Part[] = [];
  const add = (part: Part): void => {
    const last = parts.at(-1);
    if (typeof part === 'string' && typeof last === 'string') parts[parts.length - 1] = last + part;
    else if (part !== '') parts.push(part);
  };
  let at = 0;
  for (const region of regions.toSorted((one, other) => one.start - other.start)) {
    add(text.slice(at, region.start));
    region.parts.forEach(add);
    at = region.end;
  }
  add(text.slice(at));
  return parts;
};

/** The same regions in a text that begins `by` characters earlier. */
export const shiftRegions = (regions: readonly Region[], by: number): Region[] =>
  regions.map(({ start, end, parts }) => ({ start: start + by, end: end + by, parts }));

/**
 * Says of each slot what a plain value could still do to the text beside it: `mayTouch` where an empty one lets quotes or
 * other values touch (`"""say "{{a}}""""`, `{{a}}{{b}}`), `mayStartSecret` where one that ends in SECRET, or a part of that
 * word, stands before the rest of it and a `[` (`{{a}}[x.y]`, `{{a}}RET[x.y]`).
 */
export const withNeighbours = (parts: Part[]): Part[] =>
  parts.map((part, index) => {
    if (typeof part === 'string') return part;
    const [before = '', after = ''] = [parts[index - 1], parts[index + 1]];
    const isBeside = typeof before !== 'string' || typeof after !== 'string';
    const mayTouch = isBeside || part.surroundings.lineJoin === true || THREE_QUOTES.test(quotesAround(before, after));
    return { ...part, mayTouch, mayStartSecret: typeof after !== 'string' || SECRET_AHEAD.test(after) };
  });

const THREE_QUOTES = /(["'])\1\1/;
const SECRET_AHEAD = /^(?:S?E?C?R?E?T)?\[|^(?:S?E?C?R?E?T)?$/;

const quotesAround = (before: string, after: string): string =>
  (/["']*$/.exec(before)?.[0] ?? '') + (/^["']*/.exec(after)?.[0] ?? '');
