import type { CycleResult } from '../cycle-deps.ts';
import { type ErrorCode, messageOf, NvlError } from '../errors.ts';
import { insteadLine } from '../render/refused.ts';
import { describeTrouble, troubleAdvice } from '../vector/process/delivery.ts';
import type { CycleStatus, FaultStatus } from './status.ts';

/** What is remembered of cycles for people who ask: the last one, and what is wrong since when. */
export type CycleLog = {
  last: CycleStatus | undefined;
  lastGoodListAt: number | undefined;
  /** Of the cycle as a whole. */
  cycleFaults: readonly FaultStatus[];
  /** Of what it found out about tasks, sinks and links. */
  foundFaults: readonly FaultStatus[];
  templateFaults: readonly FaultStatus[];
};

export const EMPTY_LOG: CycleLog = {
  last: undefined,
  lastGoodListAt: undefined,
  cycleFaults: [],
  foundFaults: [],
  templateFaults: [],
};

/** When a cycle began and ended, in ms since the epoch. */
export type CycleTime = { startedAt: number; endedAt: number };

/** The log after a cycle that came to its end. Pure. */
export const withResult = ({
  log,
  result,
  time,
}: {
  log: CycleLog;
  result: CycleResult;
  time: CycleTime;
}): CycleLog => {
  const { outcome, why, plan, hasLeader } = result;
  const { added, changed, removed } = plan.changes;
  const changes = { added: added.length, changed: changed.length, removed: removed.length };
  const at = time.endedAt;
  return {
    ...log,
    last: { ...lastOf(time), outcome, changes, said: why?.message ?? null },
    lastGoodListAt: hasLeader ? time.startedAt : log.lastGoodListAt,
    cycleFaults: withSince({ before: log.cycleFaults, now: cycleFaultsOf({ log, result }), at }),
    foundFaults: withSince({ before: log.foundFaults, now: foundIn(result), at }),
  };
};

/** The log after one that came to no end: what was found before still holds. Pure. */
export const withFailure = ({ log, error, time }: { log: CycleLog; error: unknown; time: CycleTime }): CycleLog => {
  const changes = { added: 0, changed: 0, removed: 0 };
  const level = error instanceof NvlError && OF_NOMAD.has(error.code) ? 'yellow' : 'red';
  const now = [faultOf({ level, kind: 'cycle', about: null, error })];
  return {
    ...log,
    last: { ...lastOf(time), outcome: 'failed', changes, said: messageOf(error) },
    cycleFaults: withSince({ before: log.cycleFaults, now, at: time.endedAt }),
  };
};

/** While Nomad is away all goes on as it is: a new leader must not look like a bad roll-out of templates on every node. */
const OF_NOMAD: ReadonlySet<string> = new Set<ErrorCode>(['nomadAway', 'nomadAnswer']);

/** The log after templates were read. Pure. */
export const withTemplates = ({
  log,
  faults,
  at,
}: {
  log: CycleLog;
  faults: readonly NvlError[];
  at: number;
}): CycleLog => {
  const now = faults.map((error) =>
    faultOf({ level: 'red', kind: 'template', about: error.facts.from ?? null, error }),
  );
  return { ...log, templateFaults: withSince({ before: log.templateFaults, now, at }) };
};

const lastOf = ({ startedAt, endedAt }: CycleTime): Pick<CycleStatus, 'at' | 'tookMs'> => ({
  at: startedAt,
  tookMs: endedAt - startedAt,
});

/** A cycle that was overtaken says nothing of how things are, and what is assumed is no fault. */
const cycleFaultsOf = ({
  log,
  result: { outcome, why, isAssumed },
}: {
  log: CycleLog;
  result: CycleResult;
}): readonly FaultStatus[] => {
  if (why !== undefined)
    return [faultOf({ level: isAssumed ? 'yellow' : 'red', kind: 'cycle', about: null, error: why })];
  return outcome === 'unchanged' || outcome === 'reloaded' ? [] : log.cycleFaults;
};

const foundIn = ({ refused, notes, troubles, vectorPid, linkFaults }: CycleResult): FaultStatus[] => [
  ...refused.flatMap((block) =>
    block.errors.map((error) => ({
      ...faultOf({ level: 'red', kind: 'quarantine', about: block.heading, error }),
      message: `${insteadLine(block)}: ${error.message}`,
    })),
  ),
  ...troubles.map(
    (trouble): FaultStatus => ({
      level: trouble.kind === 'drops' ? 'red' : 'yellow',
      kind: 'delivery',
      about: trouble.component,
      since: trouble.since,
      message: describeTrouble(trouble, undefined),
      said: trouble.said,
      advice: troubleAdvice(trouble, vectorPid) ?? null,
    }),
  ),
  ...(linkFaults === '' ? [] : [linkFault(linkFaults)]),
  ...notes.flatMap(({ heading, errors }) =>
    errors.map((error) => faultOf({ level: 'yellow', kind: 'note', about: heading, error })),
  ),
];

const linkFault = (said: string): FaultStatus => ({
  level: 'red',
  kind: 'take',
  about: null,
  since: null,
  message: 'links of tasks cannot be set, so that Vector does not see their logs as it should',
  said: said.slice(0, MOST_SAID),
  advice: 'see what is wrong with the place that is named; nvl tries again',
});

/** Vector may say a lot. */
const MOST_SAID = 1_000;

const faultOf = ({
  error,
  ...fault
}: Pick<FaultStatus, 'level' | 'kind' | 'about'> & { error: unknown }): FaultStatus => ({
  ...fault,
  since: null,
  message: messageOf(error),
  said: (error instanceof NvlError && error.facts.said?.slice(0, MOST_SAID)) || null,
  advice: (error instanceof NvlError && error.advice) || null,
});

/** What was wrong before in the same way is so since then. */
const withSince = ({
  before,
  now,
  at,
}: {
  before: readonly FaultStatus[];
  now: readonly FaultStatus[];
  at: number;
}): readonly FaultStatus[] => {
  const known = new Map(before.map((fault) => [sameFault(fault), fault.since]));
  return now.map((fault) => ({ ...fault, since: fault.since ?? known.get(sameFault(fault)) ?? at }));
};

const sameFault = ({ kind, about, message }: FaultStatus): string => JSON.stringify([kind, about, message]);
