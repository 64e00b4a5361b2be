import type { VrlValue } from '../vrl/values.ts';
import type { Vrl, VrlProgram } from '../vrl/vrl.ts';
import type { JudgedLine, Multiline } from './join-lines.ts';
import type { SplitLine } from './split-lines.ts';
import { textOfBytes } from './text-of-bytes.ts';
import { NotRunnable } from './transform.ts';

/** Tells of lines whether they fit the two patterns of `multiline`, by Vector's own library for patterns, in a program of VRL. */
export type LineJudge = {
  program: VrlProgram;
  judge(lines: readonly SplitLine[]): Promise<JudgedLine<SplitLine>[]>;
};

/**
 * Vector reads these patterns over bytes. One that begins with `(?-u)` may so fit half a character: it is asked here with a character for
 * each byte. Throws `NotRunnable` where that is not the same.
 *
 * @source https://docs.rs/regex/latest/regex/bytes/index.html
 */
export const createLineJudge = ({
  id,
  vrl,
  multiline: { startPattern, conditionPattern },
}: {
  /** Of the source. */
  id: string;
  vrl: Vrl;
  multiline: Multiline;
}): LineJudge => {
  const patterns = [readPattern(startPattern), readPattern(conditionPattern)];
  const matches = patterns.map(({ field, text }) => `match(string!(.${field}), r'${withoutQuotes(text)}')`);
  const program = { name: `source ${id}, multiline`, source: `[${matches.join(', ')}]` };
  const isByBytes = patterns.some(({ field }) => field === BYTES);
  return {
    program,
    judge: async (lines) => {
      if (lines.length === 0) return [];
      const events = lines.map(({ bytes }) => ({
        event: { [TEXT]: textOfBytes(bytes), ...(isByBytes ? { [BYTES]: bytes.toString('latin1') } : {}) },
      }));
      const { results } = await vrl.run(program, events, { withValue: true });
      return lines.map((line, index) => {
        const result = results[index];
        const [isStart, fitsCondition] = result?.kind === 'done' ? ((result.value ?? []) as VrlValue[]) : [];
        return { line, isStart: isStart === true, fitsCondition: fitsCondition === true };
      });
    },
  };
};

const TEXT = 'text';
/** A character for each byte. */
const BYTES = 'bytes';

/** A quote ends a pattern of VRL; it may have a backslash before it, which means nothing. */
const withoutQuotes = (pattern: string): string =>
  pattern.replace(/\\?'|\\./gs, (signs) => (signs.endsWith("'") ? String.raw`\x27` : signs));

const readPattern = (pattern: string): { field: typeof TEXT | typeof BYTES; text: string } => {
  if (!pattern.includes('-u')) return { field: TEXT, text: pattern };
  const text = pattern.replace(/^\(\?-u\)/, '');
  if (text === pattern || /\(\?[a-z]*-?[a-z]*[ui]|\\[wWdDsSbB]|[^\x20-\x7e]/.test(text))
    throw new NotRunnable(`a pattern over bytes that nvl does not read: ${pattern}`);
  return { field: BYTES, text };
};
