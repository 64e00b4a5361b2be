import type { Part, Plan, Slot } from './plan.ts';
import { Refused } from './refusal.ts';
import { isPlain, toText } from './value.ts';

/** The text of one task: the plan's pieces with the values between them; or who was refused, and why. */
export const fill = (
  plan: Plan,
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
      text += written(part, values[part.put]);
    } catch (reason) {
      if (!(reason instanceof Refused)) throw reason;
      refused.push({ slot: part, reason });
    }
  }
  return { text, refused };
};

/** A value as it stands in the TOML text. */
const written = ({ inner, outer, at }: Slot, value: unknown): string => {
  const text = inner ? inner.encode(value, at) : value;
  return outer ? outer.encode(text, at) : String(text);
};

/** Pieces and values as TOML's decoder yields them. */
export const decoded = (parts: readonly Part[], values: readonly unknown[]): string =>
  parts.map((part) => (typeof part === 'string' ? part : meant(part, values[part.put]))).join('');

/** A value as the language inside the TOML string reads it. */
export const meant = ({ inner, at }: Slot, value: unknown): string => (inner ? inner.encode(value, at) : toText(value));

/**
 * True if the text needs no second look. A plain value's signs mean nothing in any of the languages, so that it is written as itself, and whatever plain
 * value stands in its stead, the tokens, the tree and the references around it are those that were verified with the skeleton. What is left is looked
 * at here: the empty text, which could let its neighbours touch; names, which could equal others; and by the caller, references, which could be
 * completed by the author's own signs (`{{a}}[b.c]` with SECRET).
 */
export const isSettled = (plan: Plan, values: readonly unknown[]): boolean => {
  for (const part of plan.parts) {
    if (typeof part === 'string') continue;
    const value = values[part.put];
    if (!isPlain(value, part.isGlob) || (value === '' && part.joins)) return false;
  }
  return !hasEqualNames(plan, values);
};

/** True if two names come out the same that are not the same in the skeleton. */
const hasEqualNames = (plan: Plan, values: readonly unknown[]): boolean => {
  if (plan.names.size === 0) return false;
  const seen = new Set<string>();
  for (const parts of plan.names.values()) {
    const name = decoded(parts, values);
    if (seen.has(name) || plan.plainNames.has(name)) return true;
    seen.add(name);
  }
  return false;
};
