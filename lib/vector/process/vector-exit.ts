import { messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';

/** How a Vector ended. */
export type VectorExit = {
  exitCode: number | undefined;
  signal: string | undefined;
  /** Why it did not even run, such as a missing binary. */
  fault: unknown;
  /** The last lines of its log, at most 20. */
  lastLines: string[];
  ranMs: number;
  /** It said that it has started. */
  hadStarted: boolean;
  /** Since the last reload it was asked for, in milliseconds. */
  sinceReloadMs: number | undefined;
  /** It was told to end. */
  wasAsked: boolean;
};

/** How it ended, in one line. */
export const describeExit = ({ exitCode, signal, fault, lastLines, hadStarted }: VectorExit): string => {
  if (exitCode === undefined && signal === undefined) {
    return `Vector could not be started: ${messageOf(fault)}`;
  }
  const how = signal === undefined ? `with exit code ${exitCode}` : `by ${signal}`;
  const last = lastLines.at(-1);
  return `Vector ended ${how}${hadStarted ? '' : ' before it had started'}${last === undefined ? '' : `; it last said: ${last}`}`;
};

/** The same end after each start is told once; what ran for `steadyMs` was another matter. An end that was asked for is none. */
export const createExitReporter = ({ log, steadyMs }: { log: Log; steadyMs: number }): ((exit: VectorExit) => void) => {
  let before: string | undefined;
  return (exit) => {
    const why = describeExit(exit);
    const said = why.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '');
    const { exitCode, signal } = exit;
    if (!exit.wasAsked) log[said === before ? 'debug' : 'error']({ exitCode, signal }, why);
    before = exit.ranMs >= steadyMs ? undefined : said;
  };
};
