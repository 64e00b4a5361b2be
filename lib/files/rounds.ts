export type Rounds<T> = {
  /** The next share of all there is, so that all come by within so many calls. */
  next(calls: number): T[];
  /** Begins anew. */
  restart(): void;
  isBetween(): boolean;
};

/** Goes through all there is again and again, a share at each call: no call takes long, however many there are. */
export const createRounds = <T>(list: () => readonly T[]): Rounds<T> => {
  let left: T[] = [];
  let size = 0;
  return {
    next: (calls) => {
      if (left.length === 0) {
        left = [...list()];
        size = left.length;
      }
      return left.splice(0, Math.ceil(size / calls));
    },
    restart: () => {
      left = [];
    },
    isBetween: () => left.length === 0,
  };
};
