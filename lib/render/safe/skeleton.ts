import { parse, TomlError } from 'smol-toml';
import type { Marks } from './marks.ts';
import { valueAt } from './option-reader.ts';
import { assemble, type Region, withJoins } from './parts.ts';
import type { Places } from './places.ts';
import type { Fault, Leaf, Plan, TomlTable } from './plan.ts';
import { checkReferences, referencesIn } from './references.ts';
import { planTokens } from './skeleton-tokens.ts';
import { ScanFault, scanToml, type TomlToken } from './toml-scan.ts';
import { VrlFault } from './vrl-scan.ts';

/**
 * Finds the place of every value in a skeleton: the text with placeholders. The parser says that it is TOML and what its tree is, the scanner where
 * each token lies; where the two disagree about a value, or a value is in no token alone, it is refused.
 */
export const planSkeleton = (text: string, marks: Marks, places: Places): Plan | Fault[] => {
  const read = readTree(text);
  if ('why' in read) return [read];
  const faults = checkReferences(text, marks);
  if (faults.length > 0) return faults;
  try {
    const planned = planTokens({ text, marks, places, tree: read.tree });
    if (planned.faults.length > 0) return planned.faults;
    const { regions, leaves, names, plainNames, telling } = planned;
    const lost = [...outsideOf(regions, text, marks), ...unlike(read.tree, leaves, marks)];
    if (lost.length > 0) return lost;
    return {
      parts: withJoins(assemble(text, regions)),
      tree: read.tree,
      leaves,
      names,
      plainNames,
      references: referencesIn(text),
      telling,
    };
  } catch (error) {
    if (error instanceof ScanFault || error instanceof VrlFault)
      return [{ place: 'template', at: error.at, why: error.message }];
    throw error;
  }
};

/** Which values are in names, by the number they were put as; in a text that does not parse, none. */
export const putsInNames = (text: string, marks: Marks): number[] => {
  if ('why' in readTree(text)) return [];
  const names = scanQuietly(text).filter((token) => token.kind === 'key');
  return [...new Set(names.flatMap((token) => marks.all(text.slice(token.start, token.end)).map(({ put }) => put)))];
};

const scanQuietly = (text: string): TomlToken[] => {
  try {
    return scanToml(text);
  } catch (error) {
    if (error instanceof ScanFault) return [];
    throw error;
  }
};

const readTree = (text: string): { tree: TomlTable } | Fault => {
  try {
    return { tree: parse(text, { integersAsBigInt: true }) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const linesBefore = text.split('\n').slice(0, error.line - 1);
    const at = linesBefore.reduce((sum, line) => sum + line.length + 1, error.column - 1);
    const [reason = ''] = error.message.replace('Invalid TOML document: ', '').split('\n');
    return { place: 'template', at, why: `what it renders is not TOML: ${reason}` };
  }
};

/** Each placeholder must be in one region and no other. */
const outsideOf = (regions: Region[], text: string, marks: Marks): Fault[] =>
  marks
    .all(text)
    .filter((mark) => regions.filter((region) => region.start <= mark.start && mark.end <= region.end).length !== 1)
    .map(({ put }) => ({ place: 'template', put, why: 'it stands where TOML has no place for a value' }));

/** The parser must have found what the scanner found: the same text at the same path. */
const unlike = (tree: TomlTable, leaves: ReadonlyMap<string, Leaf>, marks: Marks): Fault[] =>
  [...leaves].flatMap(([path, leaf]) => {
    const scanned = leaf.skeleton;
    const parsed = valueAt(tree, JSON.parse(path));
    const isSame = leaf.isBare ? parsed === BigInt(scanned) : parsed === scanned;
    return isSame
      ? []
      : marks.all(scanned).map(({ put }) => ({
          place: 'template',
          put,
          why: 'nvl and its TOML parser read the text around it differently',
        }));
  });
