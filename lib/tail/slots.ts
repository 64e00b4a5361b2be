/** Room for so many at once; whoever comes later waits for one to go. */
export type Slots = {
  /** Resolves with what gives the slot back; rejects when `signal` aborts first. */
  take(signal: AbortSignal): Promise<() => void>;
};

export const createSlots = ({ most, onFull = () => {} }: { most: number; onFull?: () => unknown }): Slots => {
  let taken = 0;
  const waiting = new Set<() => void>();
  const give = (): void => {
    taken -= 1;
    const [next] = waiting;
    if (next !== undefined) next();
  };
  const enter = (): (() => void) => {
    taken += 1;
    let isGiven = false;
    return () => {
      if (!isGiven) give();
      isGiven = true;
    };
  };
  return {
    take: async (signal) => {
      if (taken >= most) {
        onFull();
        await new Promise<void>((resolve, reject) => {
          const go = (): void => {
            waiting.delete(go);
            signal.removeEventListener('abort', leave);
            resolve();
          };
          const leave = (): void => {
            waiting.delete(go);
            reject(signal.reason);
          };
          waiting.add(go);
          signal.addEventListener('abort', leave, { once: true });
        });
      }
      return enter();
    },
  };
};

/** Does something in a slot of its own, and gives that back. */
export const inSlot = async <T>(
  { slots, signal }: { slots: Slots; signal: AbortSignal },
  act: () => Promise<T>,
): Promise<T> => {
  const leave = await slots.take(signal);
  try {
    return await act();
  } finally {
    leave();
  }
};
