import { anchorsOf } from './anchors.ts';
import type { Origin } from './arms.ts';
import type { TracedLine } from './traced-lines.ts';

/** Where the text of a line and column comes from; lines from 0. Undefined for what no template wrote. */
export type Origins = { at: (line: number, column: number) => Origin | undefined };

/**
 * Tells where each place of a rendered text comes from, by the lines that its templates gave. The text has more lines, which nvl wrote, and
 * values in it may be written otherwise: both are read side by side, so that as many lines as can be are in both. Pure.
 */
export const originsOf = ({ lines, traced }: { lines: readonly string[]; traced: readonly TracedLine[] }): Origins => {
  const pairs = align({ lines, traced });
  return {
    at: (line, column) => {
      const fit = pairs.get(line);
      if (fit === undefined) return undefined;
      const { pieces } = fit.traced;
      const index = Math.max(
        0,
        fit.starts.findLastIndex((start) => start <= column),
      );
      const piece = pieces[index];
      if (piece === undefined) return undefined;
      const { file, line: row, column: from } = piece.at;
      if (piece.isValue) return { file, line: row, column: from, isValue: true };
      const behind = Math.min(column - (fit.starts[index] ?? 0), piece.text.length);
      return { file, line: row, column: from + Math.max(0, behind) };
    },
  };
};

/** How a line fits one that a template gave: where each piece of that one begins in it, and what the pair is worth. */
type Fit = { traced: TracedLine; starts: readonly number[]; worth: number };

/** Lines that stand but once in both are pairs for certain; what is between two of them is read side by side. */
const align = ({
  lines,
  traced,
}: {
  lines: readonly string[];
  traced: readonly TracedLine[];
}): ReadonlyMap<number, Fit> => {
  const shown = lines.map(trimmed);
  const given = traced.map((line) => ({ traced: line, shown: trimmed(line.text) }));
  const { pairs, between } = anchorsOf(
    given.map((line) => line.shown.text),
    shown.map(({ text }) => text),
  );
  const found = new Map<number, Fit>();
  const add = (line: number, fit: Fit | undefined): void => {
    if (fit !== undefined) found.set(line, fit);
  };
  for (const [row, line] of pairs) add(line, fitOf(shown[line] as Shown, given[row] as Given));
  for (const { first, second } of between)
    for (const [line, fit] of alignStretch({ shown: shown.slice(...second), given: given.slice(...first) }))
      add(second[0] + line, fit);
  return found;
};

/** The pairs of the best way through both. That pairs follow one another counts, so that a lone brace goes to its own block. */
const alignStretch = ({
  shown,
  given,
}: {
  shown: readonly Shown[];
  given: readonly Given[];
}): ReadonlyMap<number, Fit> => {
  const width = shown.length + 1;
  const cells = (given.length + 1) * width;
  // So much that is alike and never the same once is a table, of which nothing depends.
  if (cells > MOST_CELLS) return new Map();
  const [best, paired] = [new Float64Array(cells), new Float64Array(cells).fill(Number.NEGATIVE_INFINITY)];
  const fits = new Map<number, Fit>();
  const pairAt = (cell: number): number => paired[cell] ?? Number.NEGATIVE_INFINITY;
  for (let row = given.length - 1; row >= 0; row -= 1) {
    for (let column = shown.length - 1; column >= 0; column -= 1) {
      const cell = row * width + column;
      const next = cell + width + 1;
      const fit = fitOf(shown[column] as Shown, given[row] as Given);
      if (fit !== undefined) {
        fits.set(cell, fit);
        paired[cell] = fit.worth + Math.max(best[next] ?? 0, pairAt(next) + TOGETHER);
      }
      best[cell] = Math.max(pairAt(cell), best[cell + width] ?? 0, best[cell + 1] ?? 0);
    }
  }
  const pairs = new Map<number, Fit>();
  for (let [row, column, isPaired] = [0, 0, false]; row < given.length && column < shown.length; ) {
    const cell = row * width + column;
    if (isPaired || pairAt(cell) === best[cell]) {
      pairs.set(column, fits.get(cell) as Fit);
      isPaired = pairAt(cell + width + 1) + TOGETHER > (best[cell + width + 1] ?? 0);
      row += 1;
      column += 1;
    } else if (best[cell] === best[cell + 1]) column += 1;
    else row += 1;
  }
  return pairs;
};

const TOGETHER = 0.5;
const MOST_CELLS = 4_000_000;

type Shown = { line: string; text: string; blanks: number };
type Given = { traced: TracedLine; shown: Shown };

const trimmed = (line: string): Shown => ({ line, text: line.trim(), blanks: line.length - line.trimStart().length });

const fitOf = ({ line, text, blanks }: Shown, { traced, shown }: Given): Fit | undefined => {
  if (text === shown.text) {
    return { traced, starts: startsOf(traced, blanks - shown.blanks), worth: worthOf(text.length) };
  }
  if (!traced.pieces.some(({ isValue }) => isValue)) return undefined;
  return fitAround({ line, traced }) ?? fitByWords({ line, traced });
};

/** A long line is in both for a reason. */
const worthOf = (characters: number): number => 0.1 + Math.min(characters, 20) / 10;

const startsOf = ({ pieces }: TracedLine, from: number): number[] => {
  let at = from;
  return pieces.map(({ text }) => {
    at += text.length;
    return at - text.length;
  });
};

/** What stands around values is found again; quotes beside a value may be other ones, or gone. */
const fitAround = ({ line, traced }: { line: string; traced: TracedLine }): Fit | undefined => {
  const { pieces } = traced;
  const starts: number[] = [];
  let [at, found] = [0, 0];
  for (const [index, { text, isValue }] of pieces.entries()) {
    if (isValue) {
      starts.push(at);
      continue;
    }
    const own = withoutQuotes({ text, isBehind: index > 0, isBefore: index < pieces.length - 1 });
    const isLast = index === pieces.length - 1;
    const start = isLast ? line.length - own.length : index === 0 ? 0 : line.indexOf(own, at);
    if (start < at || !line.startsWith(own, start)) return undefined;
    starts.push(start - (text.length - own.length > 0 && index > 0 && !text.startsWith(own) ? 1 : 0));
    at = start + own.length;
    found += own.trim().length;
  }
  return found === 0 ? undefined : { traced, starts, worth: worthOf(found) };
};

/** A literal may be written anew around its value: then at least its words are found again, in their order. */
const fitByWords = ({ line, traced }: { line: string; traced: TracedLine }): Fit | undefined => {
  const starts: number[] = [];
  let [at, found] = [0, 0];
  for (const { text, isValue } of traced.pieces) {
    let start: number | undefined;
    for (const { 0: word, index } of isValue ? [] : text.matchAll(/\w+/g)) {
      const next = line.indexOf(word, at);
      if (next === -1) return undefined;
      start ??= next - index;
      at = next + word.length;
      found += word.length;
    }
    starts.push(Math.max(start ?? at, starts.at(-1) ?? 0));
  }
  return found === 0 ? undefined : { traced, starts, worth: worthOf(found) / 2 };
};

const withoutQuotes = ({
  text,
  isBehind,
  isBefore,
}: {
  text: string;
  isBehind: boolean;
  isBefore: boolean;
}): string => {
  const tail = isBefore ? text.replace(/s?['"]$/, '') : text;
  return isBehind ? tail.replace(/^['"]/, '') : tail;
};
