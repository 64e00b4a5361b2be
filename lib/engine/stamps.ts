import { VrlTimestamp } from '../vrl/values.ts';

/** Times of reading, by a clock in ms since 1970. No two lines are read at once: each is a µs or more after the one before. */
export const stampsFrom = (now: () => number): (() => VrlTimestamp) => {
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    const micros = Math.max(Math.floor(now() * 1_000), last + 1);
    last = micros;
    const fraction = micros % 1_000;
    const text = new Date(Math.floor(micros / 1_000)).toISOString();
    // As Vector writes times: no more digits than they need, by threes.
    return new VrlTimestamp(fraction === 0 ? text : text.replace('Z', `${String(fraction).padStart(3, '0')}Z`));
  };
};
