/** Does one thing at a time, whichever thread does it. */
export type InTurn = <T>(act: () => T) => T;

/** Whoever ended in the middle of something must not keep the other waiting for ever. */
const MOST_WAIT_MS = 1_000;

/** Of threads that share this number, 0 at first: one of them acts, and the other waits for it. */
export const createTurns =
  ({ shared, mostWaitMs = MOST_WAIT_MS }: { shared: Int32Array; mostWaitMs?: number }): InTurn =>
  (act) => {
    const isMine = takeTurn({ shared, mostWaitMs });
    try {
      return act();
    } finally {
      if (isMine) endTurn(shared);
    }
  };

const [FREE, TAKEN] = [0, 1];

const takeTurn = ({ shared, mostWaitMs }: { shared: Int32Array; mostWaitMs: number }): boolean => {
  const end = performance.now() + mostWaitMs;
  while (Atomics.compareExchange(shared, 0, FREE, TAKEN) !== FREE) {
    const left = end - performance.now();
    if (left <= 0) return false;
    Atomics.wait(shared, 0, TAKEN, left);
  }
  return true;
};

const endTurn = (shared: Int32Array): void => {
  Atomics.store(shared, 0, FREE);
  Atomics.notify(shared, 0, 1);
};
