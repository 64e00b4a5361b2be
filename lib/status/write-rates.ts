import type { LogSample, SampledFile } from '../files/sample-logs.ts';

/** What one stream of a task had written at some moments, the oldest first. `total` counts from the first moment on. */
type Moment = { at: number; index: number; bytes: number; total: number };

/** By `streamKey`. */
export type WriteHistory = ReadonlyMap<string, readonly Moment[]>;

/**
 * How long a stream is looked back at: longer than a pause between two bursts, shorter than a change of load lasts. The last moment
 * before that counts too: where files are looked at once a minute, it is the only other one.
 */
const WINDOW_MS = 60_000;

export const streamKey = ({ id, stream }: Pick<SampledFile, 'id' | 'stream'>): string => `${id}.${stream}`;

/**
 * What is known of all streams with one more sample; streams that are gone are forgotten. `fileBytes`: at which size Nomad begins
 * the next file of a task, for files that came and were delivered between two samples. Pure.
 */
export const withSample = ({
  history,
  sample: { at, files },
  fileBytes,
}: {
  history: WriteHistory;
  sample: LogSample;
  fileBytes: (id: string) => number | undefined;
}): WriteHistory => {
  const streams = Map.groupBy(files, streamKey);
  return new Map(
    [...streams].map(([key, ofStream]) => {
      const before = lookedBack({ moments: history.get(key) ?? [], at });
      const whole = fileBytes(ofStream[0]?.id ?? '');
      return [key, [...before, nextMoment({ at, last: before.at(-1), files: ofStream, whole })]];
    }),
  );
};

/**
 * How many bytes a second a stream writes; undefined until it was seen twice. Pure.
 */
export const writeRate = (history: WriteHistory, key: string): number | undefined => {
  const moments = history.get(key) ?? [];
  const [first, last] = [moments[0], moments.at(-1)];
  if (first === undefined || last === undefined || last.at === first.at) return undefined;
  return ((last.total - first.total) / (last.at - first.at)) * 1_000;
};

const lookedBack = ({ moments, at }: { moments: readonly Moment[]; at: number }): Moment[] => {
  const before = moments.filter((moment) => moment.at < at);
  const within = before.findIndex((moment) => at - moment.at <= WINDOW_MS);
  return within === -1 ? before.slice(-1) : before.slice(Math.max(0, within - 1));
};

/** Nomad appends to the newest file, and begins another one when that is full. */
const nextMoment = ({
  at,
  last,
  files,
  whole,
}: {
  at: number;
  last: Moment | undefined;
  files: readonly SampledFile[];
  whole: number | undefined;
}): Moment => {
  const newest = files.reduce((one, other) => (other.index > one.index ? other : one));
  const { index, bytes } = newest;
  // It counts anew: a task that was put in place of another, or a file that was cut.
  const isAnew = last === undefined || index < last.index || (index === last.index && bytes < last.bytes);
  if (isAnew) return { at, index, bytes, total: last?.total ?? 0 };
  if (index === last.index) return { at, index, bytes, total: last.total + bytes - last.bytes };
  const known = files.filter((file) => file.index >= last.index && file.index < index);
  const unseen = index - last.index - known.length;
  const typical = whole ?? Math.max(last.bytes, ...known.map((file) => file.bytes));
  const rotated = known.reduce((sum, file) => sum + file.bytes, 0) + unseen * typical;
  return { at, index, bytes, total: last.total + Math.max(0, rotated - last.bytes) + bytes };
};
