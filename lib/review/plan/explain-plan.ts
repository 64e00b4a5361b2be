import type { Config } from '../../config/config.ts';
import { ENABLED_KEY, readSwitch } from '../../context/enabled.ts';
import { stemOf } from '../../context/id.ts';
import { chooseProfile } from '../../context/profile.ts';
import type { TaskLabels } from '../../cost/task-labels.ts';
import type { NvlError } from '../../errors.ts';
import type { Allocation, Task } from '../../nomad/allocation.ts';
import { tasksText } from '../../plan/regroup-lines.ts';
import type { ReportError } from '../../plan/report.ts';
import { plural } from '../../plural.ts';
import { componentsOf } from '../../render/components.ts';
import { namesOfPipeline, sinkKey } from '../../render/file.ts';
import { INSTEAD_WORDS } from '../../render/refused.ts';
import { asPlain } from '../../vrl/values.ts';
import type { ReviewSide } from '../side.ts';
import type { GroupUpdates } from './read-plan.ts';

/** What a task of a planned job becomes. */
export type PlannedLogs = {
  namespace: string;
  job: string;
  group: string;
  task: string;
  /** Undefined: it is collected. */
  notCollected: string | undefined;
  profile: { name: string; why: string };
  params: Readonly<Record<string, string>>;
  labels: Readonly<Record<string, unknown>> | undefined;
  /** How many recorded tasks are in its pipeline; `former`: in which its recorded tasks are. */
  pipeline: { id: string; recorded: number; former: readonly string[] } | undefined;
  sinks: readonly string[];
  /** What becomes of log files, a line each. */
  logs: readonly string[];
  /** Why it does not ship as it asks, and how it ships then. */
  instead: { how: string; errors: readonly ReportError[] } | undefined;
};

export type PlanToExplain = {
  allocations: readonly Allocation[];
  /** By group; undefined where no plan says. */
  updates: ReadonlyMap<string, GroupUpdates> | undefined;
  before: ReviewSide;
  after: ReviewSide;
  labels: ReadonlyMap<string, TaskLabels>;
  config: Pick<Config, 'rules' | 'file'>;
  toReportError: (error: NvlError) => ReportError;
};

/** Tells of each task of a planned job what its logs become. Pure. */
export const explainPlan = (given: PlanToExplain): PlannedLogs[] =>
  given.allocations.flatMap((allocation) => allocation.tasks.map((task) => explainTask({ given, allocation, task })));

const explainTask = ({
  given: { updates, before, after, labels, config, toReportError },
  allocation,
  task,
}: {
  given: PlanToExplain;
  allocation: Allocation;
  task: Task;
}): PlannedLogs => {
  const stem = stemOf({ allocId: allocation.id, task: task.name });
  const context = after.tasks.find(({ id }) => id === stem);
  const chosen = chooseProfile({ allocation, task, rules: config.rules });
  const row = after.rendered.rows.find((one) => one.stem === stem);
  const refused = after.rendered.refused.find(({ key }) => key === stem);
  const recorded = recordedOf({ before, allocation, task });
  const former = [
    ...new Set(recorded.flatMap((one) => before.rendered.rows.find((two) => two.stem === one)?.pipeline ?? [])),
  ];
  return {
    namespace: allocation.namespace,
    job: allocation.job.id,
    group: allocation.groupName,
    task: task.name,
    notCollected: context === undefined ? whyNot({ allocation, task }) : undefined,
    profile: { name: chosen.profile, why: whyOf({ chosen, config }) },
    params: context?.params ?? {},
    labels: labelsOf({ labels: labels.get(stem), allocation }),
    pipeline: row && {
      id: row.pipeline,
      recorded: before.rendered.rows.filter((one) => one.pipeline === row.pipeline).length,
      former,
    },
    sinks: row === undefined ? [] : sinksOf({ after, pipeline: row.pipeline }),
    logs:
      row === undefined
        ? []
        : logLines({
            updates: updates?.get(allocation.groupName),
            hasPlan: updates !== undefined,
            recorded,
            former,
            pipeline: row.pipeline,
          }),
    instead: refused && {
      how: refused.instead === 'nothing' ? 'is left out' : INSTEAD_WORDS[refused.instead],
      errors: refused.errors.map(toReportError),
    },
  };
};

