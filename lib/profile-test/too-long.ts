import { parse } from 'smol-toml';
import { DEFAULT_MAX_LINE_BYTES } from '../engine/split-lines.ts';
import { objectOf } from '../json.ts';

/** How long a line a source takes, by its id. Pure. */
export const longestLines = (text: string): ReadonlyMap<string, number> =>
  new Map(
    Object.entries(objectOf(parse(text).sources)).map(([id, source]) => [
      id,
      Number(objectOf(source).max_line_bytes ?? DEFAULT_MAX_LINE_BYTES),
    ]),
  );

/** The lines of a case that its source drops without a word, in words. Pure. */
export const lostLines = ({ bytes, longest }: { bytes: Buffer; longest: number }): string[] => {
  const lost: string[] = [];
  for (let [from, number] = [0, 1]; from < bytes.length; number += 1) {
    const newline = bytes.indexOf(NEWLINE, from);
    const end = newline === -1 ? bytes.length : newline;
    if (end - from > longest)
      lost.push(
        `line ${number} is lost: it has ${end - from} bytes, and Vector drops a line of more than ${longest} (max_line_bytes of the source)`,
      );
    from = end + 1;
  }
  return lost;
};

const NEWLINE = 0x0a;
