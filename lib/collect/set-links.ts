import type { Config } from '../config/config.ts';
import { messageOf } from '../errors.ts';
import { type LogAccess, taskKey } from '../files/log-access.ts';
import type { Log } from '../log.ts';
import type { NodeSnapshot } from '../nomad/node-source.ts';
import type { CollectedTask } from './collect.ts';

/**
 * A task's files are where Vector reads before its source is live, and away before its source goes: called between the
 * proof and the swap. What cannot be done for one is its own trouble: all others ship, and it is tried again in each cycle.
 * Says what is wrong now.
 */
export const setLinks = async ({
  collectedTasks,
  snapshot,
  config,
  logAccess,
  knownFaults,
  now,
  log,
}: {
  collectedTasks: readonly CollectedTask[];
  snapshot: NodeSnapshot;
  config: Config;
  logAccess: LogAccess;
  /** What the last call gave, so that the same trouble is told once. */
  knownFaults: string;
  now: () => number;
  log: Log;
}): Promise<string> => {
  const faults: LinkFault[] = [];
  const { allocDir } = snapshot;
  for (const { id, decision } of collectedTasks) {
    const { record, isLinked, event } = decision;
    try {
      if (!isLinked) logAccess.close({ id });
      else if (record !== undefined) {
        const asVectorSees = (target: string) => seenByVector({ target, snapshot, config });
        const { allocId, task, files: restore = [] } = record;
        logAccess.open({ allocDir, allocId, task, id, restore, asVectorSees });
      }
    } catch (error) {
      faults.push({ id, said: messageOf(error) });
    }
    if (event?.kind === 'ceiling' && record !== undefined) logAccess.gaveUp({ ...record, bytes: event.bytesLeft });
    if (event !== undefined) logEvent({ id, event, log });
  }
  try {
    logAccess.settle(knownTasks({ collectedTasks, snapshot, now: now() }));
  } catch (error) {
    faults.push({ id: 'what is held', said: messageOf(error) });
  }
  return tellFaults({ faults, knownFaults, log });
};

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
  claimed: new Set(
    collectedTasks.flatMap(({ decision: { record } }) => (record === undefined ? [] : [taskKey(record)])),
  ),
  listed: listedIn(snapshot),
  isSure: snapshot.hasLeader,
  now,
});

/** Ten thousands of allocations may be over, and nobody goes through them. */
const listedIn = ({ allocations, over }: NodeSnapshot) => {
  const ids = new Set(allocations.flatMap(({ id, isPartial }) => (isPartial ? [] : [id])));
  return { has: (id: string): boolean => ids.has(id) || over?.has(id) === true };
};

type LinkFault = { id: string; said: string };

const MOST_NAMES = 5;

const tellFaults = ({
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
