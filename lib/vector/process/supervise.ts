import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../log.ts';
import type { VectorCommand } from '../config/command.ts';
import { redactLines } from '../config/running-redact.ts';
import { killGroup, type VectorChild, type VectorStreams } from './child.ts';
import { readProcess } from './identity.ts';
import { showsInfo } from './log-line.ts';
import { createReloadQueue, type ReloadQueue } from './reload-queue.ts';
import type { ReloadResult } from './reload-result.ts';
import { runOnce } from './run-once.ts';
import type { VectorRecord } from './survivor.ts';
import { createExitReporter, describeExit, type VectorExit } from './vector-exit.ts';

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

export type SupervisorOptions = VectorStreams & {
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
};

const DEFAULTS: Omit<Required<SupervisorOptions>, keyof VectorStreams | 'command' | 'drainMs' | 'log'> = {
  onExit: () => {},
  beforeSpawn: async () => ({}),
  onSpawn: () => {},
  onTerm: () => {},
  onStart: () => {},
  onLog: () => {},
  pauses: (attempt) => Math.min(30_000, 500 * 2 ** (attempt - 1)),
  steadyMs: 60_000,
  silentStartMs: 2_000,
  silentReloadMs: 3_000,
};

/**
 * Runs Vector as a child. One that ends is reported to `onExit`, which is awaited (a roll back belongs there), and started
 * again after `pauses(attempt)` milliseconds, with attempts counted from 1, and from anew once one has run for `steadyMs`.
 * `beforeSpawn` is awaited before each, adds to its environment, and keeps it from starting by a rejection. `onSpawn` is handed
 * what to remember of each, where that can be known; `onTerm` is awaited before one is told to end. No SIGHUP before it has started or after SIGTERM.
 */
export const createSupervisor = (options: SupervisorOptions): Supervisor => {
  const given = { ...DEFAULTS, ...options };
  const { command } = given;
  const queue = createReloadQueue({ hasInfo: showsInfo(command), silentMs: given.silentReloadMs });
  const at: Standing = {
    given,
    queue,
    reportExit: createExitReporter(given),
    state: 'stopped',
    child: undefined,
    answerStart: () => {},
    endPause: () => {},
  };
  let loop: Promise<void> = Promise.resolve();
  let stopping: Promise<void> | undefined;
  return {
    get state() {
      return at.state;
    },
    start: () => {
      const first = new Promise<FirstStart>((resolve) => {
        at.answerStart = resolve;
      });
      stopping = undefined;
      loop = keepRunning(at);
      return first;
    },
    hurry: () => {
      if (at.state === 'pausing') at.endPause();
    },
    reload: async (o) => {
      const result = await queue.reload({ ...o, isRefused: at.state === 'stopped' || at.state === 'stopping' });
      if (!('why' in result)) return result;
      const why = (await redactLines({ command, lines: result.why.split('\n') })).join('\n');
      return { ...result, why };
    },
    stop: () => {
      if (at.state !== 'stopped') stopping ??= end(at, loop);
      return stopping ?? Promise.resolve();
    },
  };
};

/** How a supervisor stands with its Vector: what its steps share. */
type Standing = {
  readonly given: Required<SupervisorOptions>;
  readonly queue: ReloadQueue;
  readonly reportExit: (exit: VectorExit) => void;
  state: SupervisorState;
  child: VectorChild | undefined;
  /** Tells who started it what became of the first Vector. */
  answerStart: (first: FirstStart) => void;
  /** Ends the pause before the next start, if there is one. */
  endPause: () => void;
};

// A function, as the compiler would take an earlier comparison of `state` to hold after an await.
const isStopping = (at: Standing): boolean => at.state === 'stopping';

/** One Vector after the other, until it is to stop. */
const keepRunning = async (at: Standing): Promise<void> => {
  const { given, queue } = at;
  for (let count = 1; !isStopping(at); count += 1) {
    at.state = 'starting';
    const exit = await runOne(at);
    queue.ended({ why: describeExit(exit), isFinal: isStopping(at) });
    if (!isStopping(at)) at.state = 'pausing';
    at.reportExit(exit);
    at.answerStart({ kind: 'ended', exit });
    await attempt({ act: () => given.onExit(exit), words: 'could not deal with the end of Vector', log: given.log });
    if (exit.ranMs >= given.steadyMs) count = 1;
    if (!isStopping(at)) await pause(at, given.pauses(count));
  }
  at.state = 'stopped';
  queue.ended({ why: 'Vector was stopped', isFinal: true });
};

const runOne = async (at: Standing): Promise<VectorExit> => {
  const { given, queue } = at;
  const { command, log } = given;
  let remembered: Promise<void> = Promise.resolve();
  const run = await runOnce({
    ...given,
    isStopping: () => isStopping(at),
    beforeSpawn: async () => {
      const env = await given.beforeSpawn();
      if (!isStopping(at)) queue.spawned();
      return env;
    },
    onSpawn: (child) => {
      at.child = child;
      remembered = remember(given, child.pid);
      return remembered;
    },
    onStart: (how) => {
      at.state = 'running';
      queue.started({ how, sendSignal: () => isStopping(at) || at.child?.kill('SIGHUP') });
      void remembered
        .then(() => attempt({ act: given.onStart, words: 'could not remember that Vector has started', log }))
        .then(() => at.answerStart({ kind: 'started' }));
    },
    onEvent: (event, line) => {
      if (queue.answer(event)) return;
      void redactLines({ command, lines: [line] }).then(([text]) =>
        log.debug({ line: text }, 'Vector said this without being asked'),
      );
    },
  });
  at.child = undefined;
  const sinceReloadMs = queue.sinceLastMs();
  const lastLines = await redactLines({ command, lines: run.lastLines });
  return { ...run, lastLines, sinceReloadMs, wasAsked: isStopping(at) };
};

const remember = async ({ onSpawn, log }: Standing['given'], pid: number | undefined): Promise<void> => {
  const identity = pid === undefined ? undefined : await readProcess(pid);
  if (identity === undefined) return;
  await attempt({ act: () => onSpawn(identity), words: 'could not remember the Vector that was started', log });
};

/** What goes wrong beside a Vector keeps none from running. */
const attempt = async ({
  act,
  words,
  log,
}: {
  act: () => void | Promise<void>;
  words: string;
  log: Log;
}): Promise<void> => {
  try {
    await act();
  } catch (error) {
    log.error({ err: error }, words);
  }
};

const pause = (at: Standing, ms: number): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    at.endPause = () => {
      clearTimeout(timer);
      resolve();
    };
  });

const end = async (at: Standing, loop: Promise<void>): Promise<void> => {
  const { onTerm, log, drainMs } = at.given;
  at.state = 'stopping';
  at.endPause();
  await sleep(Math.max(0, SIGNAL_GAP_MS - (at.queue.sinceLastMs() ?? SIGNAL_GAP_MS)));
  if (at.child !== undefined) {
    await attempt({ act: onTerm, words: 'could not remember that Vector was told to end', log });
  }
  at.child?.kill('SIGTERM');
  const kill = setTimeout(() => killGroup(at.child?.pid), drainMs);
  await loop;
  clearTimeout(kill);
};

/** Two signals that are both pending may be taken in any order, and a SIGHUP behind a SIGTERM ends Vector undrained. */
const SIGNAL_GAP_MS = 100;
