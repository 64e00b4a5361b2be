import { compare } from '../order.ts';
import { type VrlObject, VrlRegex, VrlTimestamp, type VrlValue } from '../vrl/values.ts';

/** A line of a file; numbers count from 1. */
export type LineOrigin = { file: string; number: number };

/** An event on its way through a configuration, and the lines that it was made of. */
export type EngineEvent = {
  event: VrlObject;
  metadata: VrlObject;
  /** By names; no path leads to them. */
  secrets: Readonly<Record<string, string>>;
  lines: readonly LineOrigin[];
};

/** What a component gave, by the name of its output: `''` is the one without a name. */
export type Outputs = ReadonlyMap<string, readonly EngineEvent[]>;

/** The only output, of a component that has one. */
export const DEFAULT_OUTPUT = '';

/** The output for what no route takes, and that for what a remap dropped. */
export const UNMATCHED = '_unmatched';
export const DROPPED = 'dropped';

export const defaultOutput = (events: readonly EngineEvent[]): Outputs => new Map([[DEFAULT_OUTPUT, events]]);

/** Which value is an object, and not one of the kinds that JSON has no word for. */
export const isVrlObject = (value: VrlValue | undefined): value is VrlObject =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Uint8Array) &&
  !(value instanceof VrlTimestamp) &&
  !(value instanceof VrlRegex);

/** The same with its names, at every depth, in the order in which Vector has them. */
export const sorted = (object: VrlObject): VrlObject =>
  inOrder(Object.entries(object).map(([name, value]) => [name, isVrlObject(value) ? sorted(value) : value]));

/** The object with its names in the order in which Vector has them. */
export const inOrder = (members: Iterable<readonly [string, VrlValue]>): VrlObject =>
  Object.fromEntries([...members].sort(([a], [b]) => compareBytes(a, b)));

/** Code units are in another order than bytes from U+D800 on, where pairs of them stand for one character. */
const compareBytes = (a: string, b: string): number =>
  /[\ud800-\uffff]/.test(a + b) ? Buffer.compare(Buffer.from(a), Buffer.from(b)) : compare(a, b);
