import { parse, TomlError } from 'smol-toml';
import type { Mark, Marks } from '../run/marks.ts';
import { valueAt } from './option-reader.ts';
import { assemble, type Region, withNeighbours } from './parts.ts';
import type { Places } from './place.ts';
import type { Fault, Leaf, SkeletonPlan, TomlTable } from './plan.ts';
import { checkReferences, referencesIn } from './references.ts';
import { planTokens } from './skeleton-tokens.ts';
import { ScanFault, scanToml, type TomlToken } from './toml-scan.ts';
import { VrlFault } from './vrl-scan.ts';

/** A skeleton (the rendered text with placeholders) as the parser and the scanner of TOML read it, or why they cannot. */
export type Read = { text: string; tree: TomlTable; tokens: TomlToken[] } | { fault: Fault };

/** Reads a skeleton (the rendered text with placeholders) as TOML. */
export const readSkeleton = (text: string): Read => {
  try {
    return { text, tree: parse(text, { integersAsBigInt: true }), tokens: scanToml(text) };
  } catch (error) {
    if (error instanceof ScanFault) return { fault: { place: 'template', at: error.at, why: error.message } };
    if (!(error instanceof TomlError)) throw error;
    const linesBefore = text.split('\n').slice(0, error.line - 1);
    const at = linesBefore.reduce((sum, line) => sum + line.length + 1, error.column - 1);
    const [reason = ''] = error.message.replace('Invalid TOML document: ', '').split('\n');
    return { fault: { place: 'template', at, why: `what it renders is not TOML: ${reason}` } };
  }
};

/**
 * Which values stand in names of the configuration (`[transforms.{{id}}]`), by their index; in a text that cannot be read,
 * none.
 */
export const valuesInNames = (read: Read, marks: Marks): number[] => {
  if ('fault' in read) return [];
  const names = read.tokens
    .filter((token) => token.kind === 'key')
    .map(({ start, end }) => read.text.slice(start, end));
  return [...new Set(names.flatMap((name) => marks.all(name).map(({ valueIndex }) => valueIndex)))];
};

/**
 * Finds the place of every value in a skeleton (the rendered text with placeholders). The parser says that it is TOML and
 * what its tree is, the scanner where each token lies; where the two disagree about a value, or a value is in no token
 * alone, it is a fault.
 */
export const planSkeleton = (read: Read, marks: Marks, places: Places): SkeletonPlan | Fault[] => {
  if ('fault' in read) return [read.fault];
  const { text, tree } = read;
  const faults = checkReferences(text, marks);
  if (faults.length > 0) return faults;
  try {
    const planned = planTokens({ ...read, marks, places });
    if (planned.faults.length > 0) return planned.faults;
    const { regions, leaves, names, plainNames, identifying } = planned;
    const lost = [...outsideOf(regions, text, marks), ...unlike(tree, leaves, marks)];
    if (lost.length > 0) return lost;
    const parts = withNeighbours(assemble(text, regions));
    return { parts, tree, leaves, names, plainNames, references: referencesIn(text), identifying };
  } catch (error) {
    if (error instanceof VrlFault) return [{ place: 'template', at: error.at, why: error.message }];
    throw error;
  }
};

/** Each placeholder must be in one region and no other. */
const outsideOf = (regions: Region[], text: string, marks: Marks): Fault[] => {
  const sorted = regions.toSorted((one, other) => one.start - other.start);
  let next = 0;
  const isInOne = (mark: Mark): boolean => {
    while (next < sorted.length && (sorted[next] as Region).end < mark.end) next += 1;
    const holds = (region: Region | undefined) =>
      region !== undefined && region.start <= mark.start && mark.end <= region.end;
    return holds(sorted[next]) && !holds(sorted[next + 1]);
  };
  return marks
    .all(text)
    .filter((mark) => !isInOne(mark))
    .map(({ valueIndex }) => ({ place: 'template', valueIndex, why: 'it stands where TOML has no place for a value' }));
};

/** The parser must have found what the scanner found: the same text at the same path. */
const unlike = (tree: TomlTable, leaves: ReadonlyMap<string, Leaf>, marks: Marks): Fault[] =>
  [...leaves].flatMap(([path, leaf]) => {
    const scanned = leaf.skeleton;
    const parsed = valueAt(tree, JSON.parse(path));
    const isSame = leaf.isBare ? parsed === BigInt(scanned) : parsed === scanned;
    return isSame
      ? []
      : marks.all(scanned).map(({ valueIndex }) => ({
          place: 'template',
          valueIndex,
          why: 'nvl and its TOML parser read the text around it differently',
        }));
  });
