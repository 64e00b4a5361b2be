import { contextsOf, listNotes, optOutNotes, withStatusOf } from './collect/contexts.ts';
import { withSkips } from './collect/hand-over.ts';
import { nodeContext } from './context/context.ts';
import type { CycleDeps, Going, Looked } from './cycle-deps.ts';
import { freeze } from './plan/freeze.ts';
import { makePlan, type Plan } from './plan/plan.ts';
import { quarantinedIn } from './quarantine/refused-loads.ts';
import { idlePipelines } from './remember.ts';
import { containerLogsOf } from './render/containers/container-logs.ts';
import { blocksOf } from './render/file.ts';
import { noLastGood } from './render/last-good.ts';
import { type Rendered, renderNode } from './render/render.ts';

/** Context → render → plan. Nothing is written, and of the disk only positions of Vector's are read, for tasks that move. */
export const think = async ({
  looked,
  deps,
}: {
  looked: Looked;
  deps: CycleDeps;
}): Promise<{ rendered: Rendered; plan: Plan }> => {
  const { snapshot, live, table, rows: before, hasTables, seats, former, state, collectedTasks, positionsOf } = looked;
  const liveBlocks = blocksOf(live ?? '');
  const collected = collectedTasks.filter(({ decision }) => decision.isCollected);
  const blocks = renderNode({
    templates: deps.templates,
    tasks: contextsOf({ snapshot, collectedTasks: collected, linksDir: deps.linksDir, memo: deps.memory.contexts }),
    node: { ...nodeContext(snapshot.node), ...snapshot.node.status },
    sinkTask: withStatusOf({ snapshot, collectedTasks: collected }),
    hasSinks: deps.config.sinks !== 'none',
    linksDir: deps.linksDir,
    live: liveBlocks,
    seats,
    former,
    idle: idlePipelines({ state, now: deps.now() }),
    carried: new Set(collected.filter(({ listed }) => listed === undefined).map(({ id }) => id)),
    quarantined: quarantinedIn(deps),
    lastGood: deps.memory.lastGood ?? noLastGood,
    isMeasured: deps.config.metrics.byTask,
    containers: containersIn({ deps, collected }),
    memo: deps.memory.tasks,
  });
  const isRunning = (pipeline: string) => liveBlocks.has(pipeline);
  const rows = await withSkips({ ...deps, rows: blocks.rows, seats, isRunning, positionsOf });
  const rendered = {
    ...blocks,
    rows,
    notes: [...listNotes(snapshot), ...optOutNotes(looked.optedOut), ...blocks.notes],
  };
  return {
    rendered,
    plan: makePlan({ rendered, live: { text: live, table, rows: before, hasTables }, loaded: state.loaded }),
  };
};

/** How containers are read on this node, and the tasks that are read so. */
const containersIn = ({
  deps: { config, isEngineThere = true },
  collected,
}: {
  deps: Pick<CycleDeps, 'config' | 'isEngineThere'>;
  collected: Looked['collectedTasks'];
}): Parameters<typeof renderNode>[0]['containers'] => {
  const logs = containerLogsOf({ config, isThere: isEngineThere });
  const isContainer = ({ listed }: (typeof collected)[number]) => listed?.route === 'containers';
  return logs && { logs, tasks: new Set(collected.filter(isContainer).map(({ id }) => id)) };
};

export const goingOf = ({
  plan,
  rendered: { rows, blocks },
}: {
  plan: Plan;
  rendered: Pick<Rendered, 'rows' | 'blocks'>;
}): Going => ({
  plan,
  rows,
  pipelines: blocks.flatMap(({ key, kind }) => (kind === 'pipeline' ? [key] : [])),
});

/** While the file can't go live, new tasks join the pipelines that are. */
export const frozen = ({
  rendered,
  looked: { live, table, rows, hasTables, seats, state, collectedTasks },
}: {
  rendered: Rendered;
  looked: Looked;
}): Going | undefined => {
  if (live === undefined) return undefined;
  const blocks = blocksOf(live);
  const collected = new Set(collectedTasks.flatMap(({ id, decision }) => (decision.isCollected ? [id] : [])));
  const kept = freeze({ rendered, live: { text: live, blocks }, seats, isCollected: (stem) => collected.has(stem) });
  const plan = makePlan({ rendered: kept, live: { text: live, table, rows, hasTables }, loaded: state.loaded });
  // What is live is not what Vector runs: it stays for the proof.
  if (plan.prove) return undefined;
  return goingOf({ plan, rendered: { ...kept, blocks: [...blocks.values()] } });
};
