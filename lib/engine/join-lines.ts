/** How a file source joins lines: `multiline` of Vector's options. */
export type Multiline = { startPattern: string; conditionPattern: string; mode: MultilineMode };

export const MULTILINE_MODES = ['continue_through', 'continue_past', 'halt_before', 'halt_with'] as const;
export type MultilineMode = (typeof MULTILINE_MODES)[number];

/** A line, and whether it fits the two patterns. */
export type JudgedLine<Line> = { line: Line; isStart: boolean; fitsCondition: boolean };

/** Joins the lines of one file, as they come. */
export type LineJoiner<Line> = {
  /** The groups that these lines end, each with its lines. */
  push(lines: readonly JudgedLine<Line>[]): Line[][];
  /** The group that waits for more. */
  release(): Line[][];
};

/**
 * As Vector's line aggregation does it (0.57): a line that does not start a group while none waits goes on alone.
 *
 * @source https://vector.dev/docs/reference/configuration/sources/file/#multiline.mode
 */
export const createLineJoiner = <Line>(mode: MultilineMode): LineJoiner<Line> => {
  let waiting: Line[] | undefined;
  const release = (): Line[][] => {
    const group = waiting;
    waiting = undefined;
    return group === undefined ? [] : [group];
  };
  const take = ({ line, isStart, fitsCondition }: JudgedLine<Line>): Line[][] => {
    if (waiting === undefined) {
      if (!isStart) return [[line]];
      waiting = [line];
      return [];
    }
    const what = DECISIONS[mode](fitsCondition);
    if (what === 'ends before') return [...release(), ...take({ line, isStart, fitsCondition })];
    waiting.push(line);
    return what === 'goes on' ? [] : release();
  };
  return { push: (lines) => lines.flatMap(take), release };
};

const DECISIONS: Readonly<
  Record<MultilineMode, (fitsCondition: boolean) => 'goes on' | 'ends with it' | 'ends before'>
> = {
  continue_through: (fits) => (fits ? 'goes on' : 'ends before'),
  continue_past: (fits) => (fits ? 'goes on' : 'ends with it'),
  halt_before: (fits) => (fits ? 'ends before' : 'goes on'),
  halt_with: (fits) => (fits ? 'ends with it' : 'goes on'),
};
