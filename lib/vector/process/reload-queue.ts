import type { LogEvent } from './log-line.ts';
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

/**
 * One reload at a time: Vector answers each SIGHUP with one line, in order, and serves no other while it works on one.
 * Without info lines (`hasInfo`) a good end is never said: what gives no error within `silentMs` is unconfirmed. An
 * answer that has not come after `forgetMs` is no longer expected (a blocked sink makes a removal take 30 s).
 */
export const createReloadQueue = ({
  hasInfo,
  silentMs,
  forgetMs = 120_000,
}: {
  hasInfo: boolean;
  silentMs: number;
  forgetMs?: number;
}): ReloadQueue => {
  let waiting: Waiter[] = [];
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
    if (sendSignal === undefined || inFlight !== undefined || waiting.length === 0) return;
    lastAt = Date.now();
    inFlight = { waiters: waiting, reasons: [], leftOut: undefined, sentAt: lastAt, timer: undefined };
    waiting = [];
    if (!hasInfo) inFlight.timer = setTimeout(() => settle(hidden), silentMs);
    sendSignal();
  };

  const answer = (event: LogEvent): boolean => {
    if (inFlight === undefined) return event.kind === 'error' || event.kind === 'leftOut';
    const { reasons, leftOut } = inFlight;
    if (event.kind === 'error') reasons.push(event.words);
    else if (event.kind === 'leftOut') inFlight.leftOut = event.words;
    else if (event.kind === 'reloaded')
      settle(leftOut === undefined ? { kind: 'reloaded' } : { kind: 'failed', why: leftOut });
    else if (event.kind === 'needsRestart') settle({ kind: 'needsRestart', why: [...reasons, event.words].join('\n') });
    else if (event.kind === 'refused') settle({ kind: 'refused', why: [...reasons, event.words].join('\n') });
    // Its end follows, and answers.
    else if (event.kind === 'lost') reasons.push(event.words);
    return true;
  };

  return {
    reload: ({ timeoutMs, signal, isRefused, isRead = false }) => {
      if (isRefused) return Promise.resolve({ kind: 'failed', why: 'Vector does not run' });
      if (signal?.aborted === true) return Promise.resolve(aborted);
      if (inFlight !== undefined && Date.now() - inFlight.sentAt > forgetMs) settle(silence);
      return new Promise((resolvePromise) => {
        const resolve = (result: ReloadResult): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', stopWaiting);
          resolvePromise(result);
        };
        const stopWaiting = (): void => resolve(aborted);
        const waiter: Waiter = { resolve, isRead: isRead && sendSignal === undefined };
        const timer = setTimeout(() => resolve(tooLate({ isSent: !waiting.includes(waiter), timeoutMs })), timeoutMs);
        signal?.addEventListener('abort', stopWaiting, { once: true });
        waiting.push(waiter);
        sendNext();
      });
    },
    spawned: () => {
      for (const waiter of waiting) waiter.isRead = true;
    },
    started: ({ how, sendSignal: send }) => {
      sendSignal = send;
      const read = waiting.filter(({ isRead }) => isRead);
      waiting = waiting.filter(({ isRead }) => !isRead);
      for (const { resolve } of read) resolve(how === 'said' ? { kind: 'reloaded' } : hidden);
      sendNext();
    },
    answer,
    ended: ({ why, isFinal }) => {
      sendSignal = undefined;
      const reasons = inFlight?.reasons ?? [];
      settle({ kind: 'failed', why: [...reasons, why].join('\n') });
      // One that ended before it had started has read the file: who asked is not kept waiting for the next that does.
      const answered = waiting.filter(({ isRead }) => isFinal || isRead);
      waiting = waiting.filter((waiter) => !answered.includes(waiter));
      for (const { resolve } of answered) resolve({ kind: 'failed', why });
    },
    sinceLastMs: () => (lastAt === undefined ? undefined : Date.now() - lastAt),
  };
};

type Waiter = {
  resolve: (result: ReloadResult) => void;
  /** A Vector that has not said that it started yet read the configuration after this was asked. */
  isRead: boolean;
};

type InFlight = {
  waiters: Waiter[];
  reasons: string[];
  leftOut: string | undefined;
  sentAt: number;
  timer: NodeJS.Timeout | undefined;
};

const hidden: ReloadResult = {
  kind: 'unconfirmed',
  why: 'Vector hides its info lines (-q, VECTOR_LOG), so it says nothing of a reload that worked; it said nothing of an error',
};
const silence: ReloadResult = { kind: 'unconfirmed', why: 'Vector has said nothing of this reload' };
const aborted: ReloadResult = { kind: 'unconfirmed', why: 'nvl stopped waiting for it' };

const tooLate = ({ isSent, timeoutMs }: { isSent: boolean; timeoutMs: number }): ReloadResult => ({
  kind: 'unconfirmed',
  why: isSent
    ? `Vector has said nothing of the reload within ${timeoutMs / 1000} s`
    : `Vector was not ready for a reload within ${timeoutMs / 1000} s: it is starting, or busy with an earlier one`,
});
