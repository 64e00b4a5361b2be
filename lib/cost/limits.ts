import { NvlError } from '../errors.ts';
import type { Amount, JobCost, Sides } from './job-costs.ts';
import type { SinkStreams, StreamCount } from './sink-streams.ts';

/** What a change may cost; undefined is no limit. Bytes a day of a job, a share from 0 to 1 of a job, streams a day of a sink. */
export type CostLimits = {
  bytesPerDay: number | undefined;
  dropShare: number | undefined;
  streams: number | undefined;
};

export const LIMIT_FLAGS = {
  bytesPerDay: '--max-gb-day',
  dropShare: '--max-drop-share',
  streams: '--max-streams',
} as const satisfies Record<keyof CostLimits, string>;

export type LimitName = keyof CostLimits;

/** `of`: the job or the sink. */
export type OverLimit = { limit: LimitName; of: string; before: number | undefined; after: number; most: number };

/** `unheld`: what a limit was given for and what is not known, by the limits. */
export type LimitsFound = { over: readonly OverLimit[]; unheld: readonly { limit: LimitName; of: string }[] };

/**
 * What a change takes over a limit. Where it was over that before and is no worse now, it is not the change's. Of what is not known nothing is
 * said but that. Pure.
 */
export const overLimits = ({
  limits,
  jobs,
  sinks,
}: {
  limits: CostLimits;
  jobs: readonly JobCost[];
  sinks: readonly SinkStreams[];
}): LimitsFound => {
  const measured: { limit: LimitName; of: string; sides: Sides<Amount> }[] = [
    ...jobs.flatMap(({ namespace, job, shipped, dropped }) => [
      { limit: 'bytesPerDay' as const, of: `${namespace} / ${job}`, sides: shipped },
      { limit: 'dropShare' as const, of: `${namespace} / ${job}`, sides: dropped },
    ]),
    ...sinks.map(({ sink, before, after }) => ({
      limit: 'streams' as const,
      of: `sink ${sink}`,
      sides: { before: perDay(before), after: perDay(after) },
    })),
  ];
  const over: OverLimit[] = [];
  const unheld: { limit: LimitName; of: string }[] = [];
  for (const { limit, of, sides } of measured) {
    const most = limits[limit];
    if (most === undefined) continue;
    const verdict = judge({ sides, most });
    if (verdict === 'unknown') unheld.push({ limit, of });
    else if (verdict === 'over')
      over.push({ limit, of, before: sides.before?.value, after: sides.after?.value ?? 0, most });
  }
  return { over, unheld };
};

const perDay = (count: StreamCount | undefined): Amount =>
  count?.perDay === undefined ? undefined : { value: count.perDay, isWhole: true };

/** Rounding is no change. */
const HAIR = 1e-9;

const judge = ({
  sides: { before, after },
  most,
}: {
  sides: Sides<Amount>;
  most: number;
}): 'over' | 'fine' | 'unknown' => {
  if (after === undefined) return 'unknown';
  if (after.value <= most) return after.isWhole ? 'fine' : 'unknown';
  if (before === undefined) return 'unknown';
  if (after.value <= before.value * (1 + HAIR)) return 'fine';
  return before.isWhole ? 'over' : 'unknown';
};

/** Reads a limit of the command line. Throws `usage` for what is no number, or none that the limit can have. */
export const readLimit = ({ limit, text }: { limit: LimitName; text: string | undefined }): number | undefined => {
  if (text === undefined) return undefined;
  const most = limit === 'dropShare' ? 100 : Number.POSITIVE_INFINITY;
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (!(number >= 0 && number <= most) || number === Number.POSITIVE_INFINITY)
    throw new NvlError('usage', {
      message: `${LIMIT_FLAGS[limit]} ${text} is no ${limit === 'dropShare' ? 'percentage from 0 to 100' : 'number of 0 or more'}`,
    });
  return number * UNITS[limit];
};

const UNITS: Readonly<Record<LimitName, number>> = { bytesPerDay: 1e9, dropShare: 0.01, streams: 1 };
