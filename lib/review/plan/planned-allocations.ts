import { NvlError } from '../../errors.ts';
import { type JsonObject, listOf, objectOf, textOf } from '../../json.ts';
import { didYouMean } from '../../nearest.ts';
import type { Allocation } from '../../nomad/allocation.ts';
import { readAllocation } from '../../nomad/read-allocation.ts';
import type { Fields, JobPlan, PlannedGroup, PlannedJob } from './read-plan.ts';

/** One allocation of each group that the job is about to have: of the rest nothing differs but its index and its id. */
export type PlannedAllocations = { namespace: string; job: string; allocations: Allocation[] };

/**
 * Makes them. Of a plan that holds only what changes, the rest is that of the newest recorded allocation of the group. Throws `usage` where there
 * is none. Pure.
 */
export const plannedAllocations = ({
  planned,
  recorded,
  namespace,
}: {
  planned: PlannedJob;
  recorded: readonly Allocation[];
  /** Where the job is, as a person says; undefined: as it says itself, or as it was recorded. */
  namespace: string | undefined;
}): PlannedAllocations => {
  if (planned.kind === 'job') return ofJob({ job: planned.job, namespace });
  if (planned.plan.isNew) return ofJob({ job: rawJob(planned.plan), namespace });
  return ofPlan({ plan: planned.plan, recorded, namespace });
};

/** An id that Nomad gives to none. */
const idOf = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;

const ofJob = ({ job, namespace }: { job: JsonObject; namespace: string | undefined }): PlannedAllocations => {
  const [id, own] = [textOf(job.ID), namespace ?? (textOf(job.Namespace) || 'default')];
  const allocations = listOf(job.TaskGroups).flatMap((group, index) => {
    const name = textOf(objectOf(group).Name);
    const raw = {
      ID: idOf(index),
      Name: `${id}.${name}[0]`,
      Namespace: own,
      JobID: id,
      TaskGroup: name,
      ClientStatus: 'pending',
      DesiredStatus: 'run',
      Job: { ...job, Namespace: own },
    };
    return readAllocation(raw) ?? [];
  });
  return { namespace: own, job: id, allocations };
};

/** All of a job that is new is in its plan. */
const rawJob = ({ id, fields, groups }: JobPlan): JsonObject => ({
  ...rawOf(fields),
  ID: id,
  TaskGroups: groups.map(rawGroup),
});

const rawGroup = ({ name, fields, tasks }: PlannedGroup): JsonObject => ({
  ...rawOf(fields),
  Name: name,
  Tasks: tasks.map((task) => ({ ...rawOf(task.fields), Name: task.name })),
});

/** `Meta[team]` is a key of `Meta`. */
const rawOf = (fields: Fields): JsonObject => ({
  ...Object.fromEntries([...fields].filter(([name]) => PLAIN.has(name))),
  Meta: metaWith({ meta: {}, fields }),
});

/** Fields of a job that are texts, by Nomad's names. */
const PLAIN: ReadonlySet<string> = new Set([
  'Name',
  'Namespace',
  'Region',
  'Type',
  'NodePool',
  'Driver',
  'User',
  'Kind',
]);

const metaWith = ({
  meta,
  fields,
}: {
  meta: Readonly<Record<string, string>>;
  fields: Fields;
}): Record<string, string> => {
  const entries = new Map(Object.entries(meta));
  for (const [name, value] of fields) {
    const key = /^Meta\[(.*)\]$/s.exec(name)?.[1];
    if (key === undefined) continue;
    if (value === undefined) entries.delete(key);
    else entries.set(key, value);
  }
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
};

