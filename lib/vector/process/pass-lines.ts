import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/**
 * Passes a stream on byte for byte, whole lines at a time, so that what others write to the same reader never lands in the
 * middle of one, and shows each of its lines on the way, the first 8 KiB of it. It goes at the pace of `to`: a log's `to`
 * takes all at once, that of events makes Vector wait, which then reads no further. A reader that is gone (a closed pipe)
 * does not hold the writer up: what it would have got is let go.
 */
export const passLines = ({
  from,
  to,
  readLine,
  maxLineLength = 8_192,
}: {
  from: Readable;
  to: Writable;
  readLine?: (line: string) => void;
  maxLineLength?: number;
}): void => {
  let isGone = false;
  let unfinished: Buffer = EMPTY;
  const letGo = (): void => {
    isGone = true;
    from.resume();
  };
  const goOn = (): void => void from.resume();
  const pass = (bytes: Buffer): void => {
    if (bytes.length === 0 || isGone || to.write(bytes)) return;
    from.pause();
    to.once('drain', goOn);
  };
  to.on('error', letGo);
  to.on('close', letGo);
  from.on('data', (chunk: Buffer) => {
    const bytes = unfinished.length === 0 ? chunk : Buffer.concat([unfinished, chunk]);
    const end = bytes.length > MAX_UNFINISHED ? bytes.length : bytes.lastIndexOf(LINE_END) + 1;
    unfinished = bytes.subarray(end);
    pass(bytes.subarray(0, end));
  });
  from.once('end', () => pass(unfinished));
  from.once('close', () => {
    to.off('error', letGo);
    to.off('close', letGo);
    to.off('drain', goOn);
  });
  if (readLine !== undefined) showLines({ from, readLine, maxLineLength });
};

const showLines = ({
  from,
  readLine,
  maxLineLength,
}: {
  from: Readable;
  readLine: (line: string) => void;
  maxLineLength: number;
}): void => {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  from.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = (lines.pop() ?? '').slice(0, maxLineLength);
    for (const line of lines) readLine(line.slice(0, maxLineLength));
  });
  from.once('end', () => {
    if (rest !== '') readLine(rest);
  });
};

const EMPTY = Buffer.alloc(0);
const LINE_END = 0x0a;
/** A line longer than this is passed on in parts. */
const MAX_UNFINISHED = 64 * 1024;
