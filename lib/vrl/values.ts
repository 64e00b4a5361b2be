import { floatText } from '../exact-json.ts';

/**
 * A value of VRL. As `parseExact` has it, an integer is a bigint and a number is a float, so `1` and `1.0` stay apart and no digit is
 * lost. Bytes that are no UTF-8 are a Uint8Array.
 */
export type VrlValue =
  | null
  | boolean
  | string
  | bigint
  | number
  | Uint8Array
  | VrlTimestamp
  | VrlRegex
  | readonly VrlValue[]
  | VrlObject;

export type VrlObject = { readonly [key: string]: VrlValue };

/** A moment, to the nanosecond: `2026-01-02T03:04:05.678Z`, or `@seconds.nanoseconds` outside the years 0 to 9999. */
export class VrlTimestamp {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export class VrlRegex {
  readonly pattern: string;

  constructor(pattern: string) {
    this.pattern = pattern;
  }
}

/** The value as the module reads it: JSON, with tags where JSON has no word for it (`vrl/src/values.rs` has the table). Pure. */
export const toTagged = (value: VrlValue): unknown => {
  if (typeof value === 'bigint') return isExact(value) ? Number(value) : { $int: String(value) };
  // Always by its tag: a number with a fraction is not read to the last digit.
  if (typeof value === 'number') return { $float: floatText(value) };
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof VrlTimestamp) return { $ts: value.text };
  if (value instanceof VrlRegex) return { $re: value.pattern };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (isList(value)) return value.map(toTagged);
  const members = Object.entries(value);
  const object = Object.fromEntries(members.map(([key, item]) => [key, toTagged(item)]));
  return members.some(([key]) => key.startsWith('$')) ? { $obj: object } : object;
};

/** What `toTagged` does, undone. Pure. */
export const fromTagged = (value: unknown): VrlValue => {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(fromTagged);
  if (typeof value !== 'object' || value === null) return value as null | boolean | string;
  const members = Object.entries(value);
  const [first] = members;
  if (first?.[0].startsWith('$') !== true) return membersOf(members);
  return untagged(first[0], first[1]);
};

/** The value as Vector writes it in JSON, for `exactJson`: times and patterns as texts, bytes with U+FFFD for what is no UTF-8. Pure. */
export const asPlain = (value: VrlValue): unknown => {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof VrlTimestamp) return value.text;
  if (value instanceof VrlRegex) return value.pattern;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (isList(value)) return value.map(asPlain);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asPlain(item)]));
};

const untagged = (tag: string, content: unknown): VrlValue => {
  if (tag === '$obj') return membersOf(Object.entries(content as object));
  const text = String(content);
  if (tag === '$int') return BigInt(text);
  if (tag === '$float') return Number(text);
  if (tag === '$ts') return new VrlTimestamp(text);
  if (tag === '$re') return new VrlRegex(text);
  if (tag === '$bytes') return new Uint8Array(Buffer.from(text, 'base64'));
  throw new Error(`the VRL module wrote a tag that is none: ${tag}`);
};

const membersOf = (members: readonly [string, unknown][]): VrlObject =>
  Object.fromEntries(members.map(([key, item]) => [key, fromTagged(item)]));

/** `Array.isArray` does not tell a readonly list from an object. */
const isList = (value: object): value is readonly VrlValue[] => Array.isArray(value);

const isExact = (value: bigint): boolean => -LARGEST_EXACT <= value && value <= LARGEST_EXACT;

const LARGEST_EXACT = BigInt(Number.MAX_SAFE_INTEGER);
