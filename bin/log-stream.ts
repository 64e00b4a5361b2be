import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** What nobody read and was let go: lines and bytes, and for how long it went on. */
export type LogGap = { lines: number; bytes: number; ms: number };

/** Writes some of it and says how much; an error says why nothing was written, EAGAIN that there is no room just now. */
export type LogTarget = (chunk: Buffer, done: (error: NodeJS.ErrnoException | null, written: number) => void) => void;

export type LogStream = {
  /** Takes what it is given at once: no writer ever waits for the reader. */
  stream: Writable;
  /** Waits until all is read, but no longer than `patienceMs` in which the reader takes nothing; says whether it is. */
  close(patienceMs: () => number): Promise<boolean>;
};

/**
 * A log that holds nobody up. What its reader does not take is kept up to `maxBytes`. What comes on top of that, or cannot
 * be written at all (a full disk, a closed pipe, a terminal that is gone), is let go and counted; `onGap` is told when the
 * reader is back, and what it writes stands where the gap is.
 */
export const createLogStream = ({
  target,
  onGap,
  maxBytes = 256 * 1024,
  retryMs = 100,
  probeMs = 1_000,
}: {
  target: LogTarget;
  onGap: (gap: LogGap) => void;
  maxBytes?: number;
  /** How soon a reader without room is tried again. */
  retryMs?: number;
  /** How soon one that cannot be written to is. */
  probeMs?: number;
}): LogStream => {
  let queue: Buffer[] = [];
  let queuedBytes = 0;
  let inFlight: Buffer | undefined;
  let isMidLine = false;
  let lost: Lost | undefined;
  /** The gap that the chunk in flight, the first behind it, tells of. */
  let told: Lost | undefined;
  let isTelling = false;
  let movedAt = 0;

  const letGo = (chunk: Buffer): void => {
    lost ??= { lines: 0, bytes: 0, since: Date.now() };
    lost.lines += countLines(chunk);
    lost.bytes += chunk.length;
  };

  /** Once something was let go, so is all that follows, until what was kept before it is read. */
  const add = (chunk: Buffer): void => {
    const isFull = !isTelling && queuedBytes + chunk.length > maxBytes;
    if (lost !== undefined || isFull) {
      letGo(chunk);
      return;
    }
    queue.push(isTelling && isMidLine ? Buffer.concat([LINE_END, chunk]) : chunk);
    queuedBytes += queue.at(-1)?.length ?? 0;
    isMidLine = chunk.at(-1) !== LINE_END[0];
    writeNext();
  };

  const writeNext = (): void => {
    if (inFlight !== undefined) return;
    if (queue.length === 0) {
      tellGap();
      return;
    }
    inFlight = Buffer.concat(queue);
    queue = [];
    write(inFlight);
  };

  const write = (chunk: Buffer): void =>
    target(chunk, (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(write, retryMs, chunk);
        return;
      }
      movedAt = Date.now();
      if (error !== null) return fail(chunk);
      queuedBytes -= written;
      inFlight = written < chunk.length ? chunk.subarray(written) : undefined;
      if (inFlight !== undefined) return write(inFlight);
      told = undefined;
      writeNext();
    });

  /** Whatever stands in the way may be gone later; until then there is nobody to tell. */
  const fail = (chunk: Buffer): void => {
    if (told === undefined) letGo(chunk);
    else lost = { ...told };
    for (const waiting of queue) letGo(waiting);
    [queue, queuedBytes, inFlight, told, isMidLine] = [[], 0, undefined, undefined, false];
    setTimeout(tellGap, probeMs).unref();
  };

  const tellGap = (): void => {
    if (lost === undefined) return;
    const { lines, bytes, since } = lost;
    [told, lost, isTelling] = [lost, undefined, true];
    onGap({ lines, bytes, ms: Date.now() - since });
    isTelling = false;
    if (inFlight === undefined) told = undefined;
  };

  return {
    stream: new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        add(chunk);
        done();
      },
    }),
    close: async (patienceMs) => {
      movedAt = Date.now();
      while (inFlight !== undefined && Date.now() - movedAt < patienceMs()) await sleep(20);
      return inFlight === undefined;
    },
  };
};

type Lost = { lines: number; bytes: number; since: number };

const LINE_END = Buffer.from('\n');

const countLines = (chunk: Buffer): number => {
  let count = 0;
  for (let at = chunk.indexOf(LINE_END); at !== -1; at = chunk.indexOf(LINE_END, at + 1)) count += 1;
  return count;
};