const ofPlan = ({
  plan,
  recorded,
  namespace,
}: {
  plan: JobPlan;
  recorded: readonly Allocation[];
  namespace: string | undefined;
}): PlannedAllocations => {
  const own = recorded
    .filter(
      (one) => one.job.id === plan.id && (namespace === undefined || one.namespace === namespace) && !one.isPartial,
    )
    .toSorted((a, b) => a.createIndex - b.createIndex);
  const namespaces = [...new Set(own.map((one) => one.namespace))].sort();
  const [first = '', other] = namespaces;
  if (other !== undefined)
    throw new NvlError('usage', {
      message: `jobs of several namespaces are named ${plan.id}`,
      facts: { namespaces: namespaces.join(', ') },
      advice: 'name one: --namespace',
    });
  // Of an older one the job may be an older version.
  const last = own.at(-1);
  if (last === undefined) throw notRecorded({ plan, recorded });
  const newest = new Map(own.map((one) => [one.groupName, one]));
  const changes = new Map(plan.groups.map((group) => [group.name, group]));
  const names = [...new Set([...newest.keys(), ...changes.keys()])].filter(
    (name) => changes.get(name)?.isGone !== true,
  );
  const allocations = names.flatMap((name, index) => {
    const [change, base] = [changes.get(name), newest.get(name)];
    if (base !== undefined) return [changed({ base, job: last.job, plan, group: change, id: idOf(index) })];
    return change === undefined ? [] : addedGroup({ like: last, plan, group: change, id: idOf(index) });
  });
  return { namespace: first, job: plan.id, allocations };
};

const notRecorded = ({ plan, recorded }: { plan: JobPlan; recorded: readonly Allocation[] }): NvlError => {
  const jobs = [...new Set(recorded.map(({ job }) => job.id))].sort();
  return new NvlError('usage', {
    message: `a plan holds only what changes, and no recording has the job ${plan.id}${didYouMean(plan.id, jobs)}`,
    advice:
      'give the whole job: nomad job run -output JOBSPEC; or record a node that runs it: nvl context --record FILE',
  });
};

const changed = ({
  base,
  job,
  plan,
  group,
  id,
}: {
  base: Allocation;
  /** As it is now. */
  job: Allocation['job'];
  plan: JobPlan;
  group: PlannedGroup | undefined;
  id: string;
}): Allocation => {
  const none: Fields = new Map();
  const tasks = new Map((group?.tasks ?? []).map((task) => [task.name, task]));
  const kept = base.tasks.filter(({ name }) => tasks.get(name)?.isGone !== true);
  const known = new Set(base.tasks.map(({ name }) => name));
  const added = [...tasks.values()].filter(({ name, isGone }) => !isGone && !known.has(name));
  const newTasks =
    added.length === 0 || group === undefined
      ? []
      : (addedGroup({ like: base, plan, group: { ...group, tasks: added }, id })[0]?.tasks ?? []);
  return {
    ...base,
    id,
    job: { ...job, meta: metaWith({ meta: job.meta, fields: plan.fields }) },
    group: { ...base.group, meta: metaWith({ meta: base.group.meta, fields: group?.fields ?? none }) },
    tasks: [
      ...kept.map((task) => {
        const fields = tasks.get(task.name)?.fields ?? none;
        return { ...task, driver: fields.get('Driver') ?? task.driver, meta: metaWith({ meta: task.meta, fields }) };
      }),
      ...newTasks,
    ],
  };
};

/** A group that the job did not have: all of it is in the plan, but for what is the job's. */
const addedGroup = ({
  like,
  plan,
  group,
  id,
}: {
  like: Allocation;
  plan: JobPlan;
  group: PlannedGroup;
  id: string;
}): Allocation[] => {
  const made = readAllocation({
    ID: id,
    Name: `${plan.id}.${group.name}[0]`,
    Namespace: like.namespace,
    NodeID: like.nodeId,
    NodeName: like.nodeName,
    JobID: plan.id,
    TaskGroup: group.name,
    ClientStatus: 'pending',
    Job: { ID: plan.id, TaskGroups: [rawGroup(group)] },
  });
  if (made === undefined) return [];
  return [{ ...made, job: { ...like.job, meta: metaWith({ meta: like.job.meta, fields: plan.fields }) } }];
};
