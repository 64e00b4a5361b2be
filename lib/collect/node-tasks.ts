import type { Config } from '../config/config.ts';
import { readSwitch, type Switch } from '../context/enabled.ts';
import { stemOf } from '../context/id.ts';
import { chooseProfile } from '../context/profile.ts';
import { NvlError } from '../errors.ts';
import { type AllocFolders, logDirOf } from '../files/log-folder.ts';
import { whyNoPath } from '../files/log-name.ts';
import type { Allocation, Task } from '../nomad/allocation.ts';
import type { NodeSnapshot } from '../nomad/node-source.ts';
import type { TaskRecord } from '../state/record.ts';
import { type LogRoute, logRouteOf } from './log-route.ts';

/** A task as Nomad lists it, with the profile that its job or the configuration chose for it. */
export type ListedTask = {
  allocation: Allocation;
  task: Task;
  profile: string;
  params: Record<string, string>;
  sink: string;
  route: LogRoute;
};

/** A task of the node. `wanted`: it writes logs, is not opted out, and is not of nvl's own job. */
export type NodeTask = {
  id: string;
  allocation: Allocation;
  task: Task;
  said: Switch | undefined;
  wanted: WantedTask | undefined;
};

export type WantedTask = { id: string; listed: ListedTask; names: Omit<TaskRecord, 'phase'> };

export type NodeView = {
  snapshot: Pick<NodeSnapshot, 'allocations' | 'allocDir' | 'only' | 'driversWithoutLogs'>;
  config: Pick<Config, 'collect' | 'rules'>;
  /** The allocation that nvl itself runs in. */
  ownAllocId: string | undefined;
  /** With `collect.groupOnly`: the task of it that nvl is. All others are to be collected. */
  ownTask?: string | undefined;
};

/** Of which job nothing is collected, or, where the task is named, nothing of that task. */
type Own = { namespace: string; jobId: string; task?: string | undefined } | undefined;

/**
 * The tasks of the node. What is found out about those of an allocation is kept as long as that is the same object, as Nomad
 * tells nothing new of it, and nothing else that counts has changed. It keeps no allocation from being forgotten.
 */
export class NodeTasks {
  #known = new WeakMap<Allocation, readonly NodeTask[]>();
  #of = '';
  #rules: Config['rules'] | undefined;

  of(view: NodeView): NodeTask[] {
    const own = ownOf(view);
    this.#use({ view, own });
    return view.snapshot.allocations.flatMap((allocation) => {
      const known = this.#known.get(allocation) ?? tasksIn({ allocation, own, view });
      this.#known.set(allocation, known);
      return known;
    });
  }

  #use({ view: { snapshot, config }, own }: { view: NodeView; own: Own }): void {
    const { self, docker } = config.collect;
    const of = JSON.stringify([snapshot.allocDir, snapshot.only, snapshot.driversWithoutLogs, self, docker, own]);
    if (of === this.#of && config.rules === this.#rules) return;
    this.#known = new WeakMap();
    this.#of = of;
    this.#rules = config.rules;
  }
}

/** Of the tasks that are wanted. */
export const listedTasks = (
  view: NodeView,
): { id: string; allocation: Allocation; task: Task; route: LogRoute; logDir: string }[] =>
  new NodeTasks()
    .of(view)
    .flatMap(({ id, allocation, task, wanted }) =>
      wanted === undefined ? [] : [{ id, allocation, task, route: wanted.listed.route, logDir: wanted.names.logDir }],
    );

/** A task that its own meta keeps from being collected. `fault`: what it says is no clear no. */
export type OptedOut = { id: string; allocation: Allocation; task: Task; fault: NvlError | undefined };

export const optedOut = (tasks: readonly NodeTask[]): OptedOut[] =>
  tasks.flatMap(({ id, allocation, task, said }) =>
    said === undefined || said.isOn ? [] : [{ id, allocation, task, fault: said.fault }],
  );

/** Its former versions too: what a console sink printed there is every line that was collected. */
const ownOf = ({ snapshot, ownAllocId, ownTask }: NodeView): Own => {
  const own = ownAllocId === undefined ? undefined : snapshot.allocations.find(({ id }) => id === ownAllocId);
  return own && { namespace: own.namespace, jobId: own.job.id, task: ownTask };
};

const tasksIn = ({ allocation, own, view }: { allocation: Allocation; own: Own; view: NodeView }): NodeTask[] => {
  const { snapshot, config } = view;
  const isOwnJob = allocation.namespace === own?.namespace && allocation.job.id === own.jobId;
  return allocation.tasks.map((task) => {
    const isOwn = isOwnJob && (own.task === undefined || own.task === task.name);
    const route = logRouteOf({ ...snapshot, task, docker: config.collect.docker });
    const mayBeWanted = (config.collect.self || !isOwn) && route !== undefined;
    const said = mayBeWanted ? (unusable({ allocation, task }) ?? readSwitch({ allocation, task })) : undefined;
    const id = stemOf({ allocId: allocation.id, task: task.name });
    return {
      id,
      allocation,
      task,
      said,
      wanted:
        said?.isOn === true && route !== undefined
          ? wantedTask({ id, allocation, task, route, folders: snapshot, config })
          : undefined,
    };
  });
};

const wantedTask = ({
  id,
  allocation,
  task,
  route,
  folders,
  config: { rules },
}: {
  id: string;
  allocation: Allocation;
  task: Task;
  route: LogRoute;
  folders: AllocFolders;
  config: Pick<Config, 'rules'>;
}): WantedTask => {
  const { profile, params, sink } = chooseProfile({ allocation, task, rules });
  return {
    id,
    listed: { allocation, task, profile, params, sink, route },
    names: {
      allocId: allocation.id,
      task: task.name,
      namespace: allocation.namespace,
      job: allocation.job.id,
      profile,
      logDir: logDirOf({ allocDir: folders.allocDir, only: folders.only, allocId: allocation.id }),
    },
  };
};

/** A name that makes no path is refused before anything is looked up with it. */
const unusable = ({ allocation, task }: { allocation: Allocation; task: Task }): Switch | undefined => {
  const why = whyNoPath({ allocId: allocation.id, task: task.name });
  if (why === undefined) return undefined;
  const fault = new NvlError('nameRefused', {
    message: 'a task is not collected, since its names make no path to its logs',
    facts: { said: why },
    advice: 'Nomad gives no such names: see what answers at nomad.address',
  });
  return { isOn: false, fault };
};
