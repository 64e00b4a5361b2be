import { dirname, resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import { stemOf } from '../context/id.ts';
import { taskLabels } from '../cost/task-labels.ts';
import type { Allocation } from '../nomad/allocation.ts';
import { readNode } from '../nomad/node.ts';
import type { NodeSnapshot } from '../nomad/node-source.ts';
import { toReportError } from '../plan/report.ts';
import { explainPlan, type PlannedLogs } from '../review/plan/explain-plan.ts';
import { planText } from '../review/plan/plan-text.ts';
import { plannedAllocations } from '../review/plan/planned-allocations.ts';
import { readPlan } from '../review/plan/read-plan.ts';
import { readRecordings, recordingsIn } from '../review/recordings.ts';
import { type ReviewSide, sideOf } from '../review/side.ts';
import { createVrlPool } from '../vrl/vrl-pool.ts';
import { EXIT, type Io } from '../wiring/io.ts';
import { configFor, type Flags, textFlag } from '../wiring/prepare.ts';
import { readInput } from '../wiring/read-input.ts';

/** `nvl review --plan FILE`: what the logs of a job become that somebody is about to run. */
export const reviewPlan = async ({ io, flags, file }: { io: Io; flags: Flags; file: string }): Promise<number> => {
  const planned = readPlan(await readInput({ io, file, what: 'a plan' }));
  const config = await configFor({ io, flags });
  const snapshots = await recordedNodes({ io, flags, config });
  const recorded = snapshots.flatMap(({ allocations }) => allocations);
  const { allocations } = plannedAllocations({ planned, recorded, namespace: textFlag(flags, 'namespace') });
  const before = await sideOf({ config, recordings: snapshots, isBase: false });
  const after = await sideOf({ config, recordings: withPlanned({ snapshots, allocations }), isBase: false });
  const tasks = explainPlan({
    allocations,
    updates: planned.kind === 'plan' ? planned.plan.updates : undefined,
    before,
    after,
    labels: await labelsOf({ after, allocations }),
    config,
    toReportError,
  });
  io.out(textFlag(flags, 'format') === 'json' ? `${JSON.stringify(tasks, undefined, 2)}\n` : planText(tasks));
  return tasks.some(isBroken) ? EXIT.error : EXIT.done;
};

const isBroken = ({ instead }: PlannedLogs): boolean => instead !== undefined;

/** Where the templates are reviewed, recordings lie beside them. Without any, the job is alone on a node. */
const recordedNodes = async ({
  io,
  flags,
  config,
}: {
  io: Io;
  flags: Flags;
  config: Config;
}): Promise<NodeSnapshot[]> => {
  const named = textFlag(flags, 'allocations');
  const places = [io.cwd, ...(config.file === undefined ? [] : [dirname(config.file)])];
  const files = named === undefined ? (await Promise.all(places.map(recordingsIn))).flat() : [resolve(io.cwd, named)];
  const snapshots = await readRecordings([...new Set(files)]);
  return snapshots.length > 0 ? snapshots : [{ node: readNode({}), allocations: [], allocDir: '/', hasLeader: true }];
};

/** They are placed where the job is recorded, else on the first node. */
const withPlanned = ({
  snapshots,
  allocations,
}: {
  snapshots: readonly NodeSnapshot[];
  allocations: readonly Allocation[];
}): NodeSnapshot[] => {
  const job = allocations[0]?.job.id;
  const at = Math.max(
    0,
    snapshots.findIndex((one) => one.allocations.some((other) => other.job.id === job)),
  );
  return snapshots.map((one, index) =>
    index === at ? { ...one, allocations: [...one.allocations, ...allocations] } : one,
  );
};

const labelsOf = async ({
  after: { rendered, linksDir },
  allocations,
}: {
  after: ReviewSide;
  allocations: readonly Allocation[];
}): ReturnType<typeof taskLabels> => {
  const stems = new Set(
    allocations.flatMap(({ id, tasks }) => tasks.map(({ name }) => stemOf({ allocId: id, task: name }))),
  );
  const rows = rendered.rows.filter(({ stem }) => stems.has(stem));
  const pipelines = new Set(rows.map(({ pipeline }) => pipeline));
  const blocks = rendered.blocks.filter(({ key }) => pipelines.has(key));
  const vrl = createVrlPool({ threads: 1 });
  try {
    return await taskLabels({ rendered: { blocks, rows }, text: rendered.text, linksDir, vrl });
  } finally {
    await vrl.close();
  }
};
