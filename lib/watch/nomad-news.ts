import { backoffMs, pause } from '../backoff.ts';
import { NvlError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { TakenAnswer } from '../nomad/known-list.ts';
import { listGapMs } from '../nomad/list-pace.ts';
import { createReportedFaults } from '../reported-faults.ts';
import { asFields, newsFault } from './news-fault.ts';

/**
 * Asks Nomad again and again for an allocation list newer than the last, and calls `onNews` when there is one, also
 * after the first answer. Resolves when `signal` aborts, and never rejects: while Nomad is away it asks with growing
 * pauses. That an allocation was garbage-collected is no news to Nomad: the list that comes when it has waited in vain
 * shows it.
 */
export const watchNomadNews = async ({
  follow: ask,
  nodeId,
  onNews,
  log,
  signal,
  gapMs = 50,
  random = Math.random,
  wait = pause,
}: {
  /** Waits for a list newer than this index. */
  follow: (question: { index: number; signal: AbortSignal }) => Promise<TakenAnswer>;
  /** For messages. */
  nodeId: string;
  onNews: () => void;
  log: Log;
  signal: AbortSignal;
  /** The least time from one question to the next; it grows with the list, and to 1 s while answers bring no news. */
  gapMs?: number;
  random?: () => number;
  wait?: typeof pause;
}): Promise<void> => {
  let position = START;
  let quietAnswers = 0;
  let failures = 0;
  const reported = createReportedFaults();

  while (!signal.aborted) {
    const askedAt = performance.now();
    try {
      const { index, isEmpty, isChanged, bytes } = await ask({ index: position.index, signal });
      if (signal.aborted) return;
      const step = follow(position, { index: waitable(index), isEmpty });
      const isNews = step.isNews || isChanged;
      position = step.next;
      quietAnswers = isNews ? 0 : quietAnswers + 1;
      failures = 0;
      if (reported.isAny()) log.info({ node: nodeId }, 'Nomad is back');
      reported.clear();
      if (isNews) onNews();
      await wait(restOfGap({ gapMs: listGapMs({ gapMs, bytes }), quietAnswers, askedAt }), signal);
    } catch (error) {
      if (signal.aborted) return;
      if (reported.isNew(error)) log.warn({ node: nodeId, ...asFields(error) }, newsFault(error));
      // Not waiting for news shows at once that Nomad is back, and does not trust an index of before.
      position = { ...position, index: 0 };
      await wait(backoffMs({ attempt: failures++, random: random() }), signal);
    }
  }
};

/** `index` is what to ask with, 0 for an answer at once; `seen` and `wasEmpty` are of the last answer. */
export type Position = { index: number; seen: number | undefined; wasEmpty: boolean };

const START: Position = { index: 0, seen: undefined, wasEmpty: false };

/**
 * An index that goes backwards (a restored snapshot, or the newest allocation garbage-collected) starts over at 0, as
 * Nomad's rule for blocking queries wants it. A node without allocations gets the index of the whole cluster's, so one
 * empty list after the other is no news.
 */
export const follow = (
  position: Position,
  { index, isEmpty }: { index: number; isEmpty: boolean },
): { isNews: boolean; next: Position } => {
  const isFirst = position.seen === undefined;
  const isBackwards = position.seen !== undefined && index < position.seen;
  return {
    isNews: isFirst || (index !== position.seen && !(isEmpty && position.wasEmpty)),
    next: { index: isBackwards ? 0 : index, seen: index, wasEmpty: isEmpty },
  };
};

/** Without an index there is nothing to wait for, and asking on would be polling as fast as it goes. */
const waitable = (index: number): number => {
  if (index > 0) return index;
  throw new NvlError('nomadAnswer', {
    message: "Nomad's answer has no X-Nomad-Index",
    advice: 'see what stands between nvl and Nomad, and let it pass that header; until then nvl only polls',
  });
};

const QUIET_GAP_MS = 1_000;

const restOfGap = ({
  gapMs,
  quietAnswers,
  askedAt,
}: {
  gapMs: number;
  quietAnswers: number;
  askedAt: number;
}): number => {
  const wantedMs = quietAnswers === 0 ? gapMs : Math.max(gapMs, Math.min(QUIET_GAP_MS, gapMs * 2 ** quietAnswers));
  return Math.max(0, wantedMs - (performance.now() - askedAt));
};
