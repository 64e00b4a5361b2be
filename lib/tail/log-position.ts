import type { LogChunk } from '../nomad/log-chunks.ts';

/** How far a log is read: the index of its file, and the byte of it that comes next. */
export type LogPosition = { index: number; next: number };

type Bytes = Extract<LogChunk, { kind: 'bytes' }>;

/** The position behind a chunk. Pure. */
export const behind = ({ index, start, bytes }: Bytes): LogPosition => ({ index, next: start + bytes.length });

/** What of a chunk was not read yet; undefined for nothing. Pure. */
export const unreadOf = (chunk: Bytes, position: LogPosition | undefined): Bytes | undefined => {
  if (position === undefined || chunk.index > position.index) return chunk;
  if (chunk.index < position.index) return undefined;
  const known = Math.max(0, position.next - chunk.start);
  if (known >= chunk.bytes.length) return undefined;
  return { ...chunk, start: chunk.start + known, bytes: chunk.bytes.subarray(known) };
};

/** Whether there may be bytes between the position and the first chunk of an answer that goes on from it. Pure. */
export const isPast = (chunk: Bytes, position: LogPosition): boolean =>
  chunk.index > position.index || (chunk.index === position.index && chunk.start > position.next);
