import { readFile } from 'node:fs/promises';
import { CONTEXT_VERSION } from '../context-version.ts';
import { hasCode, messageOf, NvlError } from '../errors.ts';
import { objectOf } from '../json.ts';
import { readAgent } from './agent.ts';
import type { Allocation } from './allocation.ts';
import type { NomadClient } from './client.ts';
import { type EventLine, readEventLines } from './event-lines.ts';
import { KnownList, type WhyOver } from './known-list.ts';
import { type Node, readNode } from './node.ts';
import { type ListFault, readValue } from './read-element.ts';
import { type RecordedLogs, readRecordedLogs } from './recorded-logs.ts';
import { type Recording, recordedAllocation, recordedNode } from './recording.ts';

/** What a cycle knows of the node. `allocDir` is where its allocations' folders lie. */
export type NodeSnapshot = {
  node: Node;
  allocations: Allocation[];
  allocDir: string;
  /** The one allocation that is asked about, where it is one alone: `allocDir` then is its own shared folder. */
  only?: string;
  hasLeader: boolean;
  /** Ids of allocations that are listed and over: finished long ago, with nothing to collect. */
  over?: Pick<ReadonlySet<string>, 'has'>;
  /** Elements of the list that are no allocations. */
  faults?: readonly ListFault[];
  /** Of a recording that has it: what the tasks wrote. */
  logs?: RecordedLogs;
  /** Drivers whose plugin collects no logs, where that was asked. */
  driversWithoutLogs?: readonly string[];
};

/** Where that comes from: a running Nomad, or a recording of one. */
export type NodeSource = {
  ask(options?: { signal?: AbortSignal }): Promise<NodeSnapshot>;
  /** Tells an allocation that is gone from one that the token may not see: both are absent from the list. */
  exists(allocId: string, options?: { signal?: AbortSignal }): Promise<'present' | 'gone' | 'hidden'>;
};

/** The node of a running Nomad, and news of it. */
export type FollowedSource = NodeSource & {
  locate(options?: { signal?: AbortSignal }): Promise<{ nodeId: string; allocDir: string }>;
  follow: KnownList['follow'];
  /** Nomad's event stream, from this index on. Throws as `NomadClient.allocationEvents` and `readEventLines` do; it never ends by itself. */
  events(question: { index: number; signal: AbortSignal }): AsyncIterable<EventLine>;
  intervalMs(): number;
};

type NomadSourceOptions = {
  client: NomadClient;
  /** Unset: the node of the agent that answers. */
  nodeId: string | undefined;
  allocDir: string | undefined;
  intervalMs?: number | undefined;
  /** See `KnownList`. */
  whyOver?: ((where: { allocation: Allocation; allocDir: string }) => WhyOver | undefined) | undefined;
  found?: (() => readonly string[]) | undefined;
  /** The agent is asked of which drivers it collects no logs, also where nothing else is asked of it. */
  asksDrivers?: boolean | undefined;
};

export const nomadSource = ({
  client,
  nodeId,
  allocDir,
  intervalMs,
  whyOver,
  found,
  asksDrivers = false,
}: NomadSourceOptions): FollowedSource => {
  const { known, locate, forgetWhere } = locatorOf({ client, nodeId, allocDir, asksDrivers });
  const listOf = listsOf({ client, intervalMs, whyOver, found });
  return {
    locate: async (options = {}) => {
      const where = await locate(options);
      return { nodeId: where.nodeId, allocDir: where.allocDir };
    },
    ask: async (options = {}) => {
      const where = await locate(options);
      const list = listOf(where);
      const [node] = await Promise.all([client.node(where.nodeId, options), list.take(options)]).catch(forgetWhere);
      const { allocDir: folder, driversWithoutLogs } = where;
      return {
        node: readNode(node),
        allocDir: folder,
        ...(driversWithoutLogs.length > 0 && { driversWithoutLogs }),
        ...list.listed(),
      };
    },
    follow: async (question) => {
      const where = await locate(question);
      return listOf(where).follow(question).catch(forgetWhere);
    },
    async *events(question) {
      try {
        const { nodeId: of } = await locate(question);
        yield* readEventLines({ pieces: client.allocationEvents(question), nodeId: of });
      } catch (error) {
        forgetWhere(error);
      }
    },
    intervalMs: () => {
      const where = known();
      return where === undefined ? (intervalMs ?? 0) : listOf(where).intervalMs;
    },
    exists: (allocId, options = {}) => client.allocationExists(allocId, options),
  };
};

/** Where the node is, asked once. `forgetWhere` forgets it, and throws what it is given. */
const locatorOf = ({
  client,
  nodeId,
  allocDir,
  asksDrivers,
}: Pick<NomadSourceOptions, 'client' | 'nodeId' | 'allocDir'> & { asksDrivers: boolean }) => {
  const isConfigured = nodeId !== undefined && allocDir !== undefined;
  const configured = isConfigured && !asksDrivers ? { nodeId, allocDir, driversWithoutLogs: [] } : undefined;
  let known: Where | undefined = configured;
  return {
    known: () => known,
    locate: async (options: { signal?: AbortSignal }): Promise<Where> => {
      if (known !== undefined) return known;
      const agent = readAgent(await client.agentSelf(options));
      known = {
        nodeId: nodeId ?? agent.nodeId ?? missingNode(),
        allocDir: allocDir ?? agent.allocDir ?? missingDir(),
        driversWithoutLogs: agent.driversWithoutLogs,
      };
      return known;
    },
    // An agent that lost its data folder comes back as another node, and one with other plugin settings was restarted, too.
    forgetWhere: (error: unknown): never => {
      known = configured;
      throw error;
    },
  };
};

