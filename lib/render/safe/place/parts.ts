import { ANY_VALUE, hideMarks, type Mark, type Marks } from '../run/marks.ts';
import type { Place, Surroundings } from './place.ts';
import type { Part, Slot } from './plan.ts';

/** A stretch of text that holds values, and what stands there instead. */
export type Region = { start: number; end: number; parts: Part[] };

export const slot = (valueIndex: number, inner: Place | undefined, around: Surroundings, outer?: Place): Slot => ({
  valueIndex,
  inner,
  outer,
  surroundings: around,
  isGlob: false,
  mayTouch: false,
  mayStartSecret: false,
});

/** Each placeholder of the text with what stands around it; the other placeholders are hidden once for all of them. */
export const marksWithSurroundings = (text: string, marks: Marks): { mark: Mark; around: Surroundings }[] => {
  const hidden = hideMarks(marks, text);
  let hiddenBy = 0;
  return marks.all(text).map((mark) => {
    const start = mark.start - hiddenBy;
    hiddenBy += mark.end - mark.start - ANY_VALUE.length;
    return { mark, around: { before: hidden.slice(0, start), after: hidden.slice(start + ANY_VALUE.length) } };
  });
};

/** The text's own pieces, each passed through `write`, and between them a slot for each placeholder. */
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

/** The text with its regions replaced, neighbouring pieces of text as one. */
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

export const shiftRegions = (regions: readonly Region[], by: number): Region[] =>
  regions.map(({ start, end, parts }) => ({ start: start + by, end: end + by, parts }));

/** Marks the values that even without a special sign could join with the text around them. */
export const withNeighbours = (parts: Part[]): Part[] =>
  parts.map((part, index) => {
    if (typeof part === 'string') return part;
    const [before = '', after = ''] = [parts[index - 1], parts[index + 1]];
    const isBeside = typeof before !== 'string' || typeof after !== 'string';
    const mayTouch = isBeside || part.surroundings.lineJoin === true || threeQuotes.test(quotesAround(before, after));
    return { ...part, mayTouch, mayStartSecret: typeof after !== 'string' || secretAhead.test(after) };
  });

const threeQuotes = /(["'])\1\1/;
const secretAhead = /^(?:S?E?C?R?E?T)?\[|^(?:S?E?C?R?E?T)?$/;

const quotesAround = (before: string, after: string): string =>
  (/["']*$/.exec(before)?.[0] ?? '') + (/^["']*/.exec(after)?.[0] ?? '');
