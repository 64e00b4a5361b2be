/** Cuts what a file has more into lines, and keeps the rest of an unfinished one. */
export type LineSplitter = {
  /** The whole lines that are there now, without their ends. */
  push(bytes: Buffer): SplitLine[];
  /** What stands behind the last end of a line, which Vector takes for a line once the file is gone. */
  end(): SplitLine[];
};

/** `offset`: the byte of the file that Vector names as its first; `number` counts from 1. */
export type SplitLine = { bytes: Buffer; offset: number; number: number };

/**
 * As Vector's file source reads (0.57): a line of more than `maxLineBytes` is left out without a word; an empty one is a line. The offset of a
 * line is where Vector began to look for it: before longer ones that it left out, and behind what it had read of an unfinished one, which
 * here is what came with the last call. It does not see a delimiter of which it had read a part by then. `delimiter` is not empty.
 *
 * @source https://vector.dev/docs/reference/configuration/sources/file/#max_line_bytes
 */
export const createLineSplitter = ({
  delimiter = '\n',
  maxLineBytes = DEFAULT_MAX_LINE_BYTES,
}: {
  delimiter?: string;
  maxLineBytes?: number;
} = {}): LineSplitter => {
  const between = Buffer.from(delimiter);
  let rest: Buffer = Buffer.alloc(0);
  /** What Vector has kept of the rest: less, where that is too long for a line. */
  let kept: Buffer = rest;
  /** How many bytes of the rest are not here any more: it is too long in any case, and may never end. */
  let gone = 0;
  let position = 0;
  let number = 0;
  return {
    push: (bytes) => {
      const all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      const lines: SplitLine[] = [];
      let from = 0;
      let offset = position;
      for (let at = all.indexOf(between, rest.length); at !== -1; at = all.indexOf(between, from)) {
        number += 1;
        const line = all.subarray(from, at);
        from = at + between.length;
        const isTooLong = gone + line.length > maxLineBytes;
        gone = 0;
        if (isTooLong) continue;
        lines.push({ bytes: line, offset, number });
        offset = position + bytes.length - (all.length - from);
      }
      const more = { bytes, from: Math.max(0, from - rest.length), maxLineBytes };
      kept = keepMore({ kept: from === 0 ? kept : Buffer.alloc(0), ...more });
      rest = all.subarray(from);
      if (gone + rest.length > maxLineBytes) {
        gone += rest.length;
        rest = Buffer.alloc(0);
      }
      position += bytes.length;
      return lines;
    },
    end: () => {
      const last = kept;
      rest = Buffer.alloc(0);
      kept = rest;
      gone = 0;
      number += 1;
      return last.length === 0 ? [] : [{ bytes: last, offset: position, number }];
    },
  };
};

/** @source https://vector.dev/docs/reference/configuration/sources/file/#max_line_bytes */
export const DEFAULT_MAX_LINE_BYTES = 102_400;

/** How many bytes Vector (0.57) reads at once. It looks at the length of a line only behind each of these pieces. */
const PIECE_BYTES = 8_192;

/** Vector keeps a piece for each time that it looks, without an end. Nobody has so long a line in a test; a live log may. */
const MOST_MORE_BYTES = 1_048_576;

/** What Vector keeps of an unfinished line, of which these bytes have more behind `from`. */
const keepMore = ({
  kept,
  bytes,
  from,
  maxLineBytes,
}: {
  kept: Buffer;
  bytes: Buffer;
  from: number;
  maxLineBytes: number;
}): Buffer => {
  if (kept.length > maxLineBytes + MOST_MORE_BYTES) return kept;
  let to = from;
  while (to < bytes.length) {
    to = Math.min(bytes.length, (Math.floor(to / PIECE_BYTES) + 1) * PIECE_BYTES);
    if (kept.length + to - from > maxLineBytes) break;
  }
  return kept.length === 0 ? bytes.subarray(from, to) : Buffer.concat([kept, bytes.subarray(from, to)]);
};
