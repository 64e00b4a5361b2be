import type { LogEvent } from './log-line.ts';
import { hear, NOTHING_HEARD, type ReloadWords } from './reload-answer.ts';
import type { ReloadResult } from './reload-result.ts';

/** What a supervisor tells about its Vector, and who wants a reload of it: when to signal, and what an answer answers. */
export type ReloadQueue = {
  /**
   * Wants a reload; several that wait are folded into one. It is made even when `timeoutMs` has passed before. `isRead`: a
   * Vector that has not started yet has read what is live; its start is the answer.
   */
  reload(o: { timeoutMs: number; signal?: AbortSignal; isRefused: boolean; isRead?: boolean }): Promise<ReloadResult>;
  /** A Vector is about to read its configuration: that answers all who wait so far. */
  spawned(): void;
  /** It may be signalled from now on: earlier a SIGHUP kills it. */
  started(o: { how: 'said' | 'silent'; sendSignal: () => void }): void;
  /** False when nobody waits for such an answer. */
  answer(event: LogEvent): boolean;
  ended(o: { why: string; isFinal: boolean }): void;
  sinceLastMs(): number | undefined;
};

export type ReloadQueueOptions = {
  /** Without info lines a good end is never said: what gives no error within `silentMs` is unconfirmed. */
  hasInfo: boolean;
  silentMs: number;
  /** An answer that has not come by then is no longer expected (a blocked sink makes a removal take 30 s). */
  forgetMs?: number;
};

/** One reload at a time: Vector answers each SIGHUP with one line, in order, and serves no other while it works on one. */
export const createReloadQueue = ({ hasInfo, silentMs, forgetMs = 120_000 }: ReloadQueueOptions): ReloadQueue => {
  const waiting = createWaitingList();
  let inFlight: InFlight | undefined;
  let sendSignal: (() => void) | undefined;
  let lastAt: number | undefined;

  const settle = (result: ReloadResult): void => {
    clearTimeout(inFlight?.timer);
    const waiters = inFlight?.waiters ?? [];
    inFlight = undefined;
    for (const { resolve } of waiters) resolve(result);
    sendNext();
  };

  const sendNext = (): void => {
    if (sendSignal === undefined || inFlight !== undefined || waiting.isEmpty()) return;
    lastAt = Date.now();
    inFlight = { waiters: waiting.takeAll(), heard: NOTHING_HEARD, sentAt: lastAt, timer: undefined };
    if (!hasInfo) inFlight.timer = setTimeout(() => settle(HIDDEN), silentMs);
    sendSignal();
  };

  const answer = (event: LogEvent): boolean => {
    if (inFlight === undefined) return event.kind === 'error' || event.kind === 'leftOut';
    const step = hear({ heard: inFlight.heard, event });
    if ('result' in step) settle(step.result);
    else inFlight.heard = step.heard;
    return true;
  };

  return {
    reload: ({ timeoutMs, signal, isRefused, isRead = false }) => {
      if (isRefused) return Promise.resolve({ kind: 'failed', why: 'Vector does not run' });
      if (signal?.aborted === true) return Promise.resolve(ABORTED);
      if (inFlight !== undefined && Date.now() - inFlight.sentAt > forgetMs) settle(SILENCE);
      const isSent = (): boolean => !waiting.has(waiter);
      const waiter = createWaiter({ isRead: isRead && sendSignal === undefined, isSent, timeoutMs, signal });
      waiting.add(waiter);
      sendNext();
      return waiter.result;
    },
    spawned: waiting.markRead,
    started: ({ how, sendSignal: send }) => {
      sendSignal = send;
      waiting.answer({ fits: ({ isRead }) => isRead, result: how === 'said' ? { kind: 'reloaded' } : HIDDEN });
      sendNext();
    },
    answer,
    ended: ({ why, isFinal }) => {
      sendSignal = undefined;
      settle({ kind: 'failed', why: [...(inFlight?.heard.reasons ?? []), why].join('\n') });
      // One that ended before it had started has read the file: who asked is not kept waiting for the next that does.
      waiting.answer({ fits: ({ isRead }) => isFinal || isRead, result: { kind: 'failed', why } });
    },
    sinceLastMs: () => (lastAt === undefined ? undefined : Date.now() - lastAt),
  };
};

type Waiter = {
  result: Promise<ReloadResult>;
  resolve: (result: ReloadResult) => void;
  /** A Vector that has not said that it started yet read the configuration after this was asked. */
  isRead: boolean;
};

/** Who wants a reload that Vector was not asked for yet. */
const createWaitingList = () => {
  let waiting: Waiter[] = [];
  return {
    isEmpty: () => waiting.length === 0,
    has: (waiter: Waiter) => waiting.includes(waiter),
    add: (waiter: Waiter): void => void waiting.push(waiter),
    markRead: (): void => {
      for (const waiter of waiting) waiter.isRead = true;
    },
    takeAll: (): Waiter[] => {
      const all = waiting;
      waiting = [];
      return all;
    },
    answer: ({ fits, result }: { fits: (waiter: Waiter) => boolean; result: ReloadResult }): void => {
      const answered = waiting.filter(fits);
      waiting = waiting.filter((waiter) => !answered.includes(waiter));
      for (const { resolve } of answered) resolve(result);
    },
  };
};

/** Who wants a reload: whatever comes first answers it, Vector, the time limit or the end of nvl. */
const createWaiter = ({
  isRead,
  timeoutMs,
  signal,
  isSent,
}: {
  isRead: boolean;
  timeoutMs: number;
  signal: AbortSignal | undefined;
  isSent: () => boolean;
}): Waiter => {
  const { promise: result, resolve: answer } = Promise.withResolvers<ReloadResult>();
  const stopWaiting = (): void => resolve(ABORTED);
  const timer = setTimeout(() => resolve(tooLate({ isSent: isSent(), timeoutMs })), timeoutMs);
  const resolve = (given: ReloadResult): void => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stopWaiting);
    answer(given);
  };
  signal?.addEventListener('abort', stopWaiting, { once: true });
  return { result, resolve, isRead };
};

type InFlight = {
  waiters: Waiter[];
  heard: ReloadWords;
  sentAt: number;
  timer: NodeJS.Timeout | undefined;
};

const HIDDEN: ReloadResult = {
  kind: 'unconfirmed',
  why: 'Vector hides its info lines (-q, VECTOR_LOG), so it says nothing of a reload that worked; it said nothing of an error',
};
const SILENCE: ReloadResult = { kind: 'unconfirmed', why: 'Vector has said nothing of this reload' };
const ABORTED: ReloadResult = { kind: 'unconfirmed', why: 'nvl stopped waiting for it' };

const tooLate = ({ isSent, timeoutMs }: { isSent: boolean; timeoutMs: number }): ReloadResult => ({
  kind: 'unconfirmed',
  why: isSent
    ? `Vector has said nothing of the reload within ${timeoutMs / 1000} s`
    : `Vector was not ready for a reload within ${timeoutMs / 1000} s: it is starting, or busy with an earlier one`,
});
