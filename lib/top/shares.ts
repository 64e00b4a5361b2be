import type { PipelineUse } from './pipeline-uses.ts';
import type { By, TopRow, TopTask } from './report.ts';

/** What of a pipeline is one row's. */
export type PipelineShare = {
  key: string;
  names: Pick<TopRow, 'namespace' | 'job' | 'task'>;
  tasks: number;
  lines: number;
  bytes: number | undefined;
  /** Of all else that the pipeline did, from 0 to 1. */
  part: number;
  estimated: TopRow['estimated'];
};

/**
 * A pipeline may serve many jobs, and Vector counts by component. What is counted for each task is taken as it is; else a row gets as much as its
 * tasks write of all that the pipeline's tasks write. Where all its tasks are of one row, nothing is shared out. Pure.
 */
export const sharesOf = ({ use, by }: { use: PipelineUse; by: By }): PipelineShare[] => {
  const groups = groupsOf({ use, by });
  const { counted } = use;
  const known = new Set(use.tasks.map(({ id }) => id));
  const hasOthers = [...(counted ?? [])].some(([stem, { lines }]) => lines > 0 && !known.has(stem));
  if (by === 'pipeline' || groups.length === 0 || (groups.length === 1 && !hasOthers))
    return [wholeOf({ use, by, group: groups[0] })];
  return counted === undefined ? byWhatTheyWrite({ use, groups }) : byCounts({ use, groups, counted });
};

type Group = { key: string; names: PipelineShare['names']; members: readonly TopTask[] };

const groupsOf = ({ use: { tasks }, by }: { use: PipelineUse; by: By }): Group[] => {
  const keyOf = ({ namespace, job, task }: TopTask): string =>
    JSON.stringify(by === 'task' ? [namespace, job, task] : [namespace, job]);
  return [...Map.groupBy(tasks, keyOf)].map(([key, members]) => ({ key, names: namesOf({ members, by }), members }));
};

const namesOf = ({ members, by }: { members: readonly TopTask[]; by: By }): PipelineShare['names'] => {
  const [one] = members;
  if (one === undefined) return NOBODY;
  return { namespace: one.namespace, job: one.job, task: by === 'task' ? one.task : null };
};

const NOBODY = { namespace: null, job: null, task: null };

const wholeOf = ({ use, by, group }: { use: PipelineUse; by: By; group: Group | undefined }): PipelineShare => ({
  key: by === 'pipeline' ? use.id : (group?.key ?? use.id),
  names: by === 'pipeline' ? NOBODY : (group?.names ?? NOBODY),
  tasks: use.tasks.length,
  lines: use.lines,
  bytes: use.bytes,
  part: 1,
  estimated: { lines: false, others: false },
});

/** Lines of tasks that have just gone, or are not listed, are a row of the pipeline's own. */
const byCounts = ({
  use,
  groups,
  counted,
}: {
  use: PipelineUse;
  groups: readonly Group[];
  counted: NonNullable<PipelineUse['counted']>;
}): PipelineShare[] => {
  const known = groups.map((group) => {
    const counts = group.members.flatMap(({ id }) => counted.get(id) ?? []);
    return {
      group,
      lines: counts.reduce((sum, { lines }) => sum + lines, 0),
      bytes: counts.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  });
  const all = [...counted.values()].reduce(
    (sum, { lines, bytes }) => ({ lines: sum.lines + lines, bytes: sum.bytes + bytes }),
    { lines: 0, bytes: 0 },
  );
  const rest = {
    lines: all.lines - known.reduce((sum, { lines }) => sum + lines, 0),
    bytes: all.bytes - known.reduce((sum, { bytes }) => sum + bytes, 0),
  };
  // Only one task wrote: all that was done was done for it.
  const isOne = known.filter(({ lines }) => lines > 0).length + Number(rest.lines > 0) === 1;
  const shareOf = ({ lines, bytes }: { lines: number; bytes: number }) => ({
    lines,
    bytes,
    part: all.lines === 0 ? 0 : lines / all.lines,
    estimated: { lines: false, others: !isOne },
  });
  return [
    ...known.map(({ group: { key, names, members }, ...counts }) => ({
      key,
      names,
      tasks: members.length,
      ...shareOf(counts),
    })),
    ...(rest.lines > 0 ? [{ key: use.id, names: NOBODY, tasks: 0, ...shareOf(rest) }] : []),
  ];
};

const byWhatTheyWrite = ({ use, groups }: { use: PipelineUse; groups: readonly Group[] }): PipelineShare[] => {
  const known = groups.map(({ members }) =>
    members.reduce((sum, { bytesPerSecond }) => sum + (bytesPerSecond ?? 0), 0),
  );
  const all = known.reduce((sum, rate) => sum + rate, 0);
  // Nobody was seen to write: each task has as much as any other.
  const parts = groups.map(({ members }, index) =>
    all === 0 ? members.length / use.tasks.length : (known[index] ?? 0) / all,
  );
  return groups.map(({ key, names, members }, index) => {
    const part = parts[index] ?? 0;
    return {
      key,
      names,
      tasks: members.length,
      lines: use.lines * part,
      bytes: use.bytes === undefined ? undefined : use.bytes * part,
      part,
      estimated: { lines: true, others: true },
    };
  });
};
