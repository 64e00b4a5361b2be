import { backoffMs, pause } from '../backoff.ts';
import type { Log } from '../log.ts';
import type { FollowQuestion, TakenAnswer } from '../nomad/known-list.ts';
import { listGapMs } from '../nomad/list-pace.ts';
import { createReportedFaults } from '../reported-faults.ts';
import { listAsked, listFailed, listTaken, type Wanted } from './event-state.ts';
import type { Following } from './following.ts';
import { asFields, newsFault } from './news-fault.ts';

/**
 * Asks for the list whenever events call for it, and at each interval, until `until` aborts. Calls `onNews` when it is another than before, and the first time. Never
 * rejects: where the list is not to be had it is asked for with growing pauses.
 */
export const takeLists = async ({
  follow,
  following,
  intervalMs,
  nodeId,
  onNews,
  log,
  until,
  random = Math.random,
}: {
  follow: (question: FollowQuestion) => Promise<TakenAnswer>;
  following: Following;
  intervalMs: () => number;
  nodeId: string;
  onNews: () => void;
  log: Log;
  until: AbortSignal;
  random?: () => number;
}): Promise<void> => {
  const reported = createReportedFaults();
  let failures = 0;
  let isFirst = true;
  while (!until.aborted) {
    const told = await following.wanted({ ms: intervalMs(), until });
    if (until.aborted) return;
    const asked = told ?? AS_IT_IS;
    const askedAt = performance.now();
    following.update((state) => listAsked(state, { asked }));
    try {
      const { index, isChanged, bytes } = await follow(questionOf({ asked, until }));
      following.update((state) => listTaken(state, { asked, index }));
      if (isChanged || isFirst) onNews();
      if (isChanged && told === undefined && following.state().wanted === undefined) following.distrust();
      if (reported.isAny()) log.info({ node: nodeId }, 'Nomad is back');
      reported.clear();
      [failures, isFirst] = [0, false];
      await pause(Math.max(0, listGapMs({ gapMs: GAP_MS, bytes }) - (performance.now() - askedAt)), until);
    } catch (error) {
      following.update((state) => listFailed(state, { asked }));
      if (until.aborted) return;
      if (reported.isNew(error)) log.warn({ node: nodeId, ...asFields(error) }, newsFault(error));
      await pause(backoffMs({ attempt: failures++, random: random() }), until);
    }
  }
};

/** At an interval. */
const AS_IT_IS: Wanted = { isDoubt: true, atLeast: 0 };

/**
 * The server that answers may lag behind the one that tells events: it is asked for a list that is newer than the change before, and holds its answer back until it has that.
 */
const questionOf = ({ asked, until }: { asked: Wanted; until: AbortSignal }): FollowQuestion =>
  asked.isDoubt
    ? { index: 0, isFresh: true, signal: until }
    : { index: asked.atLeast - 1, waitMs: CATCH_UP_MS, signal: until };

/** An allocation that Nomad has collected meanwhile raises no index: such a list is waited for in vain. */
const CATCH_UP_MS = 5_000;

/** Bursts of events are one question. */
const GAP_MS = 50;
