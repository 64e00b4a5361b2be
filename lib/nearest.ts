import { distance } from 'fastest-levenshtein';

/**
 * The candidate that `word` was probably meant to be, or undefined when none is near enough to be worth saying.
 * Case, `-` and `_` do not count: `removal_delay` is `removalDelay`.
 */
export const nearest = (word: string, candidates: readonly string[]): string | undefined => {
  const wanted = plain(word);
  const [best] = candidates
    .map((candidate) => ({ candidate, far: howFar(wanted, plain(candidate)) }))
    .sort((a, b) => a.far - b.far);
  return best !== undefined && best.far <= Math.max(1, Math.floor(wanted.length / 3)) ? best.candidate : undefined;
};

/** `; did you mean "signal"?`, or nothing. */
export const didYouMean = (word: string, candidates: readonly string[]): string => {
  const candidate = nearest(word, candidates);
  return candidate === undefined ? '' : `; did you mean "${candidate}"?`;
};

const plain = (word: string): string => word.toLowerCase().replaceAll(/[-_]/g, '');

/** Where one is the beginning of the other, three letters or more, they are as near as one slip. */
const howFar = (wanted: string, candidate: string): number => {
  const far = distance(wanted, candidate);
  const isBeginning = candidate.startsWith(wanted) || wanted.startsWith(candidate);
  return isBeginning && Math.min(wanted.length, candidate.length) >= 3 ? Math.min(1, far) : far;
};
