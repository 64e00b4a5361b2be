import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../log.ts';
import type { VectorCommand } from '../config/command.ts';
import { runningRedact } from '../config/running-redact.ts';
import { type End, endOf, killGroup, startVector, type VectorStreams } from './child.ts';
import { readProcess, untilHandlesHangup } from './identity.ts';
import { parseLogLine, showsInfo } from './log-line.ts';
import { createReloadQueue } from './reload-queue.ts';
import type { ReloadResult } from './reload-result.ts';
import { findBinary } from './run.ts';
import type { VectorRecord } from './survivor.ts';

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

export type SupervisorState = 'stopped' | 'starting' | 'running' | 'pausing' | 'stopping';

export type FirstStart = { kind: 'started' } | { kind: 'ended'; exit: VectorExit };

export type Supervisor = {
  readonly state: SupervisorState;
  /** Starts Vector and keeps it running until `stop`. Answers when the first one has started, or how it ended. */
  start(): Promise<FirstStart>;
  /** Ends the pause before the next start: what it is to load has changed. */
  hurry(): void;
  /** `isRead`: one that is starting has read what is live. */
  reload(o: { timeoutMs: number; signal?: AbortSignal; isRead?: boolean }): Promise<ReloadResult>;
  /** Ends Vector for good: one SIGTERM, `drainMs` of time, then SIGKILL to its group. Answers at once if none runs. */
  stop(): Promise<void>;
};

/**
 * Runs Vector as a child. One that ends is reported to `onExit`, which is awaited (a roll back belongs there), and started
 * again after `pauses(attempt)` milliseconds, with attempts counted from 1, and from anew once one has run for `steadyMs`.
 * `beforeSpawn` is awaited before each, adds to its environment, and keeps it from starting by a rejection. `onSpawn` is handed
 * what to remember of each, where that can be known; `onTerm` is awaited before one is told to end. No SIGHUP before it has started or after SIGTERM.
 */
