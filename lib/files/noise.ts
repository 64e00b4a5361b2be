export type Noise = {
  /** Counts one more event: true when the folder is to be left alone for a while. */
  isTooMuch(now: number): boolean;
  isResting(now: number): boolean;
};

/** Nomad writes to a log ten times a second at most. Linux keeps 16,384 events for all folders together. */
const MOST_EVENTS_A_SECOND = 1_000;
const REST_MS = 10_000;
const MOST_REST_MS = 300_000;

/** How often a folder changes. It rests longer each time, until it was quiet for as long as it may rest at most. */
export const createNoise = (): Noise => {
  let since = 0;
  let events = 0;
  let rests = 0;
  let restUntil = 0;
  return {
    isTooMuch: (now) => {
      if (now - since >= 1_000) {
        if (now - restUntil >= MOST_REST_MS) rests = 0;
        since = now;
        events = 0;
      }
      events += 1;
      if (events <= MOST_EVENTS_A_SECOND) return false;
      restUntil = now + Math.min(MOST_REST_MS, REST_MS * 2 ** rests);
      rests += 1;
      events = 0;
      return true;
    },
    isResting: (now) => now < restUntil,
  };
};
