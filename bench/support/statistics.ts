import { percentile } from '../../test/support/count-lines.ts';

/** The middle one, or the mean of the two in the middle; undefined of none. */
export const median = (values: readonly number[]): number | undefined => {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
};

export const p50 = (values: number[]): number | undefined => percentile({ values, share: 0.5 });
export const p99 = (values: number[]): number | undefined => percentile({ values, share: 0.99 });

/** How many times the yardstick; undefined where one of them was not measured, or the yardstick is nothing. */
export const ratio = (value: number | undefined, yardstick: number | undefined): number | undefined =>
  value === undefined || yardstick === undefined || yardstick === 0 ? undefined : value / yardstick;

/** The medians of the same figures, measured several times. */
export const medians = <T extends Readonly<Record<string, number | undefined>>>(
  rounds: readonly T[],
): { [Name in keyof T]: number | undefined } => {
  const names = new Set(rounds.flatMap((round) => Object.keys(round)));
  return Object.fromEntries([...names].map((name) => [name, median(rounds.flatMap((round) => round[name] ?? []))])) as {
    [Name in keyof T]: number | undefined;
  };
};
