import type { Acted, CycleDeps, CycleResult, Looked, Proven } from './cycle-deps.ts';
import { troublesIn } from './remember.ts';

/** What the daemon is told of a cycle. `isSearching`: it looks for the block that makes Vector hang, so the next one is due at once. */
export const resultOf = ({
  looked,
  proven,
  acted,
  isSearching,
  deps,
}: {
  looked: Looked;
  proven: Proven;
  acted: Acted;
  isSearching: boolean;
  deps: CycleDeps;
}): CycleResult => ({
  outcome: acted.outcome,
  ...(acted.why === undefined ? {} : { why: acted.why }),
  isAssumed: acted.isAssumed === true,
  plan: proven.plan,
  refused: proven.rendered.refused,
  notes: proven.rendered.notes,
  nodeTasks: looked.nodeTasks,
  collectedTasks: looked.collectedTasks,
  nodeName: looked.snapshot.node.name,
  hasLeader: looked.snapshot.hasLeader,
  linkFaults: deps.memory.linkFaults ?? '',
  troubles: troublesIn({ deps, live: acted.outcome === 'reloaded' ? proven.plan.text : looked.live }),
  vectorPid: deps.store.read().vector?.pid,
  lookAgainMs: isSearching ? 0 : soonestOf({ looked, otherMs: deps.lookAgainMs }),
});

/** When the first of the tasks is to be looked at again; undefined: at the next interval. */
const soonestOf = ({
  looked: { collectedTasks },
  otherMs,
}: {
  looked: Looked;
  otherMs: number | undefined;
}): number | undefined => {
  const due = [
    ...collectedTasks.flatMap(({ decision }) => decision.lookAgainMs ?? []),
    ...(otherMs === undefined ? [] : [otherMs]),
  ];
  return due.length === 0 ? undefined : Math.min(...due);
};
