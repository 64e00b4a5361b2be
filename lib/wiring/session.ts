import { lockRoot } from '../apply/lock.ts';
import type { RootPaths } from '../apply/paths.ts';
import type { Config } from '../config/config.ts';
import { shippedTemplatesDir } from '../config/read-templates.ts';
import type { CycleDeps } from '../cycle-deps.ts';
import type { Session } from '../daemon.ts';
import type { Log } from '../log.ts';
import { createNomadClient } from '../nomad/client.ts';
import { nomadSource } from '../nomad/node-source.ts';
import { openState, type StateStore } from '../state/state.ts';
import { environmentOf, readArgs } from '../vector/config/command.ts';
import { createMeteredDeliveries } from '../vector/process/delivery-metrics.ts';
import { MARK, markText, rootMark } from '../vector/process/mark.ts';
import { surroundingsOf } from '../vector/proof/surroundings.ts';
import { type Disk, diskOf } from './disk.ts';
import type { Io } from './io.ts';
import type { Keeper } from './keep-vector.ts';
import { openRoot } from './open-root.ts';
import { templatesOf } from './prepare.ts';
import { proverOf } from './prover.ts';
import { reloaderFor } from './reloader.ts';
import { keepGlobals, readVectorSide, type VectorSide } from './vector-side.ts';

/** What a daemon stands on, whatever its configuration is read to be later: the locked root, its state, and Vector. */
export type Parts = {
  io: Io;
  log: Log;
  paths: RootPaths;
  disk: Disk;
  store: StateStore;
  side: VectorSide;
  /** What stood behind `--`: the Vector to run. Empty: somebody else runs it. */
  words: readonly string[];
};

/** Takes the output root for as long as `use` takes. Throws `rootUnusable`, `rootLocked` or `stateUnreadable`. */
export const withParts = async <T>(
  {
    config,
    io,
    log,
    words,
    isPatient = false,
  }: { config: Config /** A disk that takes nothing now is waited for. */; isPatient?: boolean } & Pick<
    Parts,
    'io' | 'log' | 'words'
  >,
  use: (parts: Parts) => Promise<T>,
): Promise<T> => {
  const paths = await openRoot({ root: config.root, isPatient, log, signal: io.signal });
  const lock = await lockRoot({ lockFile: paths.lockFile });
  try {
    const store = await openState({
      dir: paths.state,
      now: Date.now(),
      onSetAside: (to, why) => log.warn({ to, why }, 'the state was set aside, and a new one begun'),
    });
    const side = await readVectorSide({ config, cwd: io.cwd, paths, words });
    return await use({ io, log, paths, disk: diskOf({ paths, lock }), store, side, words });
  } finally {
    await lock.release();
  }
};

export type Opened = { session: Session; close: () => Promise<void> };

/** What one reading of the configuration runs with, until the next. `close` ends its connections to Nomad. */
export const openSession = ({
  config,
  parts,
  keeper,
}: {
  config: Config;
  parts: Parts;
  keeper: Keeper | undefined;
}): Opened => {
  const { io, log, paths, disk, store, side } = parts;
  const client = createNomadClient(config.nomad, { log });
  const nodeSource = nomadSource({ client, nodeId: config.nomad.nodeId, allocDir: config.nomad.allocDir });
  const { watches } = readArgs({ args: side.command.args, env: environmentOf(side.command) });
  const reloader = reloaderFor({ config, cwd: io.cwd, dataDir: side.dataDir, watches, supervisor: keeper?.supervisor });
  const { metrics } = config.reload;
  // Under nvl, Vector's log says more.
  const metered = keeper === undefined && metrics !== undefined ? createMeteredDeliveries({ url: metrics }) : undefined;
  const session: Session = {
    config,
    client,
    locate: (signal) => nodeSource.locate({ signal }),
    readTemplates: () => templatesOf(config),
    watched: [config.templates ?? shippedTemplatesDir()],
    makeDeps: async ({ templates, memory, signal }) => {
      await disk.mend();
      if (side.isBare) await keepGlobals(paths);
      // The team's own files may have changed since the last cycle.
      const now = await readVectorSide({ config, cwd: io.cwd, paths, words: parts.words, isDry: true });
      const deps: CycleDeps = {
        config,
        nodeSource,
        templates,
        store,
        memory,
        linksDir: paths.links,
        dataDir: side.dataDir,
        ownAllocId: io.env.NOMAD_ALLOC_ID,
        isRecorded: false,
        surroundings: await surroundingsOf({ command: now.command, filesDigest: now.user.digest }),
        troubles: () => (keeper ?? metered)?.troubles() ?? [],
        disk,
        prove: proverOf({
          config,
          paths,
          templates,
          memory: memory.proofs,
          side: await withMark({ side: now, root: paths.root }),
          signal,
        }),
        reload: ({ added, signal: ending }) =>
          keeper === undefined
            ? reloader.reload({ added, timeoutMs: config.reload.timeout, signal: ending })
            : keeper.load({
                reload: () => reloader.reload({ added, timeoutMs: config.reload.timeout, signal: ending }),
              }),
        now: Date.now,
        log,
        signal,
      };
      keeper?.useDeps(deps);
      return deps;
    },
  };
  const close = async () => {
    metered?.stop();
    await client.close();
  };
  return { session, close };
};

/** A `vector validate` that outlives an nvl which was killed is known by it, and ended by the next one. */
const withMark = async ({ side, root }: { side: VectorSide; root: string }): Promise<VectorSide> => {
  const mark = markText({ kind: 'asks', mark: await rootMark(root) });
  return { ...side, command: { ...side.command, env: { ...side.command.env, [MARK]: mark } } };
};