/** The stems of recorded tasks that the planned one takes after. */
const recordedOf = ({
  before,
  allocation: { namespace, job, groupName },
  task,
}: {
  before: ReviewSide;
  allocation: Allocation;
  task: Task;
}): string[] =>
  before.tasks
    .filter(
      (one) =>
        one.namespace === namespace &&
        one.job.id === job.id &&
        one.group.name === groupName &&
        one.task.name === task.name,
    )
    .map(({ id }) => id);

const whyNot = ({ allocation, task }: { allocation: Allocation; task: Task }): string => {
  if (task.logs.disabled) return 'its logs are disabled in the job';
  const said = readSwitch({ allocation, task });
  if (said.isOn) return 'nvl cannot read its names';
  return said.fault?.message ?? `${ENABLED_KEY} in its meta says so`;
};

const whyOf = ({
  chosen: { chosenBy },
  config,
}: {
  chosen: ReturnType<typeof chooseProfile>;
  config: Pick<Config, 'file'>;
}): string => {
  if (chosenBy.by === 'meta') return `because nvl_profile says so in the ${chosenBy.level}'s meta`;
  if (chosenBy.by === 'rule')
    return `because rule ${chosenBy.index + 1} of ${config.file ?? 'the configuration'} matches`;
  return 'because neither its meta nor a rule names another';
};

/** What only the real allocation has is said as such. */
const labelsOf = ({
  labels,
  allocation,
}: {
  labels: TaskLabels | undefined;
  allocation: Allocation;
}): PlannedLogs['labels'] => {
  const found = asPlain(labels?.get('stdout')?.nomad ?? null);
  if (typeof found !== 'object' || found === null) return undefined;
  const named = Object.entries(found).map(([name, value]): [string, unknown] => {
    if (typeof value === 'string' && value !== '' && allocation.id.startsWith(value))
      return [name, "(the allocation's)"];
    return /^node_/.test(name) ? [name, "(the node's)"] : [name, name === 'stream' ? 'stdout or stderr' : value];
  });
  return Object.fromEntries(named);
};

const sinksOf = ({ after: { rendered }, pipeline }: { after: ReviewSide; pipeline: string }): string[] => {
  const block = rendered.blocks.find(({ key }) => key === pipeline);
  const key = sinkKey(namesOfPipeline(block?.heading ?? '')?.sink);
  const sink = rendered.blocks.find((one) => one.key === key);
  return [...componentsOf(sink?.text ?? '').values()].flatMap(({ component, table }) =>
    component.kind === 'sink' ? [`${component.id} (${String((table as { type?: unknown }).type)})`] : [],
  );
};

const logLines = ({
  updates,
  hasPlan,
  recorded,
  former,
  pipeline,
}: {
  updates: GroupUpdates | undefined;
  hasPlan: boolean;
  recorded: readonly string[];
  former: readonly string[];
  pipeline: string;
}): string[] => {
  const old = former.length === 0 ? 'the pipeline that they are in' : former.join(' and ');
  const isMoved = former.length > 0 && !(former.length === 1 && former[0] === pipeline);
  const inPlace = isMoved
    ? `keeps its files, and ${pipeline} reads on where ${old} stopped: at most what was read since its last checkpoint may come twice`
    : 'keeps its files, and is read on as it is: nothing is read again';
  if (!hasPlan)
    return [
      'an allocation that is new is read from its first line',
      ...(recorded.length === 0
        ? []
        : [
            `of the ${tasksText(recorded.length)} recorded, each that Nomad replaces is read to its end by ${old}`,
            `each that Nomad updates in place ${inPlace}`,
            'which it does is in a plan: nomad job plan -json-output',
          ]),
    ];
  const { place = 0, replace = 0, inPlace: kept = 0, stop = 0, ignore = 0 } = updates ?? {};
  return [
    ...(place === 0 ? [] : [`${counted(place)} new: read from the first line`]),
    ...(replace === 0
      ? []
      : [`${counted(replace)} replaced: the new one is read from its first line, the old one to its end by ${old}`]),
    ...(kept === 0 ? [] : [`${counted(kept)} updated in place: each ${inPlace}`]),
    ...(stop === 0 ? [] : [`${counted(stop)} stopped: read to the end by ${old}`]),
    ...(ignore === 0 ? [] : [`${counted(ignore)} left as it is for now`]),
  ];
};

const counted = (count: number): string => plural(count, 'allocation');
