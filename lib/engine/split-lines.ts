/** Cuts what a file has more into lines, and keeps the rest of an unfinished one. */
export type LineSplitter = {
  /** The whole lines that are there now, without their ends. */
  push(bytes: Buffer): SplitLine[];
  /** What stands behind the last end of a line, which Vector takes for a line once the file is gone. */
  end(): SplitLine[];
};

/** `offset`: the byte of the file at which it begins; `number` counts from 1. */
export type SplitLine = { bytes: Buffer; offset: number; number: number };

/**
 * As Vector's file source reads (0.57): a line of more than `maxLineBytes` is left out without a word; an empty one is a line.
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
  let offset = 0;
  let number = 0;
  const lineOf = (bytes: Buffer, length: number): SplitLine[] => {
    const line = { bytes, offset, number: number + 1 };
    offset += length;
    number += 1;
    return bytes.length > maxLineBytes ? [] : [line];
  };
  return {
    push: (bytes) => {
      const all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      const lines: SplitLine[] = [];
      let from = 0;
      for (let at = all.indexOf(between); at !== -1; at = all.indexOf(between, from)) {
        lines.push(...lineOf(all.subarray(from, at), at - from + between.length));
        from = at + between.length;
      }
      rest = all.subarray(from);
      return lines;
    },
    end: () => {
      const last = rest;
      rest = Buffer.alloc(0);
      return last.length === 0 ? [] : lineOf(last, last.length);
    },
  };
};

/** @source https://vector.dev/docs/reference/configuration/sources/file/#max_line_bytes */
const DEFAULT_MAX_LINE_BYTES = 102_400;
