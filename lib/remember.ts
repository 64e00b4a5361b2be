import type { Acted, CycleDeps, CycleResult, Looked, Memory, Proven } from './cycle-deps.ts';
import { componentsOf } from './render/components.ts';
import { blocksOf } from './render/file.ts';
import { withSound } from './render/last-good.ts';
import type { TaskRecord } from './state/record.ts';

/** Nothing is written where nothing changed. */
export const rememberTasks = ({ looked, deps }: { looked: Looked; deps: CycleDeps }): void => {
  const { troubles: _, ...state } = deps.store.read();
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

/** What Vector has taken is good, until it dies of it. */
export const rememberGood = ({ acted, proven, memory }: { acted: Acted; proven: Proven; memory: Memory }): void => {
  const isTaken = acted.outcome === 'reloaded' || acted.outcome === 'unchanged' || acted.isAssumed === true;
  if (isTaken) memory.lastGood = withSound(memory.lastGood, proven.rendered.sound);
};

/** What Vector runs now; a refused file leaves that as it was. It has happened, so a full disk changes nothing about it. */
export const rememberLoaded = ({ acted, proven, deps }: { acted: Acted; proven: Proven; deps: CycleDeps }): void => {
  const { loaded: before, tasks, ...state } = deps.store.read();
  const { outcome, isAssumed, isRunning } = acted;
  const isKept = outcome === 'unchanged' || outcome === 'rejected' || isRunning === true;
  const isNew = outcome === 'reloaded' || isAssumed === true;
  const loaded = isNew ? { digest: proven.plan.digest, at: deps.now() } : isKept ? before : undefined;
  const runs = loaded?.digest === proven.plan.digest;
  const keys = new Set(runs ? proven.rendered.blocks.map(({ key }) => key) : []);
  deps.store.hold({
    ...state,
    tasks: Object.fromEntries(
      Object.entries(tasks).map(([id, record]) => [
        id,
        record.loadedAt === undefined && record.phase === 'collected' && keys.has(id)
          ? { ...record, loadedAt: deps.now() }
          : record,
      ]),
    ),
    ...(loaded === undefined ? {} : { loaded }),
  });
};
