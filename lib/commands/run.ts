import { lockRoot } from '../apply/lock.ts';
import type { RootPaths } from '../apply/paths.ts';
import { prepareRoot } from '../apply/root.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { shippedTemplatesDir } from '../config/read-templates.ts';
import { type CycleResult, newMemory, runCycle, type World } from '../cycle.ts';
import { runSession, type Session } from '../daemon.ts';
import { openState, type StateStore } from '../drain/state.ts';
import { NvlError } from '../errors.ts';
import type { Log } from '../log.ts';
import { askNomad } from '../nomad/asker.ts';
import { createNomadClient } from '../nomad/client.ts';
import { environmentOf, readArgs } from '../vector/command.ts';
import { EXIT, type Io } from './io.ts';
import { type Keeper, keepVector } from './keep-vector.ts';
import { diskOf, proverOf } from './live-world.ts';
import { createLogger } from './logger.ts';
import { configFor, type Flags, templatesOf, textFlag } from './prepare.ts';
import { reloaderFor } from './reloader.ts';
import { readVectorSide, type VectorSide } from './vector-side.ts';

/** `nvl run`: the daemon, or with --once one cycle. Behind `--` stands the Vector to run. */
export const run = async ({ io, flags, rest }: { io: Io; flags: Flags; rest: string[] }): Promise<number> => {
  const config = await configFor({ io, flags });
  const log = createLogger({ config: config.log, isTty: io.isErrTty, write: io.err });
  const paths = await prepareRoot({ root: config.root });
  const lock = await lockRoot({ lockFile: paths.lockFile });
  try {
    const store = await openState({
      dir: paths.state,
      now: Date.now(),
      onSetAside: (to, why) => log.warn({ to, why }, 'the state was set aside, and a new one begun'),
    });
    const side = await readVectorSide({ config, cwd: io.cwd, paths, words: rest });
    const parts: Parts = { io, log, paths, store, side, words: rest };
    return flags.once === true ? await runOnce({ config, parts }) : await runDaemon({ config, flags, parts });
  } finally {
    await lock.release();
  }
};

type Parts = { io: Io; log: Log; paths: RootPaths; store: StateStore; side: VectorSide; words: readonly string[] };

const runOnce = async ({ config, parts }: { config: Config; parts: Parts }): Promise<number> => {
  if (parts.words.length > 0) {
    throw new NvlError('usage', {
      message: '--once runs no Vector',
      advice: 'leave out what stands behind --, and set reload.method for the Vector that runs',
    });
  }
  const { session, close } = openSession({ config, parts, keeper: undefined });
  try {
    const templates = await session.readTemplates();
    const world = await session.makeWorld({ templates, memory: newMemory(), signal: parts.io.signal });
    return exitOf(await runCycle(world), parts);
  } finally {
    await close();
  }
};

const exitOf = ({ outcome, why, refused }: CycleResult, { log }: Parts): number => {
  for (const { heading, errors } of refused)
    for (const err of errors) log.error({ err }, `left out: ${heading}: ${err.message}`);
  if (why !== undefined) throw why;
  log.info({ outcome }, 'one cycle done');
  return refused.length > 0 ? EXIT.error : EXIT.done;
};

/** Sessions follow one another, one for each reading of the configuration; the supervised Vector outlives them. */
const runDaemon = async ({
  config: first,
  flags,
  parts,
}: {
  config: Config;
  flags: Flags;
  parts: Parts;
}): Promise<number> => {
  const { io, log } = parts;
  const keeper = parts.words.length === 0 ? undefined : await keepVector({ config: first, ...parts });
  let config = first;
  log.info(
    {
      root: config.root,
      file: config.file,
      vector: keeper === undefined ? 'not run by nvl' : parts.side.command.binary,
    },
    'nvl runs',
  );
  const hangup = createHangup(io);
  try {
    while (!io.signal.aborted) {
      const { session, close } = openSession({ config, parts, keeper });
      const ended = new AbortController();
      const running = runSession({ session, log, signal: AbortSignal.any([io.signal, ended.signal]) });
      const next = await Promise.race([running, hangup.next().then(() => readAgain({ io, flags, log, config }))]);
      ended.abort();
      await running;
      await close();
      config = next ?? config;
    }
  } finally {
    hangup.stop();
    log.info('nvl ends');
    await keeper?.stop();
  }
  return EXIT.done;
};

/** A configuration that can't be read now must not end what runs: the one before it stays. */
const readAgain = async ({
  io,
  flags,
  log,
  config,
}: {
  io: Io;
  flags: Flags;
  log: Log;
  config: Config;
}): Promise<Config> => {
  try {
    const next = await loadConfig({ cwd: io.cwd, env: io.env, flags, configFile: textFlag(flags, 'config') });
    if (next.root !== config.root)
      log.warn({ root: next.root }, 'another root needs a restart of nvl; it stays with the one it has');
    log.info({ file: next.file }, 'configuration and templates are read again');
    return { ...next, root: config.root };
  } catch (err) {
    log.error({ err }, 'the configuration cannot be read; the one before stays in use');
    return config;
  }
};

const createHangup = (io: Io) => {
  let wake: () => void = () => {};
  const stop = io.onHangup(() => wake());
  return { next: () => new Promise<void>((resolve) => (wake = resolve)), stop };
};

const openSession = ({
  config,
  parts,
  keeper,
}: {
  config: Config;
  parts: Parts;
  keeper: Keeper | undefined;
}): { session: Session; close: () => Promise<void> } => {
  const { io, log, paths, store, side } = parts;
  const client = createNomadClient(config.nomad, { log });
  const asker = askNomad({ client, nodeId: config.nomad.nodeId, allocDir: config.nomad.allocDir });
  const { watches } = readArgs({ args: side.command.args, env: environmentOf(side.command) });
  const reloader = reloaderFor({ config, cwd: io.cwd, dataDir: side.dataDir, watches, supervisor: keeper?.supervisor });
  const session: Session = {
    config,
    client,
    locate: (signal) => asker.locate({ signal }),
    readTemplates: () => templatesOf(config),
    watched: [config.templates ?? shippedTemplatesDir()],
    makeWorld: async ({ templates, memory, signal }) => {
      const world: World = {
        config,
        asker,
        templates,
        store,
        memory,
        linksDir: paths.links,
        dataDir: side.dataDir,
        ownAllocId: io.env.NOMAD_ALLOC_ID,
        isRecorded: false,
        disk: diskOf(paths),
        // The team's own files may have changed since the last cycle.
        prove: proverOf({
          config,
          paths,
          side: await readVectorSide({ config, cwd: io.cwd, paths, words: parts.words, isDry: true }),
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
      keeper?.enter(world);
      return world;
    },
  };
  return { session, close: () => client.close() };
};
