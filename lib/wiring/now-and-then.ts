import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';

/** Something that is done again and again, one run after the other. */
export type NowAndThen = {
  /** Once more soon: at once, or a second after the last run. */
  soon(): void;
  /**
   * The same for whoever needs what is younger than so many milliseconds, unless the last run that went well began within them: then
   * those who ask share it. Resolves at once, or at the end of a run, whether that went well or not; never rejects.
   */
  youngerThan(ms: number): Promise<void>;
  /** Waits for the run that is under way; whoever waits for another is let go. */
  stop(): Promise<void>;
};

/**
 * Runs something when it is asked for, with a pause after each run; with `restMs` at once too, and whenever it has not run for so long.
 * It keeps no process from ending; what goes wrong is told once, and tried again. `after` follows each run that went well.
 */
export const nowAndThen = ({
  run,
  after = () => {},
  restMs,
  gapMs = 1_000,
  log,
}: {
  run: () => Promise<void>;
  after?: () => void;
  restMs?: number;
  gapMs?: number;
  log: Log;
}): NowAndThen => {
  let running: Promise<void> | undefined;
  let waiting: NodeJS.Timeout | undefined;
  let resting: NodeJS.Timeout | undefined;
  let wellSince = Number.NEGATIVE_INFINITY;
  let endedAt = Number.NEGATIVE_INFINITY;
  let isStopped = false;
  const askers = createAskers();
  const runsWell = tellingOnce({ run, log });
  const runOnce = async (): Promise<void> => {
    const startedAt = performance.now();
    clearTimeout(resting);
    if (await runsWell()) {
      wellSince = startedAt;
      after();
    }
    endedAt = performance.now();
    running = undefined;
    if (restMs !== undefined && !isStopped) resting = setTimeout(soon, restMs).unref();
    askers.letGo();
  };
  const soon = (): void => {
    if (isStopped || waiting !== undefined) return;
    const start = (): void => {
      waiting = undefined;
      if (running === undefined) running = runOnce();
      else void running.then(soon);
    };
    waiting = setTimeout(start, Math.max(0, endedAt + gapMs - performance.now())).unref();
  };
  if (restMs !== undefined) soon();
  return {
    soon,
    youngerThan: async (ms) => {
      if (isStopped || performance.now() - wellSince < ms) return;
      if (running === undefined) soon();
      await askers.wait();
    },
    stop: async () => {
      isStopped = true;
      clearTimeout(resting);
      clearTimeout(waiting);
      await running;
      askers.letGo();
    },
  };
};

/** Those who wait for the end of a run. */
const createAskers = () => {
  let next = Promise.withResolvers<void>();
  return {
    wait: (): Promise<void> => next.promise,
    letGo: (): void => {
      next.resolve();
      next = Promise.withResolvers<void>();
    },
  };
};

/** Whether a run went well; the same trouble of several is told once. */
const tellingOnce = ({ run, log }: { run: () => Promise<void>; log: Log }): (() => Promise<boolean>) => {
  let told: string | undefined;
  return async () => {
    try {
      await run();
      told = undefined;
      return true;
    } catch (err) {
      const said = messageOf(err);
      if (said !== told) log.warn({ err }, 'nvl cannot keep what nvl status and its metrics say up to date');
      told = said;
      return false;
    }
  };
};
