import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/**
 * Passes a stream on byte for byte, at the reader's pace, and shows each of its lines on the way, the first 8 KiB of it.
 * A reader that is gone (a closed pipe) does not hold the writer up: what it would have got is let go.
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
  const letGo = (): void => {
    from.unpipe(to);
    from.resume();
  };
  to.on('error', letGo);
  to.on('close', letGo);
  from.once('close', () => {
    to.off('error', letGo);
    to.off('close', letGo);
  });
  from.pipe(to, { end: false });
  if (readLine === undefined) return;

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
