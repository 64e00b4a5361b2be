import type { EventBatch } from '../nomad/event-lines.ts';

/** What is known of the list and of the events behind it, and whether they may have parted. */
export type EventState = {
  /** The newest batch that was read: where to go on. Undefined where nothing was, or nothing that counts. */
  readonly seen: { readonly index: number; readonly key: string } | undefined;
  /** A stream is open, and has not shown yet that it goes on where the last one broke off. */
  readonly isResuming: boolean;
  /** What the known list holds for sure: every change up to this index. */
  readonly listIndex: number;
  /** The list to ask for: as it is now, since something may have been missed, or one that holds the change of this index. */
  readonly wanted: Wanted | undefined;
};

export type Wanted = { readonly isDoubt: boolean; readonly atLeast: number };

/** Nothing is known. */
export const NO_EVENTS: EventState = { seen: undefined, isResuming: false, listIndex: 0, wanted: undefined };

/** A stream has begun, asked for from `seen` on. Where there is nothing to go on behind, the list says what is. Pure. */
export const streamOpened = (state: EventState): EventState =>
  state.seen === undefined ? inDoubt(state) : { ...state, isResuming: true };

/**
 * Whether a stream goes on where the last one broke off is seen by its first batch: Nomad still has the one that was read last, and sends it again, or it has
 * let it go, and others with it. What comes later has a higher index. Pure.
 *
 * @source https://github.com/hashicorp/nomad/blob/main/nomad/stream/event_buffer.go `StartAtClosest`
 */
export const batchRead = (state: EventState, { index, key, isOurs }: Omit<EventBatch, 'kind'>): EventState => {
  const { seen, isResuming } = state;
  const isSame = seen !== undefined && index === seen.index && key === seen.key;
  const isBackwards = seen !== undefined && index < seen.index;
  const read = { ...state, seen: { index, key }, isResuming: false };
  // What was wanted before may be of a state that Nomad has no more: its indexes mean nothing then.
  if (isResuming ? !isSame : isBackwards) return { ...read, wanted: doubtOf(isOurs ? index : 0) };
  return isOurs && index > state.listIndex ? want(read, { isDoubt: false, atLeast: index }) : read;
};

/** The first batch is not there, though Nomad sends what it has at once. Pure. */
export const resumeRanOut = (state: EventState): EventState =>
  state.isResuming ? inDoubt({ ...state, isResuming: false }) : state;

/** A stream has ended. What was read counts, but where it was no event: others may have been in its place. Pure. */
export const streamLost = (state: EventState, { isGarbled }: { isGarbled: boolean }): EventState =>
  isGarbled ? { ...NO_EVENTS, wanted: doubtOf(0) } : { ...state, isResuming: false };

/** The list is being asked for: what is wanted from now on is something else. Pure. */
export const listAsked = (state: EventState, { asked }: { asked: Wanted }): EventState => ({
  ...state,
  // Its index may be lower, of a state that begins anew, and it may be on its way already when the next change of that comes.
  listIndex: asked.isDoubt ? 0 : state.listIndex,
  wanted: undefined,
});

/**
 * A list has come, of this index. One that was waited for in vain does not hold the change, since Nomad has collected the allocation: it is not asked for again.
 * Pure.
 */
export const listTaken = (state: EventState, { asked, index }: { asked: Wanted; index: number }): EventState => {
  const isWaitedFor = !asked.isDoubt && asked.atLeast > 0;
  const listIndex = isWaitedFor ? Math.max(index, asked.atLeast) : index;
  const rest = asked.isDoubt && asked.atLeast > index ? { isDoubt: false, atLeast: asked.atLeast } : undefined;
  const wanted = merge(state.wanted, rest);
  const isDone = wanted !== undefined && !wanted.isDoubt && wanted.atLeast <= listIndex;
  return { ...state, listIndex, wanted: isDone ? undefined : wanted };
};

/** The list was not to be had. Pure. */
export const listFailed = (state: EventState, { asked }: { asked: Wanted }): EventState => inDoubt(want(state, asked));

const inDoubt = (state: EventState): EventState => want(state, doubtOf(0));

const doubtOf = (atLeast: number): Wanted => ({ isDoubt: true, atLeast });

const want = (state: EventState, wanted: Wanted): EventState => ({ ...state, wanted: merge(state.wanted, wanted) });

const merge = (one: Wanted | undefined, other: Wanted | undefined): Wanted | undefined => {
  if (one === undefined || other === undefined) return one ?? other;
  return { isDoubt: one.isDoubt || other.isDoubt, atLeast: Math.max(one.atLeast, other.atLeast) };
};
