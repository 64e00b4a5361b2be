import type { Config } from '../config/config.ts';
import { messageOf } from '../errors.ts';
import { type LogAccess, taskKey } from '../files/log-access.ts';
import type { Log } from '../log.ts';
import type { NodeSnapshot } from '../nomad/node-source.ts';
import type { CollectedTask } from './collect.ts';

type Linking = {
  collectedTasks: readonly CollectedTask[];
  snapshot: NodeSnapshot;
  config: Config;
  logAccess: LogAccess;
  now: () => number;
  log: Log;
};

/**
 * What was read to its end goes out of Vector's sight, and what belongs to nobody is let go. What can't be done for one is its
 * own trouble: all others ship, and it is tried again in each cycle.
 */
export const closeLinks = ({ collectedTasks, snapshot, logAccess, now, log }: Linking): LinkFault[] => {
  const faults: LinkFault[] = [];
  for (const { id, decision } of collectedTasks) {
    const { record, isLinked, event } = decision;
    if (!isLinked) attempt({ id, faults, run: () => logAccess.close({ id }) });
    if (event?.kind === 'ceiling' && record !== undefined) logAccess.gaveUp({ ...record, bytes: event.bytesLeft });
    if (event !== undefined) logEvent({ id, event, log });
  }
  const known = knownTasks({ collectedTasks, snapshot, now: now() });
  attempt({ id: 'what is held', faults, run: () => logAccess.settle(known) });
  return faults;
};

/** The files of tasks whose row Vector has: they go where their pipeline reads. */
export const openLinks = ({
  collectedTasks,
  pipelineOf,
  snapshot,
  config,
  logAccess,
}: Linking & {
  /** Undefined: Vector does not have its row yet. */ pipelineOf: (id: string) => string | undefined;
}): LinkFault[] => {
  const faults: LinkFault[] = [];
  const { allocDir } = snapshot;
  attempt({ id: 'what Vector reads', faults, run: () => logAccess.findLost() });
  for (const { id, decision } of collectedTasks) {
    const { record, isLinked } = decision;
    const pipeline = pipelineOf(id);
    if (!isLinked || record === undefined || pipeline === undefined) continue;
    const asVectorSees = (target: string) => seenByVector({ target, snapshot, config });
    const { allocId, task, files: restore = [] } = record;
    attempt({
      id,
      faults,
      run: () => logAccess.open({ allocDir, allocId, task, id, pipeline, restore, asVectorSees }),
    });
  }
  return faults;
};

const attempt = ({ id, faults, run }: { id: string; faults: LinkFault[]; run: () => void }): void => {
  try {
    run();
  } catch (error) {
    faults.push({ id, said: messageOf(error).replaceAll(ASIDE, '') });
  }
};

/** The name of a link that is being made is another one each time, and no news. */
const ASIDE = /(?<=\.aside)-\d+-\d+/g;

/** What is held and belongs to none of these is let go: its task is not collected. */
const knownTasks = ({
  collectedTasks,
  snapshot,
  now,
}: {
  collectedTasks: readonly CollectedTask[];
  snapshot: NodeSnapshot;
  now: number;
}) => ({
  linked: new Set(collectedTasks.flatMap(({ id, decision }) => (decision.isLinked ? [id] : []))),
  claimed: lazySet(() => collectedTasks.flatMap(({ decision: { record } }) => (record ? [taskKey(record)] : []))),
  listed: listedIn(snapshot),
  isSure: snapshot.hasLeader,
  now,
});

/** Ten thousands of allocations may be over, and nobody goes through them. */
const listedIn = ({ allocations, over }: NodeSnapshot) => {
  const ids = lazySet(() => allocations.flatMap(({ id, isPartial }) => (isPartial ? [] : [id])));
  return { has: (id: string): boolean => ids.has(id) || over?.has(id) === true };
};

/** A set that is made when it is first asked: mostly nothing is held, and nobody asks. */
const lazySet = (list: () => string[]): { has(item: string): boolean } => {
  let set: ReadonlySet<string> | undefined;
  return {
    has: (item) => {
      set ??= new Set(list());
      return set.has(item);
    },
  };
};

/** What is wrong with the links of a task. */
export type LinkFault = { id: string; said: string };

const MOST_NAMES = 5;

/** Tells what is wrong now, where that is something else than the last time; gives what to compare the next time with. */
export const tellLinkFaults = ({
  faults,
  knownFaults,
  log,
}: {
  faults: readonly LinkFault[];
  knownFaults: string;
  log: Log;
}): string => {
  const now = faults.map(({ id, said }) => `${id}: ${said}`).join('\n');
  if (now === knownFaults) return knownFaults;
  const [first] = faults;
  if (first === undefined) log.info('the links of all tasks can be set again');
  else {
    const tasks = faults.slice(0, MOST_NAMES).map(({ id }) => id);
    // A path can be as long as what made it too long.
    const said = first.said.slice(0, MOST_SAID);
    log.error(
      { tasks, count: faults.length, said },
      'the link of a task cannot be set, so that Vector does not see its log as it should: see what is wrong with the place that is named; all others ship, and nvl tries again',
    );
  }
  return now;
};

const MOST_SAID = 300;

/** A Vector in a container may see the allocations' folder under another path. Only a symbolic link names it. */
const seenByVector = ({
  target,
  snapshot,
  config,
}: {
  target: string;
  snapshot: NodeSnapshot;
  config: Config;
}): string =>
  config.vector.allocDir !== undefined && target.startsWith(`${snapshot.allocDir}/`)
    ? `${config.vector.allocDir}${target.slice(snapshot.allocDir.length)}`
    : target;

const logEvent = ({
  id,
  event,
  log,
}: {
  id: string;
  event: NonNullable<CollectedTask['decision']['event']>;
  log: Log;
}): void => {
  if (event.kind === 'ceiling') {
    log.warn({ task: id, bytesLeft: Number(event.bytesLeft) }, 'gave up waiting for Vector to read a finished task');
  } else log.debug({ task: id }, `task ${event.kind}`);
};
