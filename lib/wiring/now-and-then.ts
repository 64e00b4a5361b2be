import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';

/** Something that is done again and again, one run after the other. */
export type NowAndThen = {
  /** Once more soon: at once, or a second after the last run. */
  soon(): void;
  stop(): Promise<void>;
};

/**
 * Runs something each `everyMs`, if given, and when it is asked for, with a pause after each. It keeps no process from ending; what goes
 * wrong is told once, and tried again. `after` follows each run that went well.
 */
export const nowAndThen = ({
  run,
  after = () => {},
  everyMs,
  gapMs = 1_000,
  log,
}: {
  run: () => Promise<void>;
  after?: () => void;
  everyMs?: number;
  gapMs?: number;
  log: Log;
}): NowAndThen => {
  let running: Promise<void> | undefined;
  let waiting: NodeJS.Timeout | undefined;
  let endedAt = Number.NEGATIVE_INFINITY;
  let told: string | undefined;
  let isStopped = false;
  const runOnce = async (): Promise<void> => {
    try {
      await run();
      told = undefined;
      after();
    } catch (err) {
      const said = messageOf(err);
      if (said !== told) log.warn({ err }, 'nvl cannot keep what nvl status and its metrics say up to date');
      told = said;
    }
    endedAt = performance.now();
    running = undefined;
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
  const timer = everyMs === undefined ? undefined : setInterval(soon, everyMs).unref();
  if (everyMs !== undefined) soon();
  return {
    soon,
    stop: async () => {
      isStopped = true;
      clearInterval(timer);
      clearTimeout(waiting);
      await running;
    },
  };
};
