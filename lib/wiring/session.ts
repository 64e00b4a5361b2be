import { lockRoot } from '../apply/lock.ts';
import type { RootPaths } from '../apply/paths.ts';
import type { Config } from '../config/config.ts';
import type { CycleDeps } from '../cycle-deps.ts';
import type { CycleObserver, DaemonSession } from '../daemon/session.ts';
import { LogKeeper } from '../files/keep-logs.ts';
import { grabInThread } from '../files/start-grabber.ts';
import { tendLogs } from '../files/tend-logs.ts';
import { createUnread } from '../files/unread.ts';
import type { Log } from '../log.ts';
import { createNomadClient } from '../nomad/client.ts';
import { openState, type StateStore } from '../state/state.ts';
import { environmentOf, readArgs } from '../vector/config/command.ts';
import { createMeteredDeliveries } from '../vector/process/delivery-metrics.ts';
import { surroundingsOf } from '../vector/proof/surroundings.ts';
import { openDaemonSource } from './daemon-source.ts';
import { type Disk, diskOf } from './disk.ts';
import type { Io } from './io.ts';
import { engineHost, isEngineThere } from './is-engine-there.ts';
import type { VectorKeeper } from './keep-vector.ts';
import { observedClient, observedDeps } from './observed.ts';
import { openOwnFiles, ownFilesPaths, takeOwnFiles } from './open-own-files.ts';
import { openRoot, readersOf } from './open-root.ts';
import type { OwnFilesKeeper } from './own-files.ts';
import { ownGroupOf, ownIn } from './own-group.ts';
import { keptTemplatesOf, templatesOf } from './prepare.ts';
import { proverOf } from './prover.ts';
import { reloaderFor } from './reloader.ts';
import { keepGlobals, type RunningVector, readRunningVector } from './running-vector.ts';
import { withMark } from './with-mark.ts';

/** What a daemon stands on, whatever its configuration is read to be later: the locked root, its state, and Vector. */
export type DaemonResources = {
  io: Io;
  log: Log;
  paths: RootPaths;
  disk: Disk;
  store: StateStore;
  logs: LogKeeper;
  runningVector: RunningVector;
  /** Copies of the team's own files, for a Vector that nvl runs; undefined where it has none. */
  ownFiles: OwnFilesKeeper | undefined;
  /** Where those lie. */
  ownPaths: readonly string[];
  /** The arguments after `--`: the Vector to run. Empty: somebody else runs it. */
  vectorArgs: readonly string[];
  /** Is told of cycles, for people who ask. */
  observer?: CycleObserver;
  /** For an nvl within a group: aborts when all other tasks of it have ended. */
  over?: AbortSignal | undefined;
};

/** Takes the output root for as long as `use` takes. Throws `rootUnusable`, `rootLocked` or `stateUnreadable`. */
export const withRoot = async <T>(
  {
    config,
    io,
    log,
    vectorArgs,
    isPatient = false,
    over,
  }: { config: Config /** A disk that takes nothing now is waited for. */; isPatient?: boolean } & Pick<
    DaemonResources,
    'io' | 'log' | 'vectorArgs' | 'over'
  >,
  use: (resources: DaemonResources) => Promise<T>,
): Promise<T> => {
  const group = await readersOf({ vector: config.vector, vectorArgs });
  const paths = await openRoot({ root: config.root, group, isPatient, log, signal: io.signal });
  const lock = await lockRoot({ lockFile: paths.lockFile });
  try {
    const store = await openState({
      dir: paths.state,
      now: Date.now(),
      onSetAside: (to, why) => log.warn({ to, why }, 'the state file was set aside'),
    });
    const disk = diskOf({ paths, lock, group });
    const ownFiles = await openOwnFiles({ config, io, paths, vectorArgs, store, log, disk });
    const ownPaths = ownFiles === undefined ? [] : await ownFilesPaths({ config, io, paths, vectorArgs });
    const copies = ownFiles?.copies;
    const runningVector = await readRunningVector({ config, cwd: io.cwd, paths, vectorArgs, copies });
    const unread = createUnread({ file: paths.unreadFile });
    const places = { ...paths, only: ownGroupOf({ config, env: io.env })?.allocId };
    const logs = new LogKeeper({ places, log, unread, startGrabber: grabInThread });
    try {
      return await use({ io, log, paths, disk, store, logs, runningVector, ownFiles, ownPaths, vectorArgs, over });
    } finally {
      logs.stop();
    }
  } finally {
    await lock.release();
  }
};

export type Opened = { session: DaemonSession; close: () => Promise<void> };

