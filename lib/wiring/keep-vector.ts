import { readOwnFile } from '../apply/own.ts';
import type { RootPaths } from '../apply/paths.ts';
import { readLive } from '../apply/swap.ts';
import { pause } from '../backoff.ts';
import type { Config } from '../config/config.ts';
import type { CycleDeps } from '../cycle-deps.ts';
import type { Log } from '../log.ts';
import { digestOf } from '../plan/plan.ts';
import type { StateStore } from '../state/state.ts';
import type { DeliveryTrouble } from '../vector/process/delivery.ts';
import { watchDeliveries } from '../vector/process/delivery-log.ts';
import type { ReloadResult } from '../vector/process/reload-result.ts';
import { createSupervisor, type Supervisor } from '../vector/process/supervise.ts';
import type { VectorExit } from '../vector/process/vector-exit.ts';
import type { Disk } from './disk.ts';
import { endOthers } from './end-others.ts';
import { isToBlame, lastWordsOf, wasKilled } from './exit-blame.ts';
import type { Io } from './io.ts';
import type { OwnFilesKeeper } from './own-files.ts';
import { rollBackExit, type WayBackDeps } from './roll-back-exit.ts';
import type { RunningVector } from './running-vector.ts';
import { createVectorInState } from './vector-in-state.ts';

export type VectorKeeper = {
  supervisor: Supervisor;
  /** Which of its components do not deliver now. */
  troubles(): DeliveryTrouble[];
  /** Starts Vector with what is live if it does not run yet, else reloads it. */
  load(options: { reload: () => Promise<ReloadResult> }): ReturnType<CycleDeps['reload']>;
  /** Called when a cycle begins. Where Vector dies before the next cycle, the way back uses these. */
  useDeps(deps: WayBackDeps): void;
  stop(): Promise<void>;
};

export type KeptVectorOptions = {
  config: Config;
  io: Io;
  log: Log;
  paths: RootPaths;
  disk: Pick<Disk, 'checkLock'>;
  store: StateStore;
  runningVector: RunningVector;
  /** The copies of the team's own files that it reads. */
  ownFiles?: Pick<OwnFilesKeeper, 'number' | 'whyNone' | 'started' | 'ended'> | undefined;
};

/**
 * Keeps the Vector that nvl runs. It ends a Vector that is left from an nvl which was killed, starts one with the live file,
 * and goes back to the last good file when Vector dies of a new one.
 */
export const keepVector = async (options: KeptVectorOptions): Promise<VectorKeeper> => {
  const { config, io, log, paths, disk, store, runningVector, ownFiles } = options;
  const { drain: drainMs } = config.vector;
  const { command } = runningVector;
  const kept: Kept = { isLoading: false, wasKilled: false, wasTold: false };
  const inState = createVectorInState({ store });
  const others = endOthers({ paths, store, binary: command.binary, drainMs, log, signal: io.signal });
  inState.begin({ isAlone: await others.endAtStart() });
  const deliveries = watchDeliveries(command);
  const supervisor = createSupervisor({
    onLog: deliveries.see,
    command,
    drainMs,
    log,
    stdout: 'inherit',
    stderr: io.stderr,
    onExit: async (exit) => {
      deliveries.clear();
      inState.ended(exit);
      await dealWithExit({ exit, kept, ownFiles, log });
    },
    beforeSpawn: async () => {
      // Else two nvls would end each other's Vector in turns.
      await disk.checkLock();
      const mark = await others.endBeforeSpawn();
      kept.wasTold = false;
      kept.startedOwn = ownFiles?.number;
      kept.startedTable = await readTableDigest(paths);
      kept.startedWith = await readLiveText(paths);
      kept.lastRead = kept.startedWith;
      return mark;
    },
    onTerm: inState.toldToEnd,
    onSpawn: (vector) => inState.spawned({ vector, text: kept.startedWith }),
    onStart: async () => {
      inState.started({ text: kept.startedWith });
      await ownFiles?.started(kept.startedOwn);
    },
  });
  if ((await readLiveText(paths)) !== undefined && ownFiles?.whyNone === undefined) void supervisor.start();
  return {
    supervisor,
    troubles: deliveries.troubles,
    load: async ({ reload }) => {
      kept.isLoading = true;
      const limits = { timeoutMs: config.reload.timeout, signal: io.signal };
      try {
        if (supervisor.state === 'stopped') return await startFirst({ supervisor, ...limits });
        const [live, table] = [await readLiveText(paths), await readTableDigest(paths)];
        return await loadAgain({ kept, supervisor, live, table, own: ownFiles?.number, limits, reload });
      } finally {
        kept.isLoading = false;
      }
    },
    useDeps: (deps) => {
      kept.deps = deps;
    },
    stop: () => supervisor.stop(),
  };
};

