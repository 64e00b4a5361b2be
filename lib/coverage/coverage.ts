import type { BlindSpot } from './blind-spots.ts';
import type { Origin, Span } from './template/arms.ts';

/** One way that a template, or a program in it, may go, by its place in the template. */
export type Branch = {
  key: string;
  at: Origin;
  /** What it is one way of: those of one `if` have the same. */
  choice: string;
  /** Why it was never taken, if it was not; in the words of the template. */
  never: string;
  /** How often; at least so often where a program logs a lot. */
  taken: number;
  /** A constant behind `??`, of which most can be reached by no line: shown, not counted. */
  isGuard: boolean;
  /** The key of the branch around it, without which it cannot be taken. */
  within: string | undefined;
  span: Span | undefined;
  /** The lines that are its own, as `file:line`. */
  lines: readonly string[];
};

/** A program that could not be watched, and why. */
export type Unmeasured = { at: Origin; why: string };

/** What the tests of one profile exercise of its templates. */
export type ProfileCoverage = {
  profile: string;
  /** Some of its templates are the folder's own, and it has no case. */
  isUntested: boolean;
  /** Cases that expect nothing, and parameters that are never set to anything but their default. */
  silent: readonly BlindSpot[];
  unset: readonly BlindSpot[];
  /** Undefined: it could not be run, so nothing is known. */
  branches: readonly Branch[] | undefined;
  unmeasured: readonly Unmeasured[];
};

/** What the tests exercise of one file, whoever's they are. */
export type FileCoverage = {
  /** A template's path in its folder; of a file with VRL alone, from the root. */
  file: string;
  text: string;
  branches: readonly Branch[];
  /** How many cases render each line, by its number from 1; 0 for one that only a branch has that was never taken. */
  lines: ReadonlyMap<number, number>;
};

export type Coverage = {
  profiles: readonly ProfileCoverage[];
  /** The folder's own, by path. */
  files: readonly FileCoverage[];
};

/** How many branches there are and were taken; `percent` without its fraction, and 100 for none at all. */
export type Share = { taken: number; of: number; percent: number };

/** The share of the branches that count. Pure. */
export const shareOf = (branches: readonly Branch[]): Share => {
  const counted = branches.filter(({ isGuard }) => !isGuard);
  const taken = counted.filter((branch) => branch.taken > 0).length;
  const of = counted.length;
  return { taken, of, percent: of === 0 ? 100 : Math.floor((taken / of) * 100) };
};

/** The share of all files. Pure. */
export const wholeShare = ({ files }: Coverage): Share => shareOf(files.flatMap(({ branches }) => branches));

/** Those that were never taken though what is around them was, with how many lie within each. By their places. Pure. */
export const missedIn = (branches: readonly Branch[]): { branch: Branch; more: number }[] => {
  const missed = branches.filter(({ taken }) => taken === 0);
  const keys = new Set(missed.map(({ key }) => key));
  const parents = new Map(missed.map(({ key, within }) => [key, within]));
  const outermost = (key: string): string => {
    const seen = new Set([key]);
    for (let at = key; ; ) {
      const within = parents.get(at);
      // Two that come out of one value may be told apart by nothing.
      if (within === undefined || !keys.has(within) || seen.has(within)) return at;
      seen.add(within);
      at = within;
    }
  };
  const counts = Map.groupBy(
    missed.filter(({ isGuard }) => !isGuard),
    ({ key }) => outermost(key),
  );
  return missed
    .filter(({ key }) => outermost(key) === key)
    .map((branch) => ({ branch, more: Math.max(0, (counts.get(branch.key)?.length ?? 0) - (branch.isGuard ? 0 : 1)) }))
    .sort((a, b) => comparePlaces(a.branch.at, b.branch.at));
};

/** By file, line and column. */
export const comparePlaces = (a: Origin, b: Origin): number => {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
};