export const createSupervisor = ({
  command,
  drainMs,
  log,
  stdout,
  stderr,
  onExit = () => {},
  beforeSpawn = async () => ({}),
  onSpawn = () => {},
  onTerm = () => {},
  onStart = () => {},
  onLog = () => {},
  pauses = (attempt) => Math.min(30_000, 500 * 2 ** (attempt - 1)),
  steadyMs = 60_000,
  silentStartMs = 2_000,
  silentReloadMs = 3_000,
}: VectorStreams & {
  command: VectorCommand;
  drainMs: number;
  log: Log;
  onExit?: (exit: VectorExit) => void | Promise<void>;
  beforeSpawn?: () => Promise<Record<string, string>>;
  onSpawn?: (record: VectorRecord) => void | Promise<void>;
  /** It has built what it read, and runs. */
  onStart?: () => void | Promise<void>;
  /** Each line of its log. */
  onLog?: (line: string) => void;
  onTerm?: () => void | Promise<void>;
  pauses?: (attempt: number) => number;
  steadyMs?: number;
  /** How long after it handles SIGHUP a Vector that hides its info lines is taken to be ready. */
  silentStartMs?: number;
  /** How long a reload of such a Vector is watched for errors. */
  silentReloadMs?: number;
}): Supervisor => {
  const hasInfo = showsInfo(command);
  const queue = createReloadQueue({ hasInfo, silentMs: silentReloadMs });
  let state: SupervisorState = 'stopped';
  let child: ReturnType<typeof startVector> | undefined;
  let loop: Promise<void> = Promise.resolve();
  let stopping: Promise<void> | undefined;
  let reportedBefore: string | undefined;
  let endPause = (): void => {};
  let answerStart: (first: FirstStart) => void = () => {};

  // A function, as the compiler would take an earlier comparison of `state` to hold after an await.
  const isStopping = (): boolean => state === 'stopping';

  const runOne = async (): Promise<VectorExit> => {
    const startedAt = Date.now();
    let remembered: Promise<void> = Promise.resolve();
    const seen = { hadStarted: false, lastLines: [] as string[] };
    const markStarted = (how: 'said' | 'silent'): void => {
      if (seen.hadStarted || isStopping()) return;
      seen.hadStarted = true;
      state = 'running';
      queue.started({ how, sendSignal: () => isStopping() || child?.kill('SIGHUP') });
      void remembered
        .then(() => attempt(onStart, 'could not remember that Vector has started'))
        .then(() => answerStart({ kind: 'started' }));
    };
    const onLine = (line: string): void => {
      seen.lastLines = [...seen.lastLines.slice(-19), line];
      onLog(line);
      const event = parseLogLine(line);
      if (event?.kind === 'started') markStarted('said');
      else if (event !== undefined && !queue.answer(event))
        void redacted([line]).then((lines) => log.debug({ line: lines[0] }, 'Vector said this without being asked'));
    };

    const awaitSilentStart = async (pid: number): Promise<void> => {
      await untilHandlesHangup(pid, { maxMs: NOT_READY_MAX_MS });
      if (!hasEnded) silentStart = setTimeout(() => markStarted('silent'), silentStartMs);
    };

    let how: End = {};
    let hasEnded = false;
    let silentStart: NodeJS.Timeout | undefined;
    try {
      const file = await findBinary(command);
      const env = { ...command.env, ...(isStopping() ? {} : await beforeSpawn()) };
      if (!isStopping()) {
        queue.spawned();
        child = startVector({ file, command: { ...command, env }, stdout, stderr, onLine });
        if (!hasInfo && child.pid !== undefined) void awaitSilentStart(child.pid);
        remembered = remember(child.pid);
        how = await endOf(child);
        await remembered;
      }
    } catch (fault) {
      how = { fault };
    }
    hasEnded = true;
    clearTimeout(silentStart);
    child = undefined;
    const { exitCode, signal, fault } = how;
    const times = { ranMs: Date.now() - startedAt, sinceReloadMs: queue.sinceLastMs() };
    const lastLines = await redacted(seen.lastLines);
    return { exitCode, signal, fault, ...seen, lastLines, ...times, wasAsked: isStopping() };
  };

  /** Vector quotes its configuration with variables and secrets in it: none of them is shown, logged or kept. */
  const redacted = async (lines: readonly string[]): Promise<string[]> => {
    if (lines.length === 0) return [];
    const redact = await runningRedact(command).catch(() => () => '(not shown)');
    return redact(lines.join('\n')).split('\n');
  };

  const remember = async (pid: number | undefined): Promise<void> => {
    const identity = pid === undefined ? undefined : await readProcess(pid);
    if (identity === undefined) return;
    await attempt(() => onSpawn(identity), 'could not remember the Vector that was started');
  };

  const run = async (): Promise<void> => {
    for (let count = 1; !isStopping(); count += 1) {
      state = 'starting';
      const exit = await runOne();
      const why = describeExit(exit);
      queue.ended({ why, isFinal: isStopping() });
      if (!isStopping()) state = 'pausing';
      const reported = why.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '');
      // The same end after each start is told once.
      if (!exit.wasAsked)
        log[reported === reportedBefore ? 'debug' : 'error']({ exitCode: exit.exitCode, signal: exit.signal }, why);
      reportedBefore = exit.ranMs >= steadyMs ? undefined : reported;
      answerStart({ kind: 'ended', exit });
      await attempt(() => onExit(exit), 'could not deal with the end of Vector');
      if (exit.ranMs >= steadyMs) count = 1;
      if (!isStopping()) await pause(pauses(count));
    }
    state = 'stopped';
    queue.ended({ why: 'Vector was stopped', isFinal: true });
  };

  const attempt = async (act: () => void | Promise<void>, words: string): Promise<void> => {
    try {
      await act();
    } catch (error) {
      log.error({ err: error }, words);
    }
  };

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const end = async (): Promise<void> => {
    state = 'stopping';
    endPause();
    await sleep(Math.max(0, SIGNAL_GAP_MS - (queue.sinceLastMs() ?? SIGNAL_GAP_MS)));
    if (child !== undefined) await attempt(onTerm, 'could not remember that Vector was told to end');
    child?.kill('SIGTERM');
    const kill = setTimeout(() => killGroup(child?.pid), drainMs);
    await loop;
    clearTimeout(kill);
  };

  return {
    get state() {
      return state;
    },
    start: () => {
      const first = new Promise<FirstStart>((resolve) => {
        answerStart = resolve;
      });
      stopping = undefined;
      loop = run();
      return first;
    },
    hurry: () => {
      if (state === 'pausing') endPause();
    },
    reload: async (o) => {
      const result = await queue.reload({ ...o, isRefused: state === 'stopped' || state === 'stopping' });
      if (!('why' in result)) return result;
      const why = (await redacted(result.why.split('\n'))).join('\n');
      return { ...result, why };
    },
    stop: () => {
      if (state !== 'stopped') stopping ??= end();
      return stopping ?? Promise.resolve();
    },
  };
};

/** What never handles a SIGHUP, such as a shell around Vector, is not waited for without end. */
const NOT_READY_MAX_MS = 30_000;

/** Two signals that are both pending may be taken in any order, and a SIGHUP behind a SIGTERM ends Vector undrained. */
const SIGNAL_GAP_MS = 100;

/** How it ended, in one line. */
export const describeExit = ({ exitCode, signal, fault, lastLines, hadStarted }: VectorExit): string => {
  if (exitCode === undefined && signal === undefined) {
    return `Vector could not be started: ${fault instanceof Error ? fault.message : String(fault)}`;
  }
  const how = signal === undefined ? `with exit code ${exitCode}` : `by ${signal}`;
  const last = lastLines.at(-1);
  return `Vector ended ${how}${hadStarted ? '' : ' before it had started'}${last === undefined ? '' : `; it last said: ${last}`}`;
};
