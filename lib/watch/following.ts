import type { EventState, Wanted } from './event-state.ts';

/** What the reader of the stream and the one who asks for lists know of one another. */
export type Following = {
  state(): EventState;
  update(step: (state: EventState) => EventState): void;
  /** The list that is wanted; waits for it until `ms` have passed or `until` aborts, and is undefined then. */
  wanted(limits: { ms: number; until: AbortSignal }): Promise<Wanted | undefined>;
  /** Whether events say when to ask. Not so at first. */
  hasStream(): boolean;
  setStream(hasStream: boolean): void;
  /** Aborts when that changes, or with the signal that was handed in. */
  untilChange(): AbortSignal;
  /** The list had what no event said: the stream may be blind to it, and is to be opened anew. */
  distrust(): void;
  onDistrust(callback: () => void): void;
};

/** A state, and who waits for it to change. */
export const createFollowing = ({ start, signal }: { start: EventState; signal: AbortSignal }): Following => {
  let state = start;
  let hasStream = false;
  let change = new AbortController();
  let wake = (): void => {};
  let distrusted = (): void => {};
  return {
    state: () => state,
    update: (step) => {
      state = step(state);
      if (state.wanted !== undefined) wake();
    },
    wanted: async ({ ms, until }) => {
      if (state.wanted === undefined && !until.aborted) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = setTimeout(resolve, ms);
        const end = (): void => resolve();
        until.addEventListener('abort', end);
        wake = resolve;
        await promise;
        clearTimeout(timer);
        until.removeEventListener('abort', end);
      }
      return until.aborted ? undefined : state.wanted;
    },
    hasStream: () => hasStream,
    setStream: (next) => {
      if (next === hasStream) return;
      hasStream = next;
      change.abort();
      change = new AbortController();
    },
    untilChange: () => AbortSignal.any([signal, change.signal]),
    distrust: () => distrusted(),
    onDistrust: (callback) => {
      distrusted = callback;
    },
  };
};
