export type Rounds<T> = {
  /** The next share of all there is, so that all come by within so many calls; at least `least` of them. */
  next(calls: number, least?: number): T[];
  isBetween(): boolean;
};

/** Goes through all there is again and again, a share at each call: no call takes long, however many there are. */
export const createRounds = <T>(list: () => readonly T[]): Rounds<T> => {
  let left: T[] = [];
  let size = 0;
  return {
    next: (calls, least = 1) => {
      if (left.length === 0) {
        left = [...list()];
        size = left.length;
      }
      return left.splice(0, Math.max(least, Math.ceil(size / calls)));
    },
    isBetween: () => left.length === 0,
  };
};
