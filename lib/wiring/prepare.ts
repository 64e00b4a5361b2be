import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readKeptTemplates } from '../apply/kept-templates.ts';
import { rootPaths } from '../apply/paths.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { readTemplates } from '../config/read-templates.ts';
import type { CycleDeps } from '../cycle-deps.ts';
import { hasCode } from '../errors.ts';
import { lookOnly } from '../files/log-access.ts';
import { newMemory } from '../memory.ts';
import { createNomadClient } from '../nomad/client.ts';
import { type NodeSource, recordingSource } from '../nomad/node-source.ts';
import { keptTemplates } from '../render/kept-templates.ts';
import { wholeOf } from '../render/last-good.ts';
import { compileTemplates, type Templates } from '../render/templates.ts';
import { peekState } from '../state/state.ts';
import type { Io } from './io.ts';
import { isEngineThere } from './is-engine-there.ts';
import { createLogger } from './logger.ts';
import { ownGroupOf, ownIn, sourceFor } from './own-group.ts';

export type Flags = Readonly<Record<string, unknown>>;

/** A flag's text; undefined when it was not given. */
export const textFlag = (flags: Flags, name: string): string | undefined =>
  typeof flags[name] === 'string' ? flags[name] : undefined;

export const configFor = ({ io, flags }: { io: Io; flags: Flags }): Promise<Config> =>
  loadConfig({
    cwd: io.cwd,
    env: io.env,
    systemDir: io.systemDir,
    flags,
    configFile: textFlag(flags, 'config'),
  });

/** The node as it is, from Nomad or, with --allocations, from a recording. `close` ends what was opened. */
export const openNodeSource = async ({
  io,
  flags,
  config,
}: {
  io: Io;
  flags: Flags;
  config: Config;
}): Promise<{ nodeSource: NodeSource; isRecorded: boolean; close: () => Promise<void> }> => {
  const allocationsFile = textFlag(flags, 'allocations');
  if (allocationsFile !== undefined) {
    const nodeFile = textFlag(flags, 'node');
    const nodeSource = await recordingSource({
      allocationsFile: resolve(io.cwd, allocationsFile),
      nodeFile: nodeFile === undefined ? undefined : resolve(io.cwd, nodeFile),
      allocDir: config.nomad.allocDir,
    });
    return { nodeSource, isRecorded: true, close: async () => {} };
  }
  const client = createNomadClient(config.nomad);
  const nodeSource = sourceFor({ client, config, env: io.env });
  return { nodeSource, isRecorded: false, close: () => client.close() };
};

export const templatesOf = async (config: Config): Promise<Templates> =>
  compileTemplates(await readTemplates(config.templates));

/** What Vector took last, as a whole folder; undefined where it is not whole. Never throws. */
export const keptTemplatesOf = async ({
  readTemplates: read,
}: Pick<CycleDeps['disk'], 'readTemplates'>): Promise<Templates | undefined> => {
  const text = await read().catch(() => undefined);
  const good = text === undefined ? undefined : keptTemplates(text);
  return good && wholeOf({ good, shipped: compileTemplates(await readTemplates(undefined)).shipped });
};

export const readFileIfThere = async (file: string): Promise<string | undefined> => {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
};

/**
 * What a cycle needs to look only: the same cycle can be planned with it, but nothing is written and Vector is told nothing.
 * A recording says nothing of this machine, so it is planned as on a node that nvl has never run on, whose finished
 * tasks all still have their logs.
 */
export const readOnlyDeps = async ({
  io,
  config,
  nodeSource,
  isRecorded,
}: {
  io: Io;
  config: Config;
  nodeSource: NodeSource;
  isRecorded: boolean;
}): Promise<CycleDeps> => {
  const paths = rootPaths(config.root);
  const group = isRecorded ? undefined : ownGroupOf({ config, env: io.env });
  const now = Date.now();
  const state = isRecorded ? undefined : await peekState(paths.state);
  return {
    config,
    nodeSource,
    templates: await templatesOf(config),
    store: { read: () => state ?? { schema: 1, installedAt: now, tasks: {} }, write: () => {}, hold: () => {} },
    memory: newMemory(),
    linksDir: paths.links,
    logAccess: {
      ...lookOnly({ ...paths, only: group?.allocId }),
      findLost: neverNow,
      open: neverNow,
      close: neverNow,
      gaveUp: neverNow,
      settle: neverNow,
      linkedOf: () => [],
      owns: () => false,
    },
    dataDir: config.vector.dataDir,
    ...ownIn({ env: io.env, group }),
    isRecorded,
    isEngineThere: isRecorded || isEngineThere(config),
    disk: {
      readLive: () => readFileIfThere(paths.liveFile),
      readTable: () => readFileIfThere(paths.tableFile),
      hasTables: async () => true,
      writeTable: never,
      stage: never,
      swap: never,
      restore: never,
      keepGeneration: never,
      lastGeneration: never,
      readTemplates: async () => (isRecorded ? undefined : await readKeptTemplates(paths)),
      keepTemplates: never,
      setTemplatesAside: async () => undefined,
    },
    prove: never,
    reload: never,
    now: () => now,
    log: createLogger({ config: config.log, isTty: io.isErrTty, write: io.err }),
    signal: io.signal,
  };
};

const never = () => Promise.reject(new Error('a look does not write'));
const neverNow = (): never => {
  throw new Error('a look does not write');
};
