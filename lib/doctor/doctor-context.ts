import { rootPaths } from '../apply/paths.ts';
import { listedTasks } from '../collect/node-tasks.ts';
import type { Config } from '../config/config.ts';
import { planCycle } from '../cycle.ts';
import { objectOf, textOf } from '../json.ts';
import { type Agent, readAgent } from '../nomad/agent.ts';
import { createNomadClient, type NomadClient } from '../nomad/client.ts';
import { KnownList, type NodeList } from '../nomad/known-list.ts';
import { type Node, readNode } from '../nomad/node.ts';
import type { NodeSnapshot, NodeSource } from '../nomad/node-source.ts';
import type { Rendered } from '../render/render.ts';
import type { Templates } from '../render/templates.ts';
import { peekState, type State } from '../state/state.ts';
import { environmentOf, ownCommand, readArgs } from '../vector/config/command.ts';
import { type FoundVector, findVector } from '../vector/process/find.ts';
import type { Io } from '../wiring/io.ts';
import { isEngineThere } from '../wiring/is-engine-there.ts';
import { createLogger } from '../wiring/logger.ts';
import { type OwnGroup, ownGroupOf, ownIn, sourceFor } from '../wiring/own-group.ts';
import { readOnlyDeps, templatesOf } from '../wiring/prepare.ts';
import { type RunningVector, readRunningVector } from '../wiring/running-vector.ts';

/**
 * What the checks look at. Each look is taken once, when the first check asks for it, and rejects with what was wrong
 * for every check that needs it.
 */
export type DoctorContext = {
  io: Io;
  config: Config;
  /** The arguments after `--`: the Vector to run. Empty: somebody else runs it. */
  vectorArgs: readonly string[];
  client: NomadClient;
  /** The one allocation that is collected, where nvl is a task of it. */
  group: OwnGroup | undefined;
  vector: () => Promise<FoundVector>;
  /** Nothing says with which arguments Vector runs. */
  isVectorUnknown: () => Promise<boolean>;
  runningVector: () => Promise<RunningVector>;
  agent: () => Promise<SeenAgent>;
  nodeId: () => Promise<string | undefined>;
  allocDir: () => Promise<string | undefined>;
  /** As the agent's plugins say; none where that is not to be known. */
  driversWithoutLogs: () => Promise<readonly string[]>;
  node: () => Promise<Node>;
  list: () => Promise<NodeList>;
  /** Those of the list that are collected. */
  tasks: () => Promise<ReturnType<typeof listedTasks>>;
  state: () => Promise<State | undefined>;
  templates: () => Promise<Templates>;
  /** The node to render for: as Nomad tells it, or, while that cannot be had, one without any task. Its files are not read. */
  nodeSource: () => Promise<{ nodeSource: NodeSource; isReal: boolean }>;
  rendered: () => Promise<Rendered>;
};

/** `allocations`: how many the agent itself counts, also those that the token may not see. */
export type SeenAgent = Agent & { version: string; allocations: number | undefined };

export const openDoctorContext = ({
  io,
  config,
  vectorArgs,
}: Pick<DoctorContext, 'io' | 'config' | 'vectorArgs'>): DoctorContext => {
  const { signal } = io;
  const client = createNomadClient(config.nomad);
  const group = ownGroupOf({ config, env: io.env });
  const own = once(() => sourceFor({ client, config, env: io.env }).ask({ signal }));
  const paths = rootPaths(config.root);
  const context: DoctorContext = {
    io,
    config,
    vectorArgs,
    client,
    group,
    vector: once(() => findVector({ command: ownCommand({ config, cwd: io.cwd, vectorArgs }), signal })),
    isVectorUnknown: once(async () => {
      const { args, env } = ownCommand({ config, cwd: io.cwd, vectorArgs });
      return readArgs({ args, env: environmentOf({ env }) }).isDefault;
    }),
    runningVector: once(() => readRunningVector({ config, cwd: io.cwd, paths, vectorArgs, isDry: true })),
    agent: once(async () => readSelf(await client.agentSelf({ signal }))),
    nodeId: async () =>
      group === undefined ? (config.nomad.nodeId ?? (await context.agent()).nodeId) : (await own()).node.id,
    allocDir: async () => group?.allocDir ?? config.nomad.allocDir ?? (await context.agent()).allocDir,
    driversWithoutLogs: async () =>
      group === undefined ? ((await context.agent().catch(() => undefined))?.driversWithoutLogs ?? []) : [],
    node: once(async () =>
      group === undefined
        ? readNode(await client.node((await context.nodeId()) ?? '', { signal }))
        : (await own()).node,
    ),
    list: once(async () => {
      if (group !== undefined) return { over: new Set(), faults: [], ...(await own()) };
      const nodeId = (await context.nodeId()) ?? '';
      const list = new KnownList({ ask: (question) => client.nodeAllocations(nodeId, question) });
      await list.take({ signal });
      return list.listed();
    }),
    tasks: once(async () => {
      const list = await context.list();
      const allocDir = await context.allocDir().catch(() => undefined);
      const driversWithoutLogs = await context.driversWithoutLogs();
      const where = { allocDir: allocDir ?? '', driversWithoutLogs, ...(group && { only: group.allocId }) };
      const snapshot = { node: NOBODY, ...list, ...where };
      return listedTasks({ snapshot, config, ...ownIn({ env: io.env, group }) });
    }),
    state: once(() => peekState(paths.state)),
    templates: once(() => templatesOf(config)),
    nodeSource: once(() => nodeToRender(context)),
    rendered: once(async () => {
      const { nodeSource } = await context.nodeSource();
      const deps = await readOnlyDeps({ io, config, nodeSource, isRecorded: true });
      return (await planCycle({ ...deps, isEngineThere: isEngineThere(config), log: silentLog(config) })).rendered;
    }),
  };
  return context;
};

const nodeToRender = async ({
  node,
  list,
  allocDir,
  driversWithoutLogs,
}: Pick<DoctorContext, 'node' | 'list' | 'allocDir' | 'driversWithoutLogs'>): Promise<{
  nodeSource: NodeSource;
  isReal: boolean;
}> => {
  try {
    const [own, listed, folder, drivers] = await Promise.all([node(), list(), allocDir(), driversWithoutLogs()]);
    const snapshot = { node: own, ...listed, allocDir: folder ?? '', driversWithoutLogs: drivers };
    return { nodeSource: nodeSourceOf(snapshot), isReal: true };
  } catch {
    const snapshot = { node: NOBODY, allocations: [], allocDir: '', hasLeader: false };
    return { nodeSource: nodeSourceOf(snapshot), isReal: false };
  }
};

/** Doctor prints its report alone, and logs nothing. */
export const silentLog = (config: Config) => createLogger({ config: config.log, isTty: false, write: () => {} });

const NOBODY = readNode({});

const nodeSourceOf = (snapshot: NodeSnapshot): NodeSource => ({
  ask: async () => snapshot,
  exists: async () => 'hidden',
});

/** `num_allocations` is a text (client/client.go, Stats). */
const readSelf = (value: unknown): SeenAgent => {
  const raw = objectOf(value);
  const count = textOf(objectOf(objectOf(raw.stats).client).num_allocations);
  const version = textOf(objectOf(objectOf(raw.config).Version).Version);
  return { ...readAgent(value), version, allocations: /^\d+$/.test(count) ? Number(count) : undefined };
};

const once = <T>(read: () => Promise<T>): (() => Promise<T>) => {
  let looked: Promise<T> | undefined;
  return () => {
    looked ??= read();
    return looked;
  };
};
