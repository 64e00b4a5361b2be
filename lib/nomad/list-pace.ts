/** What one list of so many bytes costs decides how often it is asked for. Pure. */

/**
 * After how long the whole list is asked for again where nothing brings news: `interval`, and 15 s for each MB where that is
 * longer, for 5 minutes at most. Some 100 allocations are one MB.
 */
export const listIntervalMs = ({ intervalMs, bytes }: { intervalMs: number; bytes: number }): number =>
  Math.max(intervalMs, Math.min(MOST_INTERVAL_MS, (bytes / BYTES_PER_MB) * INTERVAL_MS_PER_MB));

/** The least time from one list to the next while each brings news: nvl, and Nomad's agent, have other things to do. */
export const listGapMs = ({ gapMs, bytes }: { gapMs: number; bytes: number }): number =>
  Math.max(gapMs, (bytes / BYTES_PER_MB) * GAP_MS_PER_MB);

const BYTES_PER_MB = 1e6;
const INTERVAL_MS_PER_MB = 15_000;
const GAP_MS_PER_MB = 20;
/** Nomad holds a blocking query back for as long at most. */
const MOST_INTERVAL_MS = 300_000;
