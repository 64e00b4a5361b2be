import type { ReloadResult } from '../vector/process/reload-result.ts';
import type { VectorExit } from '../vector/process/vector-exit.ts';

/** Whether what Vector read last is to blame for its end, and nobody else deals with it. Pure. */
export const isToBlame = ({
  exit,
  lastLoad,
  isLoading,
}: {
  exit: VectorExit;
  /** What came of the last load. */
  lastLoad: ReloadResult['kind'] | undefined;
  /** A cycle waits for a load: it is told itself, and rolls back. */
  isLoading: boolean;
}): boolean => {
  if (exit.wasAsked || isLoading) return false;
  if (!exit.hadStarted) return true;
  // After a refused reload the file that Vector ran is live: nothing of it is to blame for an end that follows.
  return lastLoad !== 'refused' && hasDiedOfReload(exit);
};

/** By itself, soon after a reload that it was asked for: not one that was killed, nor one that started since. Pure. */
export const hasDiedOfReload = (exit: VectorExit): boolean =>
  exit.hadStarted &&
  exit.sinceReloadMs !== undefined &&
  exit.sinceReloadMs < Math.min(DIED_OF_RELOAD_MS, exit.ranMs) &&
  !wasKilled(exit);

/** A Vector that ends this soon after a reload has died of it. */
const DIED_OF_RELOAD_MS = 10_000;

/** Somebody other than nvl ended it, by a signal. Pure. */
export const wasKilled = ({ signal }: Pick<VectorExit, 'signal'>): boolean => KILLED_FROM_OUTSIDE.has(signal ?? '');

const KILLED_FROM_OUTSIDE: ReadonlySet<string> = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGQUIT']);

/** What tells why it ended: its errors, else the last that it said. Pure. */
export const lastWordsOf = ({ lastLines, exitCode }: Pick<VectorExit, 'lastLines' | 'exitCode'>): string => {
  const errors = lastLines.filter((line) => /\bERROR\b/.test(line));
  return (errors.length > 0 ? errors : lastLines).slice(-5).join('\n') || `exit code ${exitCode}`;
};
