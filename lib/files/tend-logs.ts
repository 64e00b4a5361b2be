import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { boundHeld } from './bound-held.ts';
import type { LogKeeper } from './keep-logs.ts';
import { createOrphans } from './orphans.ts';
import { createRelease, type Releasing } from './release-rotated.ts';
import { removePins } from './remove-pins.ts';

export type Tending = Releasing & {
  keeper: LogKeeper;
  /** The most bytes that only nvl keeps. */
  holdBytes: number;
  /** Sources that Vector may run, or is about to. */
  sources: () => readonly string[];
  log: Log;
};

const TICK_MS = 1_000;
/** In ticks: how often pins and held bytes are looked at. */
const SWEEP_TICKS = 10;

/**
 * What is done with links between cycles, every second until it is stopped: what cannot be watched is looked at, what was
 * delivered goes, and no more is held than may be. What goes wrong is told once, and tried again.
 */
export const tendLogs = (tending: Tending): { stop: () => Promise<void> } => {
  const report = createReport(tending.log);
  const release = createRelease(tending);
  const { keeper } = tending;
  const { shelf, unread } = keeper;
  const orphans = createOrphans(shelf);
  let ticks = 0;
  const tick = async (): Promise<void> => {
    ticks += 1;
    await report('look', async () => keeper.lookAgain({ isAll: false }));
    await report('rotated', release);
    if (ticks % SWEEP_TICKS !== 0) return;
    await report('orphans', async () => orphans.look());
    await report('pins', () => removePins({ ...tending, shelf, orphans }));
    await report('held', () => boundHeld({ ...tending, orphans }));
    await report('counts', async () => unread.save());
  };
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= tick().finally(() => {
      running = undefined;
    });
  }, TICK_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
};

const createReport = (log: Log) => {
  const told = new Map<string, string>();
  return async (what: string, run: () => Promise<void>): Promise<void> => {
    try {
      await run();
      told.delete(what);
    } catch (error) {
      const said = messageOf(error);
      if (told.get(what) !== said) log.error({ said }, 'the links to log files cannot be tended; nvl tries again');
      told.set(what, said);
    }
  };
};
