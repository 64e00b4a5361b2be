/**
 * Calls `onOver` once `limitMs` have passed by the clock, and all threads of this process together have had as much processor time, so that
 * what waits for a busy machine is not taken for what has no end; after `MOST_TIMES` the limit by the clock in any case. The answer calls
 * it off.
 */
export const afterOwnTime = ({
  limitMs,
  onOver,
  usedMs = processorMs,
}: {
  limitMs: number;
  onOver: () => void;
  /** Milliseconds of processor time that this process has used. */
  usedMs?: () => number;
}): (() => void) => {
  const usedBefore = usedMs();
  const endsAt = performance.now() + limitMs * MOST_TIMES;
  let timer: NodeJS.Timeout;
  const wait = (ms: number): void => {
    timer = setTimeout(() => {
      const missingMs = Math.min(limitMs - (usedMs() - usedBefore), endsAt - performance.now());
      if (missingMs > 0) wait(Math.ceil(missingMs));
      else onOver();
    }, ms);
  };
  wait(limitMs);
  return () => clearTimeout(timer);
};

let used = { ms: 0, at: Number.NEGATIVE_INFINITY };

/** Each call has a limit, thousands of them a second: one look serves all within a moment. */
const processorMs = (): number => {
  const now = performance.now();
  if (Math.abs(now - used.at) > MOMENT_MS) {
    const { user, system } = process.cpuUsage();
    used = { ms: (user + system) / 1_000, at: now };
  }
  return used.ms;
};

const MOMENT_MS = 50;

/** A thread that gets less than a tenth of a processor is of no use to anybody who waits. */
const MOST_TIMES = 10;
