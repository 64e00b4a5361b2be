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
import { createLogger } from '../wiring/logger.ts';
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
  vector: () => Promise<FoundVector>;
  /** Nothing says with which arguments Vector runs. */
  isVectorUnknown: () => Promise<boolean>;
  runningVector: () => Promise<RunningVector>;
  agent: () => Promise<SeenAgent>;
  nodeId: () => Promise<string | undefined>;
  allocDir: () => Promise<string | undefined>;
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
  const paths = rootPaths(config.root);
  const context: DoctorContext = {
    io,
    config,
    vectorArgs,
    client,
    vector: once(() => findVector({ command: ownCommand({ config, cwd: io.cwd, vectorArgs }), signal })),
    isVectorUnknown: once(async () => {
      const { args, env } = ownCommand({ config, cwd: io.cwd, vectorArgs });
      return readArgs({ args, env: environmentOf({ env }) }).isDefault;
    }),
    runningVector: once(() => readRunningVector({ config, cwd: io.cwd, paths, vectorArgs, isDry: true })),
    agent: once(async () => readSelf(await client.agentSelf({ signal }))),
    nodeId: async () => config.nomad.nodeId ?? (await context.agent()).nodeId,
    allocDir: async () => config.nomad.allocDir ?? (await context.agent()).allocDir,
    node: once(async () => readNode(await client.node((await context.nodeId()) ?? '', { signal }))),
    list: once(async () => {
      const nodeId = (await context.nodeId()) ?? '';
      const list = new KnownList({ ask: (question) => client.nodeAllocations(nodeId, question) });
      await list.take({ signal });
      return list.listed();
    }),
    tasks: once(async () => {
      const list = await context.list();
      const allocDir = await context.allocDir().catch(() => undefined);
      const snapshot = { node: NOBODY, ...list, allocDir: allocDir ?? '' };
      return listedTasks({ snapshot, config, ownAllocId: io.env.NOMAD_ALLOC_ID });
    }),
    state: once(() => peekState(paths.state)),
    templates: once(() => templatesOf(config)),
    nodeSource: once(async () => {
      try {
        const [node, list, allocDir] = await Promise.all([context.node(), context.list(), context.allocDir()]);
        const snapshot = { node, ...list, allocDir: allocDir ?? '' };
        return { nodeSource: nodeSourceOf(snapshot), isReal: true };
      } catch {
        const snapshot = { node: NOBODY, allocations: [], allocDir: '', hasLeader: false };
        return { nodeSource: nodeSourceOf(snapshot), isReal: false };
      }
    }),
    rendered: once(async () => {
      const { nodeSource } = await context.nodeSource();
      const deps = await readOnlyDeps({ io, config, nodeSource, isRecorded: true });
      return (await planCycle({ ...deps, log: silentLog(config) })).rendered;
    }),
  };
  return context;
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
