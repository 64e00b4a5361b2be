import { createHash } from 'node:crypto';

/**
 * The placeholders of a template: 18 digits, under 2^63, so that TOML and VRL take them wherever a value may stand: 12 of
 * the text's own (the nonce), 6 that count. They are the same for equal templates, so equal text around the values gives
 * equal bytes.
 */
export type Marks = {
  nonce: string;
  /** What stands in the text for the value with this index. */
  placeholder: (valueIndex: number) => string;
  /** Every placeholder in the text, from left to right. */
  all: (text: string) => Mark[];
};
/** One placeholder in a text: the index of the value it stands for, and where it begins and ends. */
export type Mark = { valueIndex: number; start: number; end: number };

const MARK_LENGTH = 18;
const MOST_VALUES = 1_000_000;

/** Makes placeholders that occur in none of `texts`; each `salt` gives others, for a value that holds the first ones. */
export const createMarks = (texts: readonly string[], salt: number): Marks => {
  const nonce = freeNonce(texts, salt);
  const made: string[] = [];
  return {
    nonce,
    placeholder: (valueIndex) => {
      if (valueIndex >= MOST_VALUES) throw new RangeError(`a template put over ${MOST_VALUES} values`);
      made[valueIndex] ??= nonce + String(valueIndex).padStart(6, '0');
      return made[valueIndex];
    },
    all: (text) => {
      const found: Mark[] = [];
      for (let at = text.indexOf(nonce); at >= 0; at = text.indexOf(nonce, at + MARK_LENGTH)) {
        found.push({
          valueIndex: Number(text.slice(at + nonce.length, at + MARK_LENGTH)),
          start: at,
          end: at + MARK_LENGTH,
        });
      }
      return found;
    },
  };
};

const freeNonce = (texts: readonly string[], salt: number): string => {
  const seed = createHash('sha256').update(texts.join('\0')).update(`\0${salt}`).digest('hex');
  for (let turn = 0; ; turn += 1) {
    const number = BigInt(`0x${createHash('sha256').update(`${seed}${turn}`).digest('hex').slice(0, 16)}`);
    const nonce = String(100_000_000_000n + (number % 800_000_000_000n));
    if (!endsAsItBegins(nonce) && !texts.some((text) => text.includes(nonce))) return nonce;
  }
};

/** Such a number could be found one place too early, behind digits of the author's. */
const endsAsItBegins = (nonce: string): boolean => {
  for (let length = 1; length < nonce.length; length += 1) if (nonce.startsWith(nonce.slice(-length))) return true;
  return false;
};

/** Stands in the text around a value for another value, which may be anything, also nothing. */
export const ANY_VALUE = '\uE000';

/** The text with each placeholder as one `ANY_VALUE`. */
export const hideMarks = (marks: Marks, text: string): string =>
  text.replace(new RegExp(`${marks.nonce}\\d{6}`, 'g'), ANY_VALUE);
