import { messageOf } from '../errors.ts';
import type { LogAccess } from '../files/log-access.ts';
import type { Log } from '../log.ts';
import type { NodeSnapshot } from '../nomad/node-source.ts';
import type { CollectedTask } from './collect.ts';

/**
 * A link is there before its source, and away before its source goes: called between the proof and the swap. One that
 * cannot be set is its own task's trouble: all others ship, and it is tried again in each cycle. Says what is wrong now.
 */
export const setLinks = async ({
  collectedTasks,
  snapshot,
  logAccess,
  knownFaults,
  log,
}: {
  collectedTasks: readonly CollectedTask[];
  snapshot: NodeSnapshot;
  logAccess: LogAccess;
  /** What the last call gave, so that the same trouble is told once. */
  knownFaults: string;
  log: Log;
}): Promise<string> => {
  const faults: LinkFault[] = [];
  for (const { id, decision } of collectedTasks) {
    const logDir = decision.record?.logDir;
    try {
      if (!decision.isLinked) await logAccess.close({ id });
      else if (logDir !== undefined) await logAccess.open({ id, logDir, allocDir: snapshot.allocDir });
    } catch (error) {
      faults.push({ id, said: messageOf(error), error });
    }
    if (decision.event !== undefined) logEvent({ id, event: decision.event, log });
  }
  return tellFaults({ faults, knownFaults, log });
};

type LinkFault = { id: string; said: string; error: unknown };

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
