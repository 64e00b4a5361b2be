import { parse, TomlError } from 'smol-toml';
import type { OptionReader } from '../place/place.ts';
import type { Leaf, SkeletonPlan, Slot, TomlTable } from '../place/plan.ts';
import { referencesIn } from '../place/references.ts';
import { Refused } from '../place/refused.ts';
import { scanVrl, VrlFault } from '../place/vrl-scan.ts';
import type { Marks } from '../run/marks.ts';
import { Column } from '../write/column.ts';
import { decodedParts, decodedText } from '../write/fill.ts';
import { fieldsOf, isRecord, toText } from '../write/value.ts';

type Given = { plan: SkeletonPlan; values: readonly unknown[]; text: string; marks: Marks };

/**
 * Reads the finished text back, by TOML's parser and the scanner of VRL: why it is not the skeleton with just these values
 * in it, in words that follow the value; undefined where it is.
 */
export const findFault = (given: Given): string | undefined => {
  try {
    return faultOf(given);
  } catch (error) {
    // A value was written, and is refused when the text is read back.
    if (error instanceof Refused || error instanceof VrlFault) return error.message;
    throw error;
  }
};

const faultOf = ({ plan, values, text, marks }: Given): string | undefined => {
  if (text.includes(marks.nonce)) return 'a placeholder was left in the text';
  if (!hasSameReferences(plan, text)) return 'with the text around it, Vector would take it for a reference to replace';
  const tree = read(text);
  if (typeof tree === 'string') return `with it the text would not be TOML: ${tree}`;
  if (!hasShape({ plan, values, path: [] }, plan.tree, tree)) return 'it would change the shape of the configuration';
  const misread = plan.parts.find((part) => typeof part !== 'string' && !readsBack(part, values[part.valueIndex]));
  return misread ? 'it would not be read as it was written' : undefined;
};

const hasSameReferences = (plan: SkeletonPlan, text: string): boolean => {
  const found = referencesIn(text);
  return (
    found.length === plan.references.length && found.every((reference, index) => reference === plan.references[index])
  );
};

const read = (text: string): TomlTable | string => {
  try {
    return parse(text, { integersAsBigInt: true });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return error.message.replace('Invalid TOML document: ', '').split('\n')[0] ?? '';
  }
};

/**
 * True if two trees are equal everywhere but where values stand, and there is exactly what the values make. A value that closed
 * its string and went on with a line of its own (`x"`, then `b = "y`) would give `a = "{{v}}"` two fields: another shape.
 */
const hasShape = (
  given: { plan: SkeletonPlan; values: readonly unknown[]; path: (string | number)[] },
  skeleton: unknown,
  real: unknown,
): boolean => {
  const { plan, values, path } = given;
  const leaf = plan.leaves.get(JSON.stringify(path));
  if (leaf)
    return leaf.isBare
      ? isValueOf(leaf, values, real)
      : real === decodedParts(leaf.parts, values) && hasTokens(leaf, values);
  if (typeof skeleton !== 'object' || skeleton === null || skeleton instanceof Date)
    return String(skeleton) === String(real) && typeof skeleton === typeof real;
  if (typeof real !== 'object' || real === null || Array.isArray(skeleton) !== Array.isArray(real)) return false;
  const keys = Object.keys(skeleton);
  if (keys.length !== Object.keys(real).length) return false;
  return keys.every((key) => {
    const name = plan.names.get(key);
    const realKey = name ? decodedParts(name, values) : key;
    const part = Array.isArray(skeleton) ? Number(key) : key;
    const inner = (skeleton as Record<string, unknown>)[key];
    return (
      Object.hasOwn(real, realKey) &&
      hasShape({ ...given, path: [...path, part] }, inner, (real as Record<string, unknown>)[realKey])
    );
  });
};

const isValueOf = ({ parts }: Leaf, values: readonly unknown[], real: unknown): boolean => {
  const [slot] = parts as [Slot];
  return isSame(real, values[slot.valueIndex], slot.surroundings.option as OptionReader);
};

/** The parsed value against the one that was put. */
const isSame = (real: unknown, value: unknown, option: OptionReader): boolean => {
  if (option.whole) return real === option.whole(value);
  if (typeof value === 'number') return Number.isSafeInteger(value) ? real === BigInt(value) : real === value;
  if (typeof value === 'boolean') return real === value;
  if (Array.isArray(value))
    return (
      Array.isArray(real) &&
      real.length === value.length &&
      value.every((item, index) => isSame(real[index], item, option.item()))
    );
  if (!isRecord(value)) return real === option.text(value);
  if (typeof real !== 'object' || real === null) return false;
  const fields = fieldsOf(value).map(([key, item]) => ({ item, ...option.field(key) }));
  return (
    Object.keys(real).length === fields.length &&
    fields.every(
      (field) => Object.hasOwn(real, field.name) && isSame((real as TomlTable)[field.name], field.item, field.option),
    )
  );
};

/** A VRL program's tokens: those of the skeleton, and in the stead of its values those of each value read alone. */
const hasTokens = ({ parts, tokens }: Leaf, values: readonly unknown[]): boolean => {
  if (!tokens) return true;
  const alone = tokens.flatMap((token) =>
    token.every((part) => typeof part === 'string')
      ? token
      : scanVrl(decodedParts(token, values)).map(({ text }) => text),
  );
  const together = scanVrl(decodedParts(parts, values)).map(({ text }) => text);
  return alone.length === together.length && alone.every((text, index) => text === together[index]);
};

const readsBack = (slot: Slot, value: unknown): boolean =>
  value instanceof Column || !slot.inner?.decode || slot.inner.decode(decodedText(slot, value)) === toText(value);
