import { CONTEXT_VERSION } from '../context-version.ts';
import { compare, inKeyOrder } from '../order.ts';
import type { Allocation } from './allocation.ts';
import { type Node, readNode } from './node.ts';
import { readAllocation } from './read-allocation.ts';
import type { RecordedLogs } from './recorded-logs.ts';

/**
 * What `nvl context --record` writes: nvl's own reading of the node, which holds none of the fields that carry secrets. `logs`: what its tasks
 * wrote; recordings of before, and those from another machine, have none.
 */
export type Recording = {
  contextVersion: number;
  allocDir: string;
  node: Node;
  allocations: Allocation[];
  logs?: RecordedLogs;
};

/** The same node gives the same recording, in whatever order Nomad lists its allocations. */
export const recordingOf = ({ node, allocations, allocDir, logs }: Omit<Recording, 'contextVersion'>): Recording => ({
  contextVersion: CONTEXT_VERSION,
  allocDir,
  node,
  allocations: allocations.toSorted((a, b) => compare(a.id, b.id)),
  ...(logs !== undefined && { logs }),
});

/** A recorded node as Nomad's own answer would be read, whatever order its file (or who wrote it) has the keys in. */
export const recordedNode = (node: Node): Node => inOrderOf(NODE, node) as Node;

export const recordedAllocation = (allocation: Allocation): Allocation =>
  inOrderOf(ALLOCATION, allocation) as Allocation;

/** Stands for every key of a map, and for every item behind it. */
const ANY = '*';

const META = { Meta: { [ANY]: ANY } };
const SERVICES = { Services: [META] };

/** A node and an allocation with one of everything: they show the order of the fields, and which objects are maps. */
const NODE = readNode({
  ...META,
  HostVolumes: { [ANY]: {} },
  Attributes: { [ANY]: ANY },
  Links: { [ANY]: ANY },
  Drivers: { [ANY]: {} },
});
const ALLOCATION = readAllocation({
  ID: 'a',
  TaskGroup: 'g',
  Job: {
    ...META,
    UI: { Links: [{}] },
    TaskGroups: [
      {
        ...META,
        ...SERVICES,
        Name: 'g',
        Networks: [{}],
        Volumes: { [ANY]: {} },
        Tasks: [{ ...META, ...SERVICES, Name: 't' }],
      },
    ],
  },
  TaskStates: { t: { Events: [{}] } },
  AllocatedResources: { Shared: { Ports: [{ Label: ANY }] } },
});

const inOrderOf = (pattern: unknown, value: unknown): unknown => {
  if (Array.isArray(value))
    return value.map((item) => inOrderOf(Array.isArray(pattern) ? pattern[0] : undefined, item));
  if (typeof value !== 'object' || value === null) return value;
  const fields = isObject(pattern) ? pattern : {};
  if (Object.hasOwn(fields, ANY)) {
    return inKeyOrder(Object.entries(value).map(([key, item]) => [key, inOrderOf(fields[ANY], item)] as const));
  }
  const rank = new Map(Object.keys(fields).map((name, index) => [name, index]));
  const rankOf = (name: string): number => rank.get(name) ?? rank.size;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => rankOf(a) - rankOf(b) || compare(a, b))
      .map(([name, item]) => [name, inOrderOf(fields[name], item)] as const),
  );
};

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
