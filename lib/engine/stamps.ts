import { VrlTimestamp } from '../vrl/values.ts';

/** Times of reading from `startMs` on, one µs after the other, as no two lines are read at once. */
export const stampsFrom = (startMs: number): (() => VrlTimestamp) => {
  let micros = 0;
  return () => {
    const ms = startMs + Math.floor(micros / 1_000);
    const fraction = micros % 1_000;
    micros += 1;
    const text = new Date(ms).toISOString();
    // As Vector writes times: no more digits than they need, by threes.
    return new VrlTimestamp(fraction === 0 ? text : text.replace('Z', `${String(fraction).padStart(3, '0')}Z`));
  };
};
