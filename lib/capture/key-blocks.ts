/**
 * The lines without what private keys have between their first line and their last: the sample that redacts sees one line at a time. Where the last
 * line is missing, so is all that could be of a key behind the first; where the first is, all that could be before the last. `count`: how many keys. Pure.
 */
export const withoutKeyBlocks = (lines: readonly string[]): { lines: string[]; count: number } => {
  const kept: string[] = [];
  let count = 0;
  let isInside = false;
  for (const line of lines) {
    if (isInside && OF_KEY.test(line)) continue;
    if (BEGIN.test(line)) {
      count += 1;
      kept.push(line, MARK);
    } else if (!isInside && END.test(line)) {
      const before = kept.length;
      while (OF_KEY.test(kept.at(-1) ?? '-')) kept.pop();
      if (kept.length < before) {
        count += 1;
        kept.push(MARK);
      }
      kept.push(line);
    } else kept.push(line);
    isInside = BEGIN.test(line);
  }
  return { lines: kept, count };
};

const MARK = '[redacted]';

/** With nothing behind it: a key in one line is the sample's. */
const BEGIN = /-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----["',\s]*$/;
const END = /^[^-]*-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----/;

/** Base64 alone or behind other words, what a key says of itself, and nothing at all. */
const OF_KEY =
  /^[\s"']*(?:[0-9A-Za-z+/=]*|(?:Proc-Type|DEK-Info|Version|Comment): .*)["',\s]*$|\s[0-9A-Za-z+/=]{16,}["',\s]*$/;
