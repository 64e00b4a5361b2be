import type { LogFrame } from './log-frames.ts';

/**
 * Bytes of a log and where they stand: the index of their file (`server.stdout.3` has 3) and the byte of it that they begin at. `beat`: nothing was
 * written for a while. `cut`: the file begins anew at its first byte, as somebody has emptied it.
 */
export type LogChunk = { kind: 'bytes'; index: number; start: number; bytes: Buffer } | { kind: 'beat' } | LogCut;

export type LogCut = { kind: 'cut'; index: number };

/**
 * Says where the bytes of an answer's frames stand. Within an answer they follow one another, and each further file begins with its first byte.
 * Of the first frame Nomad tells where the first piece *ends* that it read for it (0.5 to 2.0), and it may hold more than one. It holds one alone
 * where it is a full one, or the end of a file that is not written to any more; so an answer that goes back at least `LEAST_BACK` from the end
 * begins where that says, or with a file's first byte.
 *
 * @source https://github.com/hashicorp/nomad/blob/main/client/fs_endpoint.go `streamFile`, and `StreamFramer.Send`
 */
export async function* readChunks({
  frames,
  origin,
}: {
  frames: AsyncIterable<LogFrame>;
  /** Of the question: `start` begins with the first byte of a file. */
  origin: 'start' | 'end';
}): AsyncGenerator<LogChunk> {
  let at: { index: number; next: number } | undefined;
  for await (const { file, event, offset, bytes } of frames) {
    const index = indexOfLog(file);
    if (file === '') yield { kind: 'beat' };
    if (index === undefined) continue;
    if (event === TRUNCATED) {
      yield { kind: 'cut', index };
      at = { index, next: 0 };
    }
    // A frame that was full leaves one without bytes behind it, whose offset means nothing.
    if (bytes.length === 0) continue;
    const first = origin === 'start' ? 0 : Math.max(0, offset - bytes.length);
    const start = at === undefined ? first : at.index === index ? at.next : 0;
    at = { index, next: start + bytes.length };
    yield { kind: 'bytes', index, start, bytes };
  }
}

/** The size of a full frame, and of what Nomad reads at once. */
export const LEAST_BACK = 65_536;

const TRUNCATED = 'file truncated';

const indexOfLog = (file: string): number | undefined => {
  const [, digits] = /\.(\d{1,9})$/.exec(file) ?? [];
  return digits === undefined ? undefined : Number(digits);
};
