import { pause } from '../backoff.ts';
import type { Config } from '../config/config.ts';
import { runCycle } from '../cycle.ts';
import type { CycleResult } from '../cycle-deps.ts';
import { runSession } from '../daemon/daemon.ts';
import { lingerUntilRead } from '../daemon/linger.ts';
import { createReporter } from '../daemon/reporter.ts';
import { tellManager } from '../daemon/tell-manager.ts';
import { NvlError } from '../errors.ts';
import { newMemory } from '../memory.ts';
import { insteadLine } from '../render/refused.ts';
import { EXIT, type Io } from '../wiring/io.ts';
import { keepStatus, type StatusKeeper } from '../wiring/keep-status.ts';
import { keepVector, type VectorKeeper } from '../wiring/keep-vector.ts';
import { createLogger } from '../wiring/logger.ts';
import { ownGroupOf } from '../wiring/own-group.ts';
import { configFor, type Flags } from '../wiring/prepare.ts';
import { type DaemonResources, type Opened, openSession, withRoot } from '../wiring/session.ts';
import { openServiceManager } from '../wiring/systemd-notify.ts';

/** `nvl run`: the daemon, or with --once one cycle. Behind `--` stands the Vector to run. */
export const run = async ({ io, flags, rest }: { io: Io; flags: Flags; rest: string[] }): Promise<number> => {
  const config = await configFor({ io, flags });
  const log = createLogger({ config: config.log, isTty: io.isErrTty, write: io.err });
  io.onLogGap?.(({ lines, bytes, ms }) =>
    log.warn({ lines, bytes, seconds: Math.round(ms / 1_000) }, 'nobody read this log: what came meanwhile was let go'),
  );
  const isDaemon = flags.once !== true;
  const group = isDaemon ? ownGroupOf({ config, env: io.env }) : undefined;
  const mostMs = config.collect.linger;
  const linger = group && lingerUntilRead({ told: io.signal, ownTask: group.task, mostMs, log });
  const given = { config, log, vectorArgs: rest, isPatient: isDaemon, over: linger?.over };
  return withRoot({ ...given, io: { ...io, signal: linger?.signal ?? io.signal } }, (resources) =>
    isDaemon ? runDaemon({ config, flags, resources, onResult: linger?.see }) : runOnce({ config, resources }),
  );
};

const runOnce = async ({ config, resources }: { config: Config; resources: DaemonResources }): Promise<number> => {
  if (resources.vectorArgs.length > 0) {
    throw new NvlError('usage', {
      message: '--once runs no Vector',
      advice: 'leave out the arguments after --, and set reload.method for the Vector that runs',
    });
  }
  const { session, close } = openSession({ config, resources, keeper: undefined });
  try {
    const templates = await session.readTemplates();
    const deps = await session.makeDeps({ templates, memory: newMemory(), signal: resources.io.signal });
    return exitOf(await runCycle(deps), resources);
  } finally {
    await close();
  }
};

const exitOf = ({ outcome, why, refused, notes }: CycleResult, { log }: DaemonResources): number => {
  for (const block of refused)
    for (const err of block.errors) log.error({ err, instead: block.instead }, `${insteadLine(block)}: ${err.message}`);
  for (const { heading, errors } of notes) for (const err of errors) log.warn({ err }, `${heading}: ${err.message}`);
  if (why !== undefined) throw why;
  log.info({ outcome }, 'one cycle done');
  return refused.length > 0 ? EXIT.error : EXIT.done;
};

/** It answers `nvl status` from its start to its end, also while it waits for a Vector that drains. */
const runDaemon = async ({ resources, ...given }: Running): Promise<number> => {
  const status = await keepStatus({ resources });
  try {
    return await runSessions({ ...given, resources: { ...resources, observer: status.observer }, status });
  } finally {
    await status.stop();
  }
};

type Running = {
  config: Config;
  flags: Flags;
  resources: DaemonResources;
  onResult: ((result: CycleResult) => void) | undefined;
};

/** Sessions follow one another, one for each reading of the configuration; the supervised Vector outlives them. */
const runSessions = async ({
  config,
  flags,
  resources,
  status,
  onResult,
}: Running & { status: Pick<StatusKeeper, 'use'> }): Promise<number> => {
  const { io, log } = resources;
  const keeper = resources.vectorArgs.length === 0 ? undefined : await keepVector({ config, ...resources });
  log.info(
    {
      root: config.root,
      file: config.file,
      vector: keeper === undefined ? 'not run by nvl' : resources.runningVector.command.binary,
    },
    'nvl runs',
  );
  resources.logs.watch();
  const hangup = createHangup(io);
  const manager = openServiceManager({ io, log });
  try {
    let opened: Opened | undefined = openSession({ config, resources, keeper });
    while (opened !== undefined) {
      const { session, close }: Opened = opened;
      status.use(session.config);
      const ended = new AbortController();
      const reporter = tellManager({ reporter: createReporter(log), manager });
      const running = runSession({
        session,
        log,
        reporter,
        onResult,
        signal: AbortSignal.any([io.signal, ended.signal]),
      });
      const next: Opened | undefined = await Promise.race([
        running.then(() => undefined),
        hangup.next().then(() => {
          manager.reloading();
          return readAgain({ flags, resources, keeper, config: session.config });
        }),
      ]);
      ended.abort();
      await running;
      await close();
      opened = next;
    }
  } finally {
    hangup.stop();
    log.info('nvl ends');
    manager.stopping(keeper === undefined ? 'ends' : 'ends, as soon as Vector has delivered what it holds');
    await keeper?.stop();
    await manager.close({ maxMs: LAST_WORDS_MS });
  }
  return EXIT.done;
};

/** How long the end of nvl waits for systemd to take the last message. */
const LAST_WORDS_MS = 1_000;

/** A configuration that can't be read or used now must not end what runs: the one before it stays. */
const readAgain = async ({
  flags,
  resources,
  keeper,
  config,
}: {
  flags: Flags;
  resources: DaemonResources;
  keeper: VectorKeeper | undefined;
  config: Config;
}): Promise<Opened> => {
  const { io, log } = resources;
  try {
    const next = await configFor({ io, flags });
    const opened = openSession({ config: { ...next, root: config.root }, resources, keeper });
    if (next.root !== config.root)
      log.warn({ root: next.root }, 'another root needs a restart of nvl; it stays with the one it has');
    log.info({ file: next.file }, 'configuration and templates are read again');
    return opened;
  } catch (err) {
    log.error({ err }, 'the configuration cannot be used; the one before stays in use');
    return openSession({ config, resources, keeper });
  }
};

/** Conf's exit hook sends a process the first signal of its kind once more: both, as any burst, count once. */
const HANGUP_SETTLE_MS = 50;

/** A SIGHUP that comes while the session before is ending counts for the next. */
const createHangup = (io: Io) => {
  let isWanted = false;
  let wake: () => void = () => {};
  const stop = io.onHangup(() => {
    isWanted = true;
    wake();
  });
  const next = async (): Promise<void> => {
    if (!isWanted) await new Promise<void>((resolve) => (wake = resolve));
    await pause(HANGUP_SETTLE_MS, io.signal);
    isWanted = false;
  };
  return { next, stop };
};
