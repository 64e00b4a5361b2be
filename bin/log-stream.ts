import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogQueue, type LogGap } from './log-queue.ts';

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
  const queue = createLogQueue({ maxBytes });
  let movedAt = 0;
  const tellGap = (): void => queue.tellGap(onGap);

  const writeNext = (): void => {
    const chunk = queue.take();
    if (chunk !== undefined) write(chunk);
    else if (!queue.isOnItsWay) tellGap();
  };

  const write = (chunk: Buffer): void =>
    target(chunk, (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(write, retryMs, chunk);
        return;
      }
      movedAt = Date.now();
      if (error !== null) {
        queue.drop();
        // Whatever stands in the way may be gone later; until then there is nobody to tell.
        setTimeout(tellGap, probeMs).unref();
        return;
      }
      const rest = queue.arrived(written);
      if (rest === undefined) writeNext();
      else write(rest);
    });

  return {
    stream: new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        if (queue.add(chunk)) writeNext();
        done();
      },
    }),
    close: async (patienceMs) => {
      movedAt = Date.now();
      while (queue.isOnItsWay && Date.now() - movedAt < patienceMs()) await sleep(20);
      return !queue.isOnItsWay;
    },
  };
};
