export type Settler = {
  /** Something changed: look again soon. */
  news(): void;
  /** No further run begins; resolves when the one under way has ended. */
  stop(): Promise<void>;
};

/**
 * Gathers bursts: after `news()` there is one `run()`, once it has been quiet for `minMs`, but no later than `maxMs`
 * after the first. Runs never overlap: what is new during one makes another follow it. `run` reports its own errors.
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
  let burst: { firstAt: number; lastAt: number } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let isStopped = false;

  const schedule = () => {
    clearTimeout(timer);
    if (burst === undefined || running !== undefined || isStopped) return;
    const dueAt = Math.min(burst.lastAt + minMs, burst.firstAt + maxMs);
    timer = setTimeout(start, Math.max(0, dueAt - performance.now()));
  };

  const start = () => {
    burst = undefined;
    // One turn later, so that news from within the run already finds it running.
    running = Promise.resolve()
      .then(run)
      .finally(() => {
        running = undefined;
        schedule();
      });
  };

  return {
    news: () => {
      const now = performance.now();
      burst = { firstAt: burst?.firstAt ?? now, lastAt: now };
      schedule();
    },
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
};
