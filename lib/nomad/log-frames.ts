import { messageOf, NvlError } from '../errors.ts';
import { numberOf, objectOf, textOf } from '../json.ts';
import { pieceOf } from './answer-error.ts';

/** A frame of a log, as Nomad sends it. A heartbeat, of which there is one a second, has no file. */
export type LogFrame = { file: string; event: string; offset: number; bytes: Buffer };

/**
 * Reads the frames of a body that Nomad writes without `plain`: objects of JSON one behind the other, wherever the pieces are torn. Throws
 * `nomadAnswer` for what is none, with its words: an error that Nomad meets half way stands there as a text.
 *
 * @source https://developer.hashicorp.com/nomad/api-docs/client#stream-logs
 */
export async function* readFrames(pieces: AsyncIterable<Buffer>): AsyncGenerator<LogFrame> {
  const cutter = createCutter();
  for await (const piece of pieces) for (const text of cutter.push(piece)) yield frameOf(text);
  const rest = cutter.rest();
  if (rest !== '') throw noFrame(rest);
}

const frameOf = (text: string): LogFrame => {
  try {
    const { File, FileEvent, Offset, Data } = objectOf(JSON.parse(text));
    const bytes = Buffer.from(textOf(Data), 'base64');
    return { file: textOf(File), event: textOf(FileEvent), offset: numberOf(Offset), bytes };
  } catch (error) {
    throw noFrame(`${messageOf(error)}: ${text}`);
  }
};

/** Cuts whole objects out of what arrives. */
const createCutter = () => {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let depth = 0;
  let isText = false;
  let isEscaped = false;
  const take = (): string => {
    const text = Buffer.concat(pending).toString('utf8');
    pending = [];
    pendingBytes = 0;
    return text;
  };
  /** Whether an object ends with this byte. */
  const ends = (byte: number): boolean => {
    if (isText) {
      if (isEscaped) isEscaped = false;
      else if (byte === BACKSLASH) isEscaped = true;
      else if (byte === QUOTE) isText = false;
      return false;
    }
    if (byte === QUOTE) isText = true;
    else if (byte === OPEN) depth += 1;
    else if (byte === CLOSE) {
      depth -= 1;
      return depth <= 0;
    }
    return false;
  };
  const keep = (part: Buffer): void => {
    pending.push(part);
    pendingBytes += part.length;
  };
  return {
    push: (piece: Buffer): string[] => {
      const texts: string[] = [];
      let from = 0;
      for (let at = 0; at < piece.length; at += 1) {
        const byte = piece[at] as number;
        if (!ends(byte)) continue;
        keep(piece.subarray(from, at + 1));
        from = at + 1;
        depth = 0;
        texts.push(take());
      }
      keep(piece.subarray(from));
      if (pendingBytes > MOST_BYTES) throw noFrame(take());
      return texts;
    },
    rest: (): string => take().trim(),
  };
};

const [QUOTE, BACKSLASH, OPEN, CLOSE] = [0x22, 0x5c, 0x7b, 0x7d];

/** Ten times what a frame of 64 KiB takes. */
const MOST_BYTES = 1_048_576;

const noFrame = (text: string): NvlError =>
  new NvlError('nomadAnswer', {
    message: "Nomad's answer breaks off, or is no log",
    facts: { said: pieceOf(text) },
    advice: "see that the address is that of Nomad's HTTP API, and what stands between",
  });
