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

export const defaultOutput = (events: readonly EngineEvent[]): Outputs => new Map([[DEFAULT_OUTPUT, events]]);

/** Which value is an object, and not one of the kinds that JSON has no word for. */
export const isVrlObject = (value: VrlValue | undefined): value is VrlObject =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Uint8Array) &&
  !(value instanceof VrlTimestamp) &&
  !(value instanceof VrlRegex);

/** The object with its names in the order in which Vector has them. */
export const inOrder = (members: Iterable<readonly [string, VrlValue]>): VrlObject =>
  Object.fromEntries([...members].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
