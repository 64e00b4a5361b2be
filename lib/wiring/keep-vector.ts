import { betterThan, wayBack } from '../apply/act.ts';
import type { RootPaths } from '../apply/paths.ts';
import { readLive } from '../apply/swap.ts';
import { pause } from '../backoff.ts';
import type { Config } from '../config/config.ts';
import type { CycleDeps } from '../cycle-deps.ts';
import { NvlError } from '../errors.ts';
import type { Log } from '../log.ts';
import { digestOf } from '../plan/plan.ts';
import { quarantineChanges } from '../quarantine/refused-loads.ts';
import type { StateStore } from '../state/state.ts';
import { withoutVector } from '../state/without-vector.ts';
import type { DeliveryTrouble } from '../vector/process/delivery.ts';
import { watchDeliveries } from '../vector/process/delivery-log.ts';
import type { ReloadResult } from '../vector/process/reload-result.ts';
import { createSupervisor, type Supervisor } from '../vector/process/supervise.ts';
import type { VectorExit } from '../vector/process/vector-exit.ts';
import type { Disk } from './disk.ts';
import { endOthers } from './end-others.ts';
import type { Io } from './io.ts';
import type { RunningVector } from './running-vector.ts';

export type VectorKeeper = {
  supervisor: Supervisor;
  /** Which of its components do not deliver now. */
  troubles(isLoaded?: (component: string) => boolean): DeliveryTrouble[];
  /** Starts Vector with what is live if it does not run yet, else reloads it. */
  load(options: { reload: () => Promise<ReloadResult> }): ReturnType<CycleDeps['reload']>;
  /** What the cycle that begins is handed: a Vector that dies between cycles is rolled back with it. */
  useDeps(deps: WayBackDeps): void;
  stop(): Promise<void>;
};

type WayBackDeps = Pick<CycleDeps, 'disk' | 'memory' | 'store' | 'surroundings'>;

/** A Vector that ends this soon after a reload has died of it. */
const DIED_OF_RELOAD_MS = 10_000;

/**
 * Keeps the supervised Vector: ends the one that outlived an nvl that was killed, starts one with what is live, and
 * rolls back when it dies of what it loaded.
 */
