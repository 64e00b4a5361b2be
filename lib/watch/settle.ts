export type Settler = {
  /** Something changed, and more of it may follow: look again when it has settled. */
  news(): void;
  /** Something changed that is whole as it is: the first such news after a quiet time is looked at all but at once. */
  wholeNews(): void;
  /** No further run begins; resolves when the one under way has ended. */
  stop(): Promise<void>;
};

/**
 * Gathers bursts: after `news()` there is one `run()`, once it has been quiet for `minMs`, but no later than `maxMs`
 * after the first. Whole news behind a quiet `minMs` make a run at once, one in `maxMs` at most, and what follows settles. Runs
 * never overlap: what is new during one makes another follow it. `run` reports its own errors.
 */
export const createSettler = ({
  minMs,
  maxMs,
  run,
}: {
  minMs: number;
  maxMs: number;
  run: () => Promise<void> | void;
}): Settler => {
  let burst: { firstAt: number; lastAt: number; isFirst: boolean } | undefined;
  let ledAt = Number.NEGATIVE_INFINITY;
  let endedAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let isStopped = false;

  const schedule = () => {
    clearTimeout(timer);
    if (burst === undefined || running !== undefined || isStopped) return;
    const { firstAt, lastAt, isFirst } = burst;
    const dueAt = isFirst ? firstAt + Math.min(minMs, FIRST_MS) : Math.min(lastAt + minMs, firstAt + maxMs);
    timer = setTimeout(start, Math.max(0, dueAt - performance.now()));
  };

  const start = () => {
    burst = undefined;
    // One turn later, so that news from within the run already finds it running.
    running = Promise.resolve()
      .then(run)
      .finally(() => {
        running = undefined;
        endedAt = performance.now();
        schedule();
      });
  };

  const news = ({ isWhole }: { isWhole: boolean }): void => {
    const now = performance.now();
    const mayLead = () => running === undefined && now - endedAt >= minMs && now - ledAt >= maxMs;
    const isFirst = isWhole && (burst?.isFirst ?? mayLead());
    if (isFirst) ledAt = now;
    burst = { firstAt: burst?.firstAt ?? now, lastAt: now, isFirst };
    schedule();
  };

  return {
    news: () => news({ isWhole: false }),
    wholeNews: () => news({ isWhole: true }),
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
};

/** Log files are there a moment after the folder of their allocation. */
const FIRST_MS = 20;
