import type { Acted, CycleDeps, CycleResult, Going, Looked } from './cycle-deps.ts';
import { formerAfter } from './pipelines/seats.ts';
import { componentsOf } from './render/components.ts';
import { blocksOf } from './render/file.ts';
import type { TaskRecord } from './state/record.ts';
import type { State } from './state/state.ts';

/** Nothing is written where nothing changed. */
export const rememberTasks = ({
  looked,
  going,
  deps,
}: {
  looked: Looked;
  going: Going | undefined;
  deps: CycleDeps;
}): void => {
  const { troubles: _, ...state } = deps.store.read();
  // Vector may run them from now on: their positions are theirs (lib/files/remove-pins.ts).
  const coming = (going?.pipelines ?? []).filter((id) => state.pipelines?.[id] === undefined);
  const troubles = troublesIn({ deps, live: looked.live });
  // A Vector that ended while this cycle looked took with it what was known of it.
  const ofVector = ({ id, record }: { id: string; record: TaskRecord }): TaskRecord => {
    const hasEnded = looked.state.tasks[id]?.loadedAt !== undefined && state.tasks[id]?.loadedAt === undefined;
    const { loadedAt: __, ...rest } = record;
    return hasEnded ? rest : record;
  };
  deps.store.write({
    ...state,
    ...(troubles.length === 0 ? {} : { troubles }),
    nodeId: looked.snapshot.node.id,
    ...(coming.length === 0
      ? {}
      : { pipelines: { ...state.pipelines, ...Object.fromEntries(coming.map((id) => [id, {}])) } }),
    tasks: Object.fromEntries(
      looked.collectedTasks.flatMap(({ id, decision: { record } }) =>
        record === undefined ? [] : [[id, ofVector({ id, record })]],
      ),
    ),
  });
};

/** Which components of the running Vector do not deliver, by what is live. */
export const troublesIn = ({ deps, live }: { deps: CycleDeps; live: string | undefined }): CycleResult['troubles'] =>
  deps.troubles?.((sink) =>
    [...blocksOf(live ?? '').values()].some(
      ({ kind, text }) => kind === 'sink' && text.includes(sink) && componentsOf(text).has(`sink ${sink}`),
    ),
  ) ?? [];

/** What Vector runs now; a refused file leaves that as it was. It has happened, so a full disk changes nothing about it. */
export const rememberLoaded = ({ acted, going, deps }: { acted: Acted; going: Going; deps: CycleDeps }): void => {
  const { loaded: before, tasks, pipelines = {}, ...state } = deps.store.read();
  const { outcome, isAssumed, isRunning } = acted;
  const { digest, tableDigest } = going.plan;
  const isKept = outcome === 'unchanged' || outcome === 'rejected' || isRunning === true;
  const isNew = outcome === 'reloaded' || isAssumed === true;
  const at = before?.digest === digest ? before.at : deps.now();
  // Vector was told of other rows alone, and it is not known whether it has them.
  const isSameFile = before !== undefined && before.digest === digest && !going.plan.swap;
  const unsure: State['loaded'] = isSameFile ? { digest, at: before.at } : undefined;
  const loaded: State['loaded'] = isNew ? { digest, table: tableDigest, at } : isKept ? before : unsure;
  const runs = loaded?.digest === digest && loaded.table === tableDigest;
  const pipelineOf = new Map(runs ? going.rows.map(({ stem, pipeline }) => [stem, pipeline]) : []);
  deps.store.hold({
    ...state,
    tasks: Object.fromEntries(
      Object.entries(tasks).map(([id, record]) => [
        id,
        seated({ record, pipeline: pipelineOf.get(id), now: deps.now() }),
      ]),
    ),
    pipelines: runs ? pipelinesNow({ before: pipelines, going, now: deps.now() }) : pipelines,
    ...(loaded === undefined ? {} : { loaded }),
  });
};

/** A task whose row Vector has. */
const seated = ({
  record,
  pipeline,
  now,
}: {
  record: TaskRecord;
  pipeline: string | undefined;
  now: number;
}): TaskRecord => {
  if (pipeline === undefined || record.phase !== 'collected') return record;
  if (record.pipeline === pipeline && record.loadedAt !== undefined) return record;
  const { former, pipeline: from } = record;
  const isMoved = from !== undefined && from !== pipeline;
  return {
    ...record,
    pipeline,
    loadedAt: now,
    ...(isMoved ? { former: formerAfter({ former, from, to: pipeline, now }) } : {}),
  };
};

/** How long a pipeline stays that no task is in: the next one of its kind then costs a row. */
const IDLE_MS = 600_000;

const pipelinesNow = ({
  before,
  going: { rows, pipelines },
  now,
}: {
  before: NonNullable<State['pipelines']>;
  going: Going;
  now: number;
}): NonNullable<State['pipelines']> => {
  const used = new Set(rows.map(({ pipeline }) => pipeline));
  return Object.fromEntries(
    pipelines.map((id) => [id, used.has(id) ? {} : { emptySince: before[id]?.emptySince ?? now }]),
  );
};

export const idlePipelines = ({ state: { pipelines = {} }, now }: { state: State; now: number }): Set<string> =>
  new Set(
    Object.entries(pipelines).flatMap(([id, { emptySince }]) => (now - (emptySince ?? now) < IDLE_MS ? [id] : [])),
  );

/** In which pipeline Vector has the row of a task; undefined where it has none yet. */
export const seatsOf = ({
  acted,
  going,
  looked,
}: {
  acted: Acted | undefined;
  going: Going | undefined;
  looked: Looked;
}): ((id: string) => string | undefined) => {
  const isLoaded = acted?.outcome === 'reloaded' || acted?.outcome === 'unchanged' || acted?.isAssumed === true;
  const seats = new Map(
    isLoaded && going !== undefined ? going.rows.map(({ stem, pipeline }) => [stem, pipeline]) : [],
  );
  return (id) => seats.get(id) ?? (isLoaded ? undefined : looked.state.tasks[id]?.pipeline);
};