/** What one reading of the configuration runs with, until the next. `close` ends its connections to Nomad. */
export const openSession = ({
  config,
  resources,
  keeper,
}: {
  config: Config;
  resources: DaemonResources;
  keeper: VectorKeeper | undefined;
}): Opened => {
  const { io, log, runningVector, observer } = resources;
  const client = observedClient(createNomadClient(config.nomad, { log }), observer);
  const { nodeSource, asking } = openDaemonSource({ client, config, resources });
  const { watches } = readArgs({ args: runningVector.command.args, env: environmentOf(runningVector.command) });
  const reloader = reloaderFor({
    config,
    cwd: io.cwd,
    dataDir: runningVector.dataDir,
    watches,
    supervisor: keeper?.supervisor,
  });
  const { metrics } = config.reload;
  // Under nvl, Vector's log says more.
  const metered = keeper === undefined && metrics !== undefined ? createMeteredDeliveries({ url: metrics }) : undefined;
  const tending = tendFor({ config, resources });
  const session: DaemonSession = {
    observer,
    logs: resources.logs,
    config,
    nomad: nodeSource,
    locate: (signal) => nodeSource.locate({ signal }),
    readTemplates: () => templatesOf(config),
    keptTemplates: () => keptTemplatesOf(resources.disk),
    watched: [...(config.templates === undefined ? [] : [config.templates]), ...resources.ownPaths],
    makeDeps: async (given) => {
      const ports = { config, resources, keeper, nodeSource: asking, reloader, metered };
      const deps = observedDeps(await makeCycleDeps({ ...ports, ...given }), observer);
      keeper?.useDeps(deps);
      return deps;
    },
  };
  const close = async () => {
    metered?.stop();
    await tending.stop();
    await client.close();
  };
  return { session, close };
};

const tendFor = ({
  config,
  resources: { logs, runningVector, store, log },
}: {
  config: Config;
  resources: DaemonResources;
}): ReturnType<typeof tendLogs> =>
  tendLogs({
    keeper: logs,
    dataDir: runningVector.dataDir,
    holdBytes: config.collect.hold,
    loadedAt: (id) => store.read().tasks[id]?.loadedAt,
    sources: () => Object.keys(store.read().pipelines ?? {}),
    log,
    now: Date.now,
  });

/** Tells Vector to load what is live, and the copies of the team's own files what came of it. */
const reloadOf = ({
  config,
  reloader,
  keeper,
  ownFiles,
}: {
  config: Config;
  reloader: ReturnType<typeof reloaderFor>;
  keeper: VectorKeeper | undefined;
  ownFiles: OwnFilesKeeper | undefined;
}): CycleDeps['reload'] => {
  const tell = ({ added, signal }: Parameters<CycleDeps['reload']>[0]) =>
    reloader.reload({ added, timeoutMs: config.reload.timeout, signal });
  return async (load) => {
    const result = await (keeper === undefined ? tell(load) : keeper.load({ reload: () => tell(load) }));
    await ownFiles?.settle(result);
    return result;
  };
};

/** It may come and go; each is told once. */
const lookForEngine = ({
  config,
  memory,
  log,
}: {
  config: Config;
  memory: CycleDeps['memory'];
  log: CycleDeps['log'];
}): boolean => {
  const isThere = isEngineThere(config);
  const { wasEngineThere = true } = memory;
  memory.wasEngineThere = isThere;
  const { docker } = config.collect;
  const what = docker === 'journald' ? 'journalctl on the PATH' : engineHost(config);
  if (wasEngineThere && !isThere)
    log.warn({ docker, what }, 'there is nothing to read containers by: none is read until it is there');
  if (!wasEngineThere && isThere) log.info({ docker, what }, 'containers are read again');
  return isThere;
};

/** What one cycle is handed: the ports, and what the team's files say at this moment. */
const makeCycleDeps = async ({
  config,
  resources,
  keeper,
  nodeSource,
  reloader,
  metered,
  templates,
  memory,
  signal,
}: {
  config: Config;
  resources: DaemonResources;
  keeper: VectorKeeper | undefined;
  nodeSource: CycleDeps['nodeSource'];
  reloader: ReturnType<typeof reloaderFor>;
  metered: ReturnType<typeof createMeteredDeliveries> | undefined;
} & Parameters<DaemonSession['makeDeps']>[0]): Promise<CycleDeps> => {
  const { io, log, paths, disk, store, logs, runningVector, ownFiles, vectorArgs } = resources;
  await disk.repair();
  if (runningVector.isBare) await keepGlobals({ paths, user: runningVector.command.user });
  const reload = reloadOf({ config, reloader, keeper, ownFiles });
  // The team's own files may have changed since the last cycle.
  const own = await takeOwnFiles({ config, resources, memory: memory.proofs, reload, signal });
  const copies = ownFiles?.copies;
  const now = await readRunningVector({ config, cwd: io.cwd, paths, vectorArgs, isDry: true, copies });
  // Where a file cannot be read, any sink may stand in it.
  const isOwnSink = (id: string) => now.user.faults.length > 0 || now.user.sinks.some((sink) => sink.id === id);
  return {
    config,
    nodeSource,
    templates,
    store,
    memory,
    linksDir: paths.links,
    logAccess: logs,
    dataDir: runningVector.dataDir,
    ...ownIn({ env: io.env, group: ownGroupOf({ config, env: io.env }) }),
    isRecorded: false,
    isEngineThere: lookForEngine({ config, memory, log }),
    surroundings: await surroundingsOf({ command: now.command, filesDigest: now.user.digest }),
    troubles: (isLive) => (keeper ?? metered)?.troubles((sink) => isLive(sink) || isOwnSink(sink)) ?? [],
    disk,
    prove: proverOf({
      config,
      paths,
      templates,
      memory: memory.proofs,
      runningVector: await withMark({ runningVector: now, root: paths.root }),
      signal,
      whyNot: () => ownFiles?.whyNone,
    }),
    ...own,
    reload,
    now: Date.now,
    log,
    signal,
  };
};
