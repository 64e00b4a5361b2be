import { markdownTable } from './table.ts';

/** What a figure of nvl's may be at most, or must be at least. */
export type Limit = {
  what: string;
  atMost?: number;
  atLeast?: number;
  measured: number | undefined;
  /** How the figure is written, its unit with it. */
  write: (value: number | undefined) => string;
};

/** Undefined where nothing was measured. */
export const isHeld = ({ measured, atMost, atLeast }: Limit): boolean | undefined =>
  measured === undefined
    ? undefined
    : measured <= (atMost ?? Number.POSITIVE_INFINITY) && measured >= (atLeast ?? Number.NEGATIVE_INFINITY);

/** A limit a row: what it is, what was measured, whether that is within it. */
export const limitsTable = (limits: readonly Limit[]): string =>
  markdownTable([['limit', 'must be', 'measured', 'held'], ...limits.map(rowOf)]);

const rowOf = (limit: Limit): string[] => {
  const { what, atMost, atLeast, measured, write } = limit;
  const bound = atMost === undefined ? `≥ ${write(atLeast)}` : `≤ ${write(atMost)}`;
  return [what, bound, write(measured), HELD[String(isHeld(limit))] ?? ''];
};

const HELD: Readonly<Record<string, string>> = { true: 'yes', false: '**no**', undefined: 'not measured' };
