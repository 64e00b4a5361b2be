import type { Branch } from '../coverage.ts';

/** A stretch of a line that no test takes. `guard`: a constant behind `??`. */
export type LineMark = { from: number; to: number; mark: 'missed' | 'guard' };

/** A part of a line, in one way or another. */
export type Piece = { text: string; mark: LineMark['mark'] | undefined };

/** What of a line these branches are; of one for which nothing is written, the word or tag that it belongs to. Pure. */
export const marksOn = ({
  line,
  number,
  branches,
}: {
  line: string;
  /** From 1. */
  number: number;
  branches: readonly Branch[];
}): LineMark[] =>
  branches.flatMap(({ at, span, isGuard }): LineMark[] => {
    const mark = isGuard ? 'guard' : 'missed';
    if (span === undefined) {
      const word = at.line === number ? /^(?:\{\{[^}]*\}\}|\w+|\S)/.exec(line.slice(at.column))?.[0] : undefined;
      return word === undefined ? [] : [{ from: at.column, to: at.column + word.length, mark }];
    }
    if (number < span.from.line || number > span.to.line) return [];
    const from = number === span.from.line ? span.from.column : 0;
    const to = number === span.to.line ? span.to.column : line.length;
    return to > from ? [{ from, to, mark }] : [];
  });

/** The line, cut where a mark begins or ends. What both a branch and a constant are is the branch's. Pure. */
export const piecesOf = (line: string, marks: readonly LineMark[]): Piece[] => {
  const cuts = new Set([0, line.length, ...marks.flatMap(({ from, to }) => [from, to])]);
  const sorted = [...cuts].filter((at) => at >= 0 && at <= line.length).sort((a, b) => a - b);
  return sorted.slice(0, -1).map((from, index) => {
    const to = sorted[index + 1] ?? line.length;
    const around = marks.filter((mark) => mark.from <= from && mark.to >= to);
    const mark = around.some((one) => one.mark === 'missed') ? 'missed' : around[0]?.mark;
    return { text: line.slice(from, to), mark };
  });
};