export const keepVector = async ({
  config,
  io,
  log,
  paths,
  disk,
  store,
  runningVector,
}: {
  config: Config;
  io: Io;
  log: Log;
  paths: RootPaths;
  disk: Pick<Disk, 'checkLock'>;
  store: StateStore;
  runningVector: RunningVector;
}): Promise<VectorKeeper> => {
  const { drain: drainMs } = config.vector;
  let deps: WayBackDeps | undefined;
  let isLoading = false;
  let lastLoad: ReloadResult['kind'] | undefined;
  let startedWith: string | undefined;
  /** What it read last, at its start or when it was told to reload. */
  let lastRead: string | undefined;
  let wasKilled = false;
  let hasFailedStart = false;
  /** Why the last one did not start, in the same words whoever waited for it: said twice it would be news. */
  let whyNotStarted: string | undefined;

  const others = endOthers({ paths, store, binary: runningVector.command.binary, drainMs, log, signal: io.signal });
  const isAlone = await others.endAtStart();
  const { loaded: _, vector, ...fresh } = store.read();
  const left = isAlone || vector === undefined ? {} : { vector };
  store.hold(withoutVector({ state: { ...fresh, ...left } }));

  const deliveries = watchDeliveries(runningVector.command);
  const onExit = async (exit: VectorExit): Promise<void> => {
    deliveries.clear();
    const { loaded: ___, ...state } = store.read();
    store.hold(withoutVector({ state }));
    // It ran nothing, so it can't have been told in vain.
    if (deps !== undefined) delete deps.memory.unconfirmedReloads;
    const diedOfReload = hasDiedOfReload(exit);
    if (!exit.hadStarted) hasFailedStart = true;
    whyNotStarted = exit.hadStarted || exit.exitCode === undefined ? undefined : lastWordsOf(exit);
    wasKilled = KILLED_FROM_OUTSIDE.has(exit.signal ?? '');
    // After a refused reload the file that Vector ran is live: nothing of it is to blame for an end that follows.
    const isAftermath = lastLoad === 'refused' && exit.hadStarted;
    // During a load the cycle itself is told, and rolls back.
    if (isAftermath || exit.wasAsked || (exit.hadStarted && !diedOfReload) || isLoading || deps === undefined) return;
    const bad = lastRead ?? '';
    // What is live now it has not read, and the next one starts with that: a cycle went back meanwhile, or on.
    if ((await deps.disk.readLive()) !== bad) return;
    const said = lastWordsOf(exit);
    const isBetter = betterThan({ bad, said, deps });
    // What it confirmed and then died of was kept as good in between.
    const fits = (text: string): boolean => isBetter(text) && !(diedOfReload && text === bad);
    const good = await wayBack({ bad, fits, disk: deps.disk });
    const why = new NvlError('vectorDied', {
      message: exit.hadStarted
        ? 'Vector died soon after it had loaded the new config; the last good one is live again'
        : `Vector does not start with what is live${good === undefined ? '' : '; the last good one is live again'}`,
      facts: { said },
      advice: 'fix what it says; nvl does not offer it these bytes again',
    });
    quarantineChanges({ bad, good, why, mayRetry: true, deps });
    if (good === undefined) return;
    await deps.disk.restore(good);
    log.error({ err: why }, why.message);
  };

  const supervisor = createSupervisor({
    onLog: deliveries.see,
    command: runningVector.command,
    drainMs,
    log,
    stdout: 'inherit',
    stderr: io.stderr,
    onExit,
    beforeSpawn: async () => {
      // Else two nvls would end each other's Vector in turns.
      await disk.checkLock();
      const mark = await others.endBeforeSpawn();
      startedWith = await readLiveText(paths);
      lastRead = startedWith;
      return mark;
    },
    onTerm: () => {
      const { vector, ...state } = store.read();
      if (vector !== undefined) store.hold({ ...state, vector: { ...vector, termSentAt: Date.now() } });
    },
    onSpawn: (vector) => {
      const state = { ...withoutVector({ state: store.read() }), vector };
      // After one that could not even start, the next is believed only once it has.
      store.hold({ ...state, ...(hasFailedStart ? {} : loadedAs(startedWith)) });
    },
    onStart: () => {
      if (hasFailedStart) store.hold({ ...store.read(), ...loadedAs(startedWith) });
      hasFailedStart = false;
    },
  });

  const hasEnded = (result: ReloadResult): result is Extract<ReloadResult, { kind: 'failed' | 'refused' }> =>
    (result.kind === 'failed' || result.kind === 'refused') &&
    supervisor.state !== 'running' &&
    supervisor.state !== 'stopping';

  if ((await readLiveText(paths)) !== undefined) void supervisor.start();
  return {
    supervisor,
    troubles: deliveries.troubles,
    load: async ({ reload }) => {
      isLoading = true;
      try {
        const limits = { timeoutMs: config.reload.timeout, signal: io.signal };
        if (supervisor.state === 'stopped') return await startFirst({ supervisor, ...limits });
        lastRead = await readLiveText(paths);
        // What is live now may start at once, whatever pause the file before it has earned.
        const isRead = lastRead === startedWith;
        if (!isRead) supervisor.hurry();
        const isAfterRefusal = lastLoad === 'refused';
        const isStarting = isRead && supervisor.state === 'starting';
        const first = isStarting ? await supervisor.reload({ ...limits, isRead }) : await reload();
        // A reload after a refused one may end Vector, whatever it loads (docs/decisions/0012). A new one starts with it then.
        const result = isAfterRefusal && hasEnded(first) ? await reload() : first;
        lastLoad = result.kind;
        return hasEnded(result) && !wasKilled ? { kind: 'died', why: whyNotStarted ?? result.why } : result;
      } finally {
        isLoading = false;
      }
    },
    useDeps: (next) => {
      deps = next;
    },
    stop: () => supervisor.stop(),
  };
};

const loadedAs = (text: string | undefined) =>
  text === undefined ? {} : { loaded: { digest: digestOf(text), at: Date.now() } };

/** By itself, soon after a reload that it was asked for: not one that was killed, nor one that started since. */
const hasDiedOfReload = ({ hadStarted, sinceReloadMs, ranMs, signal }: VectorExit): boolean =>
  hadStarted &&
  sinceReloadMs !== undefined &&
  sinceReloadMs < Math.min(DIED_OF_RELOAD_MS, ranMs) &&
  !KILLED_FROM_OUTSIDE.has(signal ?? '');

const KILLED_FROM_OUTSIDE: ReadonlySet<string> = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGQUIT']);

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

/** What tells why it ended: its errors, else the last that it said. */
const lastWordsOf = ({ lastLines, exitCode }: VectorExit): string => {
  const errors = lastLines.filter((line) => /\bERROR\b/.test(line));
  return (errors.length > 0 ? errors : lastLines).slice(-5).join('\n') || `exit code ${exitCode}`;
};
