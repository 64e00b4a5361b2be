import { setTimeout as sleep } from 'node:timers/promises';

export type Backoff = {
  /** Counted from 0: how many attempts have failed since the last good one, less one. */
  attempt: number;
  /** From 0 up to, not including, 1. */
  random: number;
  minMs?: number;
  maxMs?: number;
};

/**
 * How long to wait after a failed attempt: twice as long each time, from `minMs` (250 ms) to `maxMs` (30 s), the upper
 * half of it by chance, so that the nodes of a cluster do not come back all at once.
 */
export const backoffMs = ({ attempt, random, minMs = 250, maxMs = 30_000 }: Backoff): number => {
  const longest = Math.min(maxMs, minMs * 2 ** (attempt + 1));
  const shortest = Math.min(longest, Math.max(minMs, longest / 2));
  return Math.round(shortest + (longest - shortest) * random);
};

/** Resolves after `ms`, or at once when `signal` aborts: the caller looks at the signal, not at an error. */
export const pause = async (ms: number, signal?: AbortSignal): Promise<void> => {
  await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {});
};