/** What is known of the Vector that is kept, and of the cycle it loads for. */
type Kept = {
  deps?: WayBackDeps;
  isLoading: boolean;
  /** What came of the last load. */
  lastLoad?: ReloadResult['kind'];
  /** What the last one read at its start. */
  startedWith?: string | undefined;
  /** The digest of the table that it read then. */
  startedTable?: string | undefined;
  /** The set of copies of the team's own files that it read then. */
  startedOwn?: number | undefined;
  /** It was told to reload since it started. */
  wasTold: boolean;
  /** What it read last, at its start or when it was told to reload. */
  lastRead?: string | undefined;
  /** The last one that ended did not do so by itself. */
  wasKilled: boolean;
  /** Why the last Vector did not start. Every caller gets these same words, so that the log tells them once. */
  whyNotStarted?: string | undefined;
};

const dealWithExit = async ({
  exit,
  kept,
  ownFiles,
  log,
}: {
  exit: VectorExit;
  kept: Kept;
  ownFiles: KeptVectorOptions['ownFiles'];
  log: Log;
}): Promise<void> => {
  kept.wasKilled = wasKilled(exit);
  kept.whyNotStarted = exit.hadStarted || exit.exitCode === undefined ? undefined : lastWordsOf(exit);
  const { deps, lastLoad, isLoading, lastRead = '' } = kept;
  // The next Vector reads the live file at its start: reloads without an answer are counted anew.
  if (deps !== undefined) delete deps.memory.unconfirmedReloads;
  if ((await ownFiles?.ended(exit)) === true || deps === undefined) return;
  if (isToBlame({ exit, lastLoad, isLoading })) await rollBackExit({ exit, bad: lastRead, deps, log });
};

/** `reload` tells the Vector that runs, in the way that is configured. */
const loadAgain = async ({
  kept,
  supervisor,
  live,
  table,
  own,
  limits,
  reload,
}: {
  kept: Kept;
  supervisor: Supervisor;
  live: string | undefined;
  table: string | undefined;
  /** The set of copies of the team's own files. */
  own: number | undefined;
  limits: { timeoutMs: number; signal: AbortSignal };
  reload: () => Promise<ReloadResult>;
}): ReturnType<VectorKeeper['load']> => {
  const hasEnded = (result: ReloadResult): result is Extract<ReloadResult, { kind: 'failed' | 'refused' }> =>
    (result.kind === 'failed' || result.kind === 'refused') &&
    supervisor.state !== 'running' &&
    supervisor.state !== 'stopping';

  kept.lastRead = live;
  // What is live now may start at once, whatever pause the file before it has earned.
  const isSameFile = live === kept.startedWith && own === kept.startedOwn;
  if (!isSameFile) supervisor.hurry();
  // A line of a row that it does not have would go out without its labels.
  const isRead = isSameFile && table === kept.startedTable;
  const isAfterRefusal = kept.lastLoad === 'refused';
  // Nothing is new since it started.
  if (isRead && supervisor.state === 'running' && !kept.wasTold) return { kind: 'reloaded' };
  const isStarting = isRead && supervisor.state === 'starting';
  kept.wasTold ||= !isStarting;
  const first = isStarting ? await supervisor.reload({ ...limits, isRead }) : await reload();
  // A reload after a refused one may end Vector, whatever it loads (docs/decisions/0012). A new one starts with it then.
  const result = isAfterRefusal && hasEnded(first) ? await reload() : first;
  kept.lastLoad = result.kind;
  return hasEnded(result) && !kept.wasKilled ? { kind: 'died', why: kept.whyNotStarted ?? result.why } : result;
};

/** Of its bytes: a node's table is large. */
const readTableDigest = async ({ tableFile }: RootPaths): Promise<string | undefined> => {
  const bytes = await readOwnFile(tableFile);
  return bytes === undefined ? undefined : digestOf(bytes.toString('utf8'));
};

const readLiveText = async (paths: RootPaths): Promise<string | undefined> => (await readLive(paths))?.toString('utf8');

/** One that does not say that it has started, as it waits for a server, must not keep the cycle, and so the end of nvl. */
const startFirst = async ({
  supervisor,
  timeoutMs,
  signal,
}: {
  supervisor: Supervisor;
  timeoutMs: number;
  signal: AbortSignal;
}): ReturnType<VectorKeeper['load']> => {
  const waited = new AbortController();
  const tooLate = pause(timeoutMs, AbortSignal.any([signal, waited.signal]));
  const started = await Promise.race([supervisor.start(), tooLate]);
  waited.abort();
  if (started === undefined)
    return { kind: 'unconfirmed', why: `Vector has not said within ${timeoutMs / 1000} s that it has started` };
  if (started.kind === 'started') return { kind: 'reloaded' };
  return { kind: 'died', why: lastWordsOf(started.exit) };
};
