import type { RootPaths } from '../apply/paths.ts';
import type { Config } from '../config/config.ts';
import type { CycleDeps, ProofMemory } from '../cycle-deps.ts';
import type { Log } from '../log.ts';
import { loadedSince } from '../plan/plan.ts';
import type { StateStore } from '../state/state.ts';
import { environmentOf, ownCommand, readArgs } from '../vector/config/command.ts';
import { findConfigPaths, isLive } from '../vector/config/paths.ts';
import { findUser } from '../vector/process/find-user.ts';
import type { Disk } from './disk.ts';
import type { Io } from './io.ts';
import { OwnFilesKeeper, type ProveOn } from './own-files.ts';
import { proverOf } from './prover.ts';
import { readRunningVector } from './running-vector.ts';
import type { DaemonResources } from './session.ts';
import { withMark } from './with-mark.ts';

type Given = {
  config: Config;
  io: Pick<Io, 'cwd' | 'signal'>;
  paths: RootPaths;
  /** The arguments after `--`: the Vector to run. */
  vectorArgs: readonly string[];
};

/**
 * The copies of the team's own files, for a Vector that nvl runs and that has any. A Vector that somebody else starts reads
 * its files itself: its arguments are not nvl's to choose.
 */
export const openOwnFiles = async ({
  config,
  io,
  paths,
  vectorArgs,
  store,
  log,
  disk,
}: Given & { store: StateStore; log: Log; disk: Disk }): Promise<OwnFilesKeeper | undefined> => {
  const command = ownCommand({ config, cwd: io.cwd, vectorArgs });
  if (vectorArgs.length === 0 || readArgs({ args: command.args, env: environmentOf(command) }).isDefault) {
    const { ownFiles, ...state } = store.read();
    if (ownFiles !== undefined) store.hold(state);
    return undefined;
  }
  const group = command.user === undefined ? undefined : (await findUser(command.user)).gid;
  const keeper = new OwnFilesKeeper({ command, paths, group, store, log });
  await keeper.begin({
    live: { live: await disk.readLive() },
    prove: proveOnCopies({ config, io, paths, vectorArgs, signal: io.signal }),
    stage: disk.stage,
    signal: io.signal,
  });
  return keeper.hasCopies ? keeper : undefined;
};

/** Before a cycle: an edit is taken, or told; and what the cycle itself needs for one that fits only what it renders. */
export const takeOwnFiles = async ({
  config,
  resources: { io, paths, disk, store, ownFiles, vectorArgs },
  memory,
  reload,
  signal,
}: {
  config: Config;
  resources: Pick<DaemonResources, 'io' | 'paths' | 'disk' | 'store' | 'ownFiles' | 'vectorArgs'>;
  memory: ProofMemory;
  reload: CycleDeps['reload'];
  signal: AbortSignal;
}): Promise<Pick<CycleDeps, 'takeOwnFiles' | 'lookAgainMs'>> => {
  if (ownFiles === undefined) return {};
  const live = await disk.readLive();
  const prove = proveOnCopies({ config, io, paths, vectorArgs, memory, signal });
  const loadedAt = loadedSince({ live, loaded: store.read().loaded });
  const { lookAgainMs } = await ownFiles.take({ live: { live, loadedAt }, prove, stage: disk.stage, reload, signal });
  return { lookAgainMs, takeOwnFiles: (text) => ownFiles.takeWith({ text, taking: { prove } }) };
};

/** Where the team's own files lie, to be watched; new ones that a glob matches are seen by the next cycle. */
export const ownFilesPaths = async ({ config, io, paths, vectorArgs }: Given): Promise<string[]> => {
  const { args, env, cwd } = ownCommand({ config, cwd: io.cwd, vectorArgs });
  const named = readArgs({ args, env: environmentOf({ env }) });
  const found = await findConfigPaths({ named, cwd, liveFile: paths.liveFile });
  return found.filter((path) => !isLive(path)).map(({ path }) => path);
};

const proveOnCopies =
  ({ config, io, paths, vectorArgs, memory, signal }: Given & { memory?: ProofMemory; signal: AbortSignal }): ProveOn =>
  ({ copies, loaded }) =>
  async (candidate) => {
    const runningVector = await readRunningVector({ config, cwd: io.cwd, paths, vectorArgs, isDry: true, copies });
    const marked = await withMark({ runningVector: { ...runningVector, loadedCopies: loaded }, root: paths.root });
    return proverOf({ config, paths, runningVector: marked, signal, ...(memory && { memory }) })(candidate);
  };
