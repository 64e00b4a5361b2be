import { CONTEXT_VERSION } from '../context-version.ts';
import { escapeGlob, Glob } from '../glob.ts';
import type { Allocation, Task } from '../nomad/allocation.ts';
import type { Node } from '../nomad/node.ts';
import { inKeyOrder } from '../order.ts';
import { shortIdOf, stemOf } from './id.ts';

/** The plain data that templates see for one task; its shape is `taskSchema`. */
export type TaskContext = ReturnType<typeof taskContext>;
export type NodeContext = ReturnType<typeof nodeContext>;

/** What selects a profile and its parameters for a task; see `chooseProfile`. */
export type Chosen = { profile: string; params: Record<string, string>; sink?: string };

/**
 * The stable context of one task. Volatile fields are not in it at all, so no way of writing a path can make a source
 * or transform depend on one; `withVolatile` adds them for `nvl context` and for sinks.
 */
export const taskContext = ({
  allocation,
  task,
  node,
  linksDir,
  chosen,
}: {
  allocation: Allocation;
  task: Task;
  node: NodeContext;
  /** Below which each pipeline has its folder. */
  linksDir: string;
  chosen: Chosen;
}) => {
  const id = stemOf({ allocId: allocation.id, task: task.name });
  return {
    contextVersion: CONTEXT_VERSION,
    id,
    namespace: allocation.namespace,
    region: allocation.job.region,
    alloc: allocContext(allocation),
    job: allocation.job,
    group: allocation.group,
    task: taskFields(task),
    node,
    logs: logsIn({ linksDir, pipeline: id, logs: task.logs }),
    meta: mergedMeta({ allocation, task }),
    tags: [...new Set(servicesOf(allocation, task).flatMap((service) => service.tags))].sort(),
    ports: allocation.ports,
    profile: chosen.profile,
    params: inKeyOrder(Object.entries(chosen.params)),
    sink: chosen.sink ?? '',
  };
};

/** Job, group and task meta merged; the nearest wins. A key named `__proto__` stays an ordinary key. */
export const mergedMeta = ({ allocation, task }: { allocation: Allocation; task: Task }): Record<string, string> => {
  const levels = [allocation.job.meta, allocation.group.meta, task.meta].filter((meta) => Object.keys(meta).length > 0);
  const [first = {}, ...nearer] = levels;
  // Each level is in order already, and most tasks have one.
  if (nearer.length === 0) return first;
  return inKeyOrder(Object.entries({ ...allocation.job.meta, ...allocation.group.meta, ...task.meta }));
};

export const nodeContext = (node: Node) => ({
  id: node.id,
  name: node.name,
  datacenter: node.datacenter,
  class: node.class,
  pool: node.pool,
  httpAddr: node.httpAddr,
  meta: node.meta,
  hostVolumes: node.hostVolumes,
});

/** The same task with its volatile fields: what `nvl context` shows and what sinks see. */
export const withVolatile = ({
  context,
  allocation,
  task,
  node,
}: {
  context: TaskContext;
  allocation: Allocation;
  task: Task;
  node: Node;
}) => ({
  ...context,
  alloc: { ...context.alloc, ...allocation.status },
  job: { ...context.job, ...allocation.jobStatus },
  group: { ...context.group, count: allocation.groupCount },
  task: { ...context.task, ...task.state },
  node: { ...context.node, ...node.status },
});

const allocContext = (allocation: Allocation) => ({
  id: allocation.id,
  shortId: shortIdOf(allocation.id),
  name: allocation.name,
  index: indexOfName(allocation.name),
  nodeId: allocation.nodeId,
  nodeName: allocation.nodeName,
  previousId: allocation.previousId,
  createTime: allocation.createTime,
  createIndex: allocation.createIndex,
  diskMB: allocation.diskMB,
});

/** Nomad keeps an allocation's index only in its name, `job.group[index]`. */
export const indexOfName = (name: string): number => Number(/\[(\d+)\]$/.exec(name)?.[1] ?? 0);

/** Written out: for thousands of tasks a rest pattern costs more than all the rest. */
const taskFields = (task: Task) => ({
  name: task.name,
  driver: task.driver,
  user: task.user,
  kind: task.kind,
  leader: task.leader,
  lifecycle: task.lifecycle,
  isSidecar: task.lifecycle.sidecar,
  isConnectProxy: task.kind.startsWith('connect-proxy:'),
  meta: task.meta,
  services: task.services,
  killTimeoutMs: task.killTimeoutMs,
  shutdownDelayMs: task.shutdownDelayMs,
  image: task.image,
  command: task.command,
  resources: task.resources,
});

const servicesOf = (allocation: Allocation, task: Task) => [
  ...allocation.group.services.filter((service) => service.taskName === '' || service.taskName === task.name),
  ...task.services,
];

/** A task's logs as templates see them: the folder is its pipeline's, in which each file has the name of its task. */
export const logsIn = ({
  linksDir,
  pipeline,
  logs,
}: {
  linksDir: string;
  pipeline: string;
  logs: Pick<Task['logs'], 'maxFiles' | 'maxFileSizeMB'>;
}) => {
  const dir = `${linksDir}/${pipeline}`;
  return {
    dir,
    include: [new Glob(`${escapeGlob(dir)}/*`)],
    maxFiles: logs.maxFiles,
    maxFileSizeMB: logs.maxFileSizeMB,
  };
};
