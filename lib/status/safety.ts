import type { SampledFile } from '../files/sample-logs.ts';

/** How much Nomad keeps of each stream of a task (`logs { max_files, max_file_size }`). */
export type KeptLogs = { maxFiles: number; maxFileSizeMB: number };

/**
 * How many bytes a stream may still write before Nomad deletes the oldest byte that Vector has not read: 0 where it has done so
 * already. Undefined where how far Vector has read is not known. Pure.
 *
 * @source Nomad `client/lib/fifo` and `client/logmon/logging/rotator.go`: a file ends at `max_file_size` MiB, and as the next
 * one begins, all but the newest `max_files` are deleted.
 */
export const bytesUntilGone = ({
  files,
  logs: { maxFiles, maxFileSizeMB },
}: {
  /** Of one stream; at least one. */
  files: readonly SampledFile[];
  logs: KeptLogs;
}): number | undefined => {
  if (files.some(({ readBytes }) => readBytes === undefined)) return undefined;
  const newest = files.reduce((one, other) => (other.index > one.index ? other : one));
  const unread = files.filter(({ bytes, readBytes = 0 }) => readBytes < bytes);
  if (unread.some(({ isOnlyCopy }) => isOnlyCopy)) return 0;
  const oldest = Math.min(newest.index, ...unread.map(({ index }) => index));
  const fileBytes = maxFileSizeMB * 1_024 * 1_024;
  const wholeFiles = oldest + maxFiles - 1 - newest.index;
  return wholeFiles < 0 ? 0 : Math.max(0, fileBytes - newest.bytes) + wholeFiles * fileBytes;
};

/**
 * In how many seconds that is, at the rate at which the stream writes now. Undefined where either is unknown, and where nothing
 * is written: then there is no such moment. Pure.
 */
export const secondsOfSafety = ({
  bytes,
  bytesPerSecond,
}: {
  bytes: number | undefined;
  bytesPerSecond: number | undefined;
}): number | undefined =>
  bytes === undefined || bytesPerSecond === undefined || bytesPerSecond <= 0 ? undefined : bytes / bytesPerSecond;
