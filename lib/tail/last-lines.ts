import type { LogChunk } from '../nomad/log-chunks.ts';

type Bytes = Extract<LogChunk, { kind: 'bytes' }>;

/**
 * The last lines of what was read of a log, and behind them the beginning of one that is not whole yet. A line of which only the end was read is
 * left out. Pure.
 */
export const lastLines = (chunks: readonly Bytes[], lines: number): Bytes[] => {
  let left = lines + 1;
  for (let index = chunks.length - 1; index >= 0; index -= 1) {
    const { bytes } = chunks[index] as Bytes;
    for (let at = bytes.lastIndexOf(NEWLINE); at !== -1; at = at === 0 ? -1 : bytes.lastIndexOf(NEWLINE, at - 1)) {
      left -= 1;
      if (left === 0) return from(chunks, index, at + 1);
    }
  }
  return chunks[0]?.start === 0 ? [...chunks] : withoutTorn(chunks);
};

/** How many lines end in it. Pure. */
export const countLines = (chunks: readonly Bytes[]): number => {
  let count = 0;
  for (const { bytes } of chunks)
    for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
};

const NEWLINE = 0x0a;

const withoutTorn = (chunks: readonly Bytes[]): Bytes[] => {
  const index = chunks.findIndex(({ bytes }) => bytes.includes(NEWLINE));
  return index === -1 ? [] : from(chunks, index, (chunks[index]?.bytes.indexOf(NEWLINE) ?? 0) + 1);
};

const from = (chunks: readonly Bytes[], index: number, at: number): Bytes[] =>
  chunks
    .slice(index)
    .map((chunk, place) =>
      place === 0 ? { ...chunk, start: chunk.start + at, bytes: chunk.bytes.subarray(at) } : chunk,
    )
    .filter(({ bytes }) => bytes.length > 0);