/** What the agent says, or the configuration. */
type Where = { nodeId: string; allocDir: string; driversWithoutLogs: readonly string[] };

/** The list of the node that is asked about; what was known of another is forgotten. */
const listsOf = ({
  client,
  intervalMs,
  whyOver,
  found,
}: Pick<NomadSourceOptions, 'client' | 'intervalMs' | 'whyOver' | 'found'>) => {
  let last: { of: string; list: KnownList } | undefined;
  return ({ nodeId, allocDir }: { nodeId: string; allocDir: string }): KnownList => {
    if (last?.of !== nodeId) {
      const list = new KnownList({
        ask: (question) => client.nodeAllocations(nodeId, question),
        intervalMs,
        whyOver: whyOver && ((allocation) => whyOver({ allocation, allocDir })),
        found,
      });
      last = { of: nodeId, list };
    }
    return last.list;
  };
};

const missingNode = (): never => {
  throw new NvlError('nodeUnknown', {
    message: 'this Nomad agent is no client, so there is no node to collect from',
    advice: 'run nvl beside a client agent, or name the node with --node-id',
  });
};

const missingDir = (): never => {
  throw new NvlError('nodeUnknown', {
    message: 'the Nomad agent does not tell where its allocations lie',
    advice: 'name the folder with --alloc-dir (the agent’s data_dir, then /alloc)',
  });
};

/**
 * Reads a recording: either what `nvl context --record` wrote, or Nomad's own answers of
 * `/v1/node/:id/allocations` and `/v1/node/:id`.
 */
export const recordingSource = async ({
  allocationsFile,
  nodeFile,
  allocDir,
}: {
  allocationsFile: string;
  nodeFile: string | undefined;
  allocDir: string | undefined;
}): Promise<NodeSource> => {
  const recorded = await readJsonFile(allocationsFile);
  const node = nodeFile === undefined ? undefined : readNode(await readJsonFile(nodeFile));
  const snapshot = Array.isArray(recorded)
    ? fromAnswers({ recorded, node, allocDir })
    : fromRecording({ recorded, node, allocDir, file: allocationsFile });
  return { ask: async () => snapshot, exists: async () => 'gone' };
};

/** Where Nomad's packages keep their data, for a recording that does not tell. */
const USUAL_ALLOC_DIR = '/opt/nomad/data/alloc';

const fromAnswers = ({
  recorded,
  node,
  allocDir,
}: {
  recorded: unknown[];
  node: Node | undefined;
  allocDir: string | undefined;
}): NodeSnapshot => {
  const elements = recorded.map((value, digest) => readValue({ value, digest }));
  const allocations = elements.flatMap((element) => ('allocation' in element ? [element.allocation] : []));
  const faults = elements.flatMap((element) => ('fault' in element ? [element.fault] : []));
  const [first] = allocations;
  const named = { ID: first?.nodeId, Name: first?.nodeName };
  return { node: node ?? readNode(named), allocations, faults, allocDir: allocDir ?? USUAL_ALLOC_DIR, hasLeader: true };
};

const fromRecording = ({
  recorded,
  node,
  allocDir,
  file,
}: {
  recorded: unknown;
  node: Node | undefined;
  allocDir: string | undefined;
  file: string;
}): NodeSnapshot => {
  const recording = objectOf(recorded) as Partial<Recording>;
  if (
    recording.contextVersion !== CONTEXT_VERSION ||
    !Array.isArray(recording.allocations) ||
    !recording.allocations.every(isAllocation) ||
    recording.node?.status === undefined
  ) {
    throw new NvlError('recordingUnreadable', {
      message: `${file} is no recording that this nvl can read`,
      facts: { found: `contextVersion ${String(recording.contextVersion)}, this nvl knows ${CONTEXT_VERSION}` },
      advice: 'record anew with: nvl context --record FILE',
    });
  }
  const logs = readRecordedLogs(recording.logs);
  return {
    node: node ?? recordedNode(recording.node),
    allocations: recording.allocations.map(recordedAllocation),
    allocDir: allocDir ?? recording.allocDir ?? USUAL_ALLOC_DIR,
    hasLeader: true,
    ...(logs !== undefined && { logs }),
  };
};

/** Enough to tell a recording from something else; what `nvl context --record` writes has all of it. */
const isAllocation = (value: unknown): boolean => {
  const { id, job, group, tasks, status } = objectOf(value);
  const parts = [job, group, status].every((part) => Object.keys(objectOf(part)).length > 0);
  return typeof id === 'string' && parts && Array.isArray(tasks);
};

const readJsonFile = async (file: string): Promise<unknown> => {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new NvlError('recordingUnreadable', {
      message: hasCode(error, 'ENOENT') ? `there is no file ${file}` : `${file} cannot be read as JSON`,
      facts: { said: messageOf(error) },
      advice: 'record a node with: nvl context --record FILE',
      cause: error,
    });
  }
};
