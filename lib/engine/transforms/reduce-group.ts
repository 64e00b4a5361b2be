import type { VrlObject, VrlValue } from '../../vrl/values.ts';
import { type EngineEvent, isVrlObject, type LineOrigin, sorted } from '../event.ts';
import { type FieldPath, fieldAt, needsQuotes, parseFieldPath, withFieldAt } from '../field-path.ts';
import { defaultMerger, type Merger, type MergeStrategy, mergerOf } from './merge-values.ts';

/** How the values at a path, which has no index, become one. */
export type FieldStrategy = { path: FieldPath; strategy: MergeStrategy };

/** Events that wait to be one, beginning with `first`. */
export type ReduceGroup = { add(event: EngineEvent): void; count(): number; event(): EngineEvent };

/** Merges as Vector (0.57) does it, with its slips: names in quotes are merged twice, and what it cannot read back is lost. */
export const createReduceGroup = (
  first: EngineEvent | undefined,
  strategies: readonly FieldStrategy[],
): ReduceGroup => {
  const byPath = new Map(strategies.map(({ path, strategy }) => [keyOfPath(path), { path, strategy }]));
  const fields = new Map<string, { path: FieldPath; merger: Merger }>();
  const lines: LineOrigin[] = [];
  let secrets: EngineEvent['secrets'] = {};
  let count = 0;
  const merge = (path: FieldPath, value: VrlValue): void => {
    const key = keyOfPath(path);
    const known = fields.get(key);
    if (known !== undefined) {
      known.merger.add(value);
      return;
    }
    const strategy = byPath.get(key)?.strategy;
    const merger = strategy === undefined ? defaultMerger(value) : mergerOf(strategy, value);
    if (merger !== undefined) fields.set(key, { path, merger });
  };
  const add = (event: EngineEvent): void => {
    count += 1;
    for (const line of event.lines) lines.push(line);
    // Of metadata nothing else is kept; the first of a name stays.
    secrets = { ...event.secrets, ...secrets };
    for (const { path } of byPath.values()) {
      const value = fieldAt(event, path);
      if (value !== undefined) merge(path, value);
    }
    for (const { path, value } of leavesOf(event.event)) if (!isCovered(path, byPath)) merge(path, value);
  };
  if (first !== undefined) add(first);
  return {
    add,
    count: () => count,
    event: () => {
      let both: Merged = { event: {}, metadata: {} };
      for (const { path, merger } of fields.values()) both = withMerged({ both, path, merger });
      return { event: sorted(both.event), metadata: sorted(both.metadata), secrets, lines };
    },
  };
};

const keyOfPath = ({ isMetadata, segments }: FieldPath): string => JSON.stringify([isMetadata, ...segments]);

type Merged = Pick<EngineEvent, 'event' | 'metadata'>;

const withMerged = ({
  both,
  path: { isMetadata, segments },
  merger,
}: {
  both: Merged;
  path: FieldPath;
  merger: Merger;
}): Merged => {
  const names = segments.map(String);
  const where = isMetadata ? 'metadata' : 'event';
  const merged = { ...both, [where]: withFieldAt(both[where], names, merger.value()) };
  if (merger.last === undefined) return merged;
  const end = [...names.slice(0, -1), `${names.at(-1)}_end`];
  return { ...merged, [where]: withFieldAt(merged[where], end, merger.last()) };
};

/**
 * Every value of an object that is none itself, or an empty one, and its path. Vector (0.57) writes that path into a text, with quotes around
 * names but without escapes in them, and reads it again: of a name with a quote or a backslash comes another path, or none.
 */
const leavesOf = (object: VrlObject, above?: string): { path: FieldPath; value: VrlValue }[] =>
  Object.entries(object).flatMap(([name, value]) => {
    const own = /^[0-9A-Za-z_]+$/.test(name) ? name : `"${name}"`;
    const text = above === undefined ? own : `${above}.${own}`;
    if (isVrlObject(value) && Object.keys(value).length > 0) return leavesOf(value, text);
    const path = parseFieldPath(text);
    return path === undefined ? [] : [{ path, value }];
  });

/** Vector (0.57) looks for a name with its quotes, where it needs some, and so never finds it: such a value is merged twice. */
const isCovered = ({ segments }: FieldPath, strategies: ReadonlyMap<string, unknown>): boolean =>
  segments.some((_, index) => {
    const above = segments.slice(0, index + 1);
    const isPlain = above.every((segment) => !needsQuotes(String(segment)));
    return isPlain && strategies.has(keyOfPath({ isMetadata: false, segments: above }));
  });
