import { objectOf, textOf } from '../json.ts';
import type { LogStream } from '../link-name.ts';

/** What a recording says of its node's logs. `at`: when it was made; times are RFC 3339. */
export type RecordedLogs = { at: string; written: readonly WrittenLog[] };

/** So many bytes a task wrote to a stream between two times. */
export type WrittenLog = { allocId: string; task: string; stream: LogStream; bytes: number; from: string; to: string };

/** Reads the part of a recording; undefined where it has none. What somebody wrote into it that is no such thing is left out. Pure. */
export const readRecordedLogs = (value: unknown): RecordedLogs | undefined => {
  const { at, written } = objectOf(value);
  if (!isTime(at) || !Array.isArray(written)) return undefined;
  return { at, written: written.filter(isWritten) };
};

const isWritten = (value: unknown): value is WrittenLog => {
  const { allocId, task, stream, bytes, from, to } = objectOf(value);
  return (
    [allocId, task].every((name) => textOf(name) !== '') &&
    (stream === 'stdout' || stream === 'stderr') &&
    typeof bytes === 'number' &&
    Number.isFinite(bytes) &&
    bytes >= 0 &&
    isTime(from) &&
    isTime(to)
  );
};

const isTime = (value: unknown): value is string => typeof value === 'string' && Number.isFinite(Date.parse(value));
