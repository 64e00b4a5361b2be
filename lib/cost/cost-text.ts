import { size } from '../plan/format-text.ts';
import type { Amount, JobCost, Sides } from './job-costs.ts';
import type { OverLimit } from './limits.ts';
import type { SinkStreams, StreamCount } from './sink-streams.ts';

// Figures in words. All of it is pure.

/** `16.1 GB → 3.3 GB a day`; one figure where both are the same. */
export const volumeText = (sides: Sides<Amount>): string => sidesText(sides, sizeText, ' a day');

export const dropText = (sides: Sides<Amount>): string => sidesText(sides, ({ value }) => percent(value), '');

/** `120 → 4300 streams a day`, or of now where nobody knows of a day. */
export const streamsText = ({ what, before, after }: SinkStreams): string => {
  const isDaily = [before, after].every((count) => count?.perDay !== undefined);
  const of = (count: StreamCount | undefined): Amount =>
    count === undefined ? undefined : { value: (isDaily ? count.perDay : undefined) ?? count.now, isWhole: true };
  return sidesText(
    { before: of(before), after: of(after) },
    ({ value }) => String(Math.round(value)),
    isDaily ? ` ${what} a day` : ` ${what} now`,
  );
};

/** The label that makes them many; empty where none does. */
export const culpritText = ({ what, after }: SinkStreams): string =>
  after?.by === undefined ? '' : `by ${after.by.label}: ${after.by.without} ${what} without it`;

export const overText = ({ limit, of, before, after, most }: OverLimit): string => {
  const text = TEXTS[limit];
  return `${of}: ${before === undefined ? '' : `${text(before)} → `}${text(after)}, of at most ${text(most)}`;
};

export const isMore = ({ before, after }: Sides<Amount>): boolean =>
  (after?.value ?? 0) > (before?.value ?? 0) * (1 + 1e-9);

export const isSameAmount = ({ before, after }: Sides<Amount>): boolean =>
  before?.value === after?.value && before?.isWhole === after?.isWhole;

/** The total of jobs, before and after. */
export const totalOf = (jobs: readonly JobCost[]): Sides<Amount> => {
  const total = (side: keyof Sides<Amount>): Amount => {
    const known = jobs.flatMap(({ shipped }) => shipped[side] ?? []);
    if (known.length === 0) return undefined;
    return {
      value: known.reduce((sum, { value }) => sum + value, 0),
      isWhole: known.length === jobs.length && known.every(({ isWhole }) => isWhole),
    };
  };
  return { before: total('before'), after: total('after') };
};

export const amountText = (amount: Amount): string => (amount === undefined ? NOT_KNOWN : sizeText(amount));

const NOT_KNOWN = 'not known';

const sizeText = ({ value, isWhole }: NonNullable<Amount>): string =>
  `${isWhole ? '' : '≥ '}${size(Math.round(value))}`;

/** A thousandth of it is said as such, and none at all as 0. */
const percent = (share: number): string => {
  const value = share * 100;
  const digits = value === 0 || value >= 10 || Number.isInteger(value) ? 0 : 1;
  return `${value > 0 && value < 0.1 ? '< 0.1' : value.toFixed(digits)} %`;
};

const TEXTS: Readonly<Record<OverLimit['limit'], (value: number) => string>> = {
  bytesPerDay: (value) => `${size(Math.round(value))} a day`,
  dropShare: (value) => `${percent(value)} dropped`,
  streams: (value) => `${Math.round(value)} a day`,
};

const sidesText = (
  { before, after }: Sides<Amount>,
  text: (amount: NonNullable<Amount>) => string,
  unit: string,
): string => {
  const [from, to] = [before, after].map((amount) => (amount === undefined ? NOT_KNOWN : text(amount)));
  const isKnown = before !== undefined || after !== undefined;
  return `${from === to ? to : `${from} → ${to}`}${isKnown ? unit : ''}`;
};
