import type { Part, SkeletonPlan, Slot } from '../place/plan.ts';
import { Refused } from '../place/refused.ts';
import { Column } from './column.ts';
import { isPlain, toText } from './value.ts';

/** Writes the values into their slots: the text of one task, and who was refused, and why. */
export const fill = (
  plan: SkeletonPlan,
  values: readonly unknown[],
): { text: string; refused: { slot: Slot; reason: Refused }[] } => {
  const refused: { slot: Slot; reason: Refused }[] = [];
  let text = '';
  for (const part of plan.parts) {
    if (typeof part === 'string') {
      text += part;
      continue;
    }
    try {
      text += encodedText(part, values[part.valueIndex]);
    } catch (reason) {
      if (!(reason instanceof Refused)) throw reason;
      refused.push({ slot: part, reason });
    }
  }
  return { text, refused };
};

/** A value as it stands in the TOML text. */
const encodedText = ({ inner, outer, surroundings }: Slot, value: unknown): string => {
  const text = value instanceof Column ? value.text : inner ? inner.encode(value, surroundings) : value;
  return outer ? outer.encode(text, surroundings) : String(text);
};

/** Pieces and values as TOML's decoder yields them: what stands between the quotes, its escapes read. */
export const decodedParts = (parts: readonly Part[], values: readonly unknown[]): string => {
  let text = '';
  for (const part of parts) text += typeof part === 'string' ? part : decodedText(part, values[part.valueIndex]);
  return text;
};

/**
 * A value as the language inside the TOML string gets it: `a\u{24}` for `a$` in a string of a VRL program. In the file,
 * TOML's own escapes come on top.
 */
export const decodedText = ({ inner, surroundings }: Slot, value: unknown): string =>
  value instanceof Column ? value.text : inner ? inner.encode(value, surroundings) : toText(value);

/**
 * True if the text need not be read back. The characters of a plain value mean nothing in any of the languages, so that it
 * is written as itself, and whatever plain value stands in its stead, the tokens, the tree and the references around it are
 * those that were verified with the skeleton. What is left is looked at here: the empty text, which could let its neighbours
 * touch; a text that ends in SECRET before a `[` of the author's; names, which could equal others.
 */
export const isSettled = (plan: SkeletonPlan, values: readonly unknown[]): boolean => {
  for (const part of plan.parts) {
    if (typeof part === 'string') continue;
    const value = values[part.valueIndex];
    if (value instanceof Column) continue;
    if (!isPlain(value, part.isGlob)) return false;
    if ((part.mayTouch && value === '') || (part.mayStartSecret && mayRefer(value))) return false;
  }
  return plan.names.size === 0 || hasOwnNames(plan, values);
};

const mayRefer = (value: unknown): boolean => typeof value === 'object' || /(?:^|[SECRT])$/.test(String(value));

/** True if each name differs from all that are not the same in the skeleton. */
const hasOwnNames = ({ names, plainNames }: SkeletonPlan, values: readonly unknown[]): boolean => {
  const own = new Set<string>();
  for (const parts of names.values()) {
    const name = decodedParts(parts, values);
    if (plainNames.has(name)) return false;
    own.add(name);
  }
  return own.size === names.size;
};
