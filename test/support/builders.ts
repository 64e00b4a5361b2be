import type { Config } from '../../lib/config/config.ts';
import { readTemplates } from '../../lib/config/read-templates.ts';
import { configSchema } from '../../lib/config/schema.ts';
import { nodeContext, type TaskContext, taskContext } from '../../lib/context/context.ts';
import { chooseProfile } from '../../lib/context/profile.ts';
import { createRandom } from '../../lib/demo/random.ts';
import { shuffleKeys } from '../../lib/demo/shuffle.ts';
import type { Allocation, Task } from '../../lib/nomad/allocation.ts';
import { type Node, readNode } from '../../lib/nomad/node.ts';
import type { NodeSnapshot } from '../../lib/nomad/node-source.ts';
import { readAllocation } from '../../lib/nomad/read-allocation.ts';
import { compileTemplates, type Templates } from '../../lib/render/templates.ts';

// Each takes only what the case is about; the rest is the same everywhere and means nothing.

export const LINKS = '/nvl/links';
export const ALLOC_DIR = '/nomad/alloc';

/** An id that is made of one digit: `idOf(1)`, `idOf(2)`, … */
export const idOf = (digit: number | string): string =>
  'xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx'.replaceAll('x', String(digit));

/** An id for each number, of which the first eight digits differ. */
export const idOfTask = (index: number): string => `${String(index).padStart(8, '0')}-0000-4000-8000-000000000000`;

type Meta = Record<string, string>;

export type GivenAllocation = {
  id?: string;
  namespace?: string;
  job?: string;
  parent?: string;
  group?: string;
  index?: number;
  task?: string;
  /** In place of `task`. */
  tasks?: string[];
  driver?: string;
  status?: string;
  /** Of all its tasks: `pending`, `running` or `dead`. */
  state?: string;
  /** RFC 3339: when its tasks finished. */
  finishedAt?: string;
  jobMeta?: Meta;
  groupMeta?: Meta;
  taskMeta?: Meta;
  logsDisabled?: boolean;
  groupServices?: object[];
  taskServices?: object[];
};

/** As Nomad answers it. */
export const aRawAllocation = ({
  id = idOf(1),
  namespace = 'default',
  job = 'shop',
  parent = '',
  group = 'web',
  index = 0,
  task = 'app',
  tasks = [task],
  driver = 'raw_exec',
  status = 'running',
  state = status === 'running' ? 'running' : 'dead',
  finishedAt = '0001-01-01T00:00:00Z',
  jobMeta = {},
  groupMeta = {},
  taskMeta = {},
  logsDisabled = false,
  groupServices = [],
  taskServices = [],
}: GivenAllocation = {}) => ({
  ID: id,
  Name: `${job}.${group}[${index}]`,
  Namespace: namespace,
  NodeID: idOf(9),
  NodeName: 'node-1',
  JobID: job,
  TaskGroup: group,
  ClientStatus: status,
  TaskStates: Object.fromEntries(tasks.map((name) => [name, { State: state, FinishedAt: finishedAt }])),
  Job: {
    ID: job,
    Name: job,
    Namespace: namespace,
    ParentID: parent,
    Meta: jobMeta,
    TaskGroups: [
      {
        Name: group,
        Meta: groupMeta,
        Services: groupServices,
        Tasks: tasks.map((name) => ({
          Name: name,
          Driver: driver,
          Meta: taskMeta,
          Services: taskServices,
          LogConfig: { Disabled: logsDisabled, MaxFiles: 10, MaxFileSizeMB: 10 },
        })),
      },
    ],
  },
});

const random = createRandom(1);

/** Read from an answer whose maps are in another order each time. */
export const anAllocation = (given: GivenAllocation = {}): Allocation => {
  const allocation = readAllocation(shuffleKeys(aRawAllocation(given), random));
  if (allocation === undefined) throw new Error('the builder made no allocation');
  return allocation;
};

export const firstTask = (allocation: Allocation): Task => allocation.tasks[0] as Task;

export const aNode = (): Node => readNode({ ID: idOf(9), Name: 'node-1', Datacenter: 'dc1' });

export const anAnswer = (...allocations: Allocation[]): NodeSnapshot => ({
  node: aNode(),
  allocations,
  allocDir: ALLOC_DIR,
  hasLeader: true,
});

/** The context of an allocation's first task. */
export const aContext = (given: GivenAllocation = {}, rules: Config['rules'] = []): TaskContext => {
  const allocation = anAllocation(given);
  const task = firstTask(allocation);
  return taskContext({
    allocation,
    task,
    node: nodeContext(aNode()),
    linksDir: LINKS,
    chosen: chooseProfile({ allocation, task, rules }),
  });
};

type GivenConfig = Partial<Pick<Config, 'root' | 'templates' | 'sinks' | 'rules'>> & {
  [Section in 'nomad' | 'collect' | 'vector' | 'reload' | 'log']?: Partial<Config[Section]>;
};

/** The defaults, with single keys of them replaced. */
export const aConfig = (given: GivenConfig = {}): Config => {
  const defaults: Config = { ...configSchema.parse({}), file: undefined };
  return {
    ...defaults,
    ...given,
    nomad: { ...defaults.nomad, ...given.nomad },
    collect: { ...defaults.collect, ...given.collect },
    vector: { ...defaults.vector, ...given.vector },
    reload: { ...defaults.reload, ...given.reload },
    log: { ...defaults.log, ...given.log },
  };
};

/** A transform block, as profiles have them. */
export const aTransform = (program = '.parsed = true'): string =>
  `[transforms.{{id}}_parse]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = '''\n${program}\n'''\n`;

/**
 * The shipped templates of the default profile, and a profile `logfmt`; with these files (paths below the folder) added to
 * or in place of them.
 */
export const someTemplates = async (files: Readonly<Record<string, string>> = {}): Promise<Templates> => {
  const { dir, files: shipped, shipped: untouched = [] } = await readTemplates(undefined);
  const own: Record<string, string> = { 'profiles/logfmt/transform.toml.hbs': aTransform(), ...files };
  const base = shipped.filter(({ path }) => path.startsWith('vector/') && !Object.hasOwn(own, path));
  const all = [...base, ...Object.entries(own).map(([path, text]) => ({ path, text }))];
  return compileTemplates({
    dir,
    shipped: untouched,
    files: all.sort((a, b) => (a.path < b.path ? -1 : 1)),
    profileFolders: [...new Set(all.flatMap(({ path }) => /^profiles\/([^/]+)\//.exec(path)?.[1] ?? []))].sort(),
  });
};

/** A list in another order, the same for the same seed. */
export const shuffled = <T>(list: readonly T[], seed: number): T[] => {
  const rest = [...list];
  const taken: T[] = [];
  for (let state = seed + 1; rest.length > 0; state = (state * 48_271) % 2_147_483_647) {
    taken.push(...rest.splice(state % rest.length, 1));
  }
  return taken;
};
