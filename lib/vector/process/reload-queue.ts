import type { Sign } from './log-line.ts';
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
  answer(event: Sign): boolean;
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
  let waiting: Ask[] = [];
  let flight: Flight | undefined;
  let sendSignal: (() => void) | undefined;
  let lastAt: number | undefined;

  const land = (result: ReloadResult): void => {
    clearTimeout(flight?.timer);
    const asks = flight?.asks ?? [];
    flight = undefined;
    for (const { resolve } of asks) resolve(result);
    takeOff();
  };

  const takeOff = (): void => {
    if (sendSignal === undefined || flight !== undefined || waiting.length === 0) return;
    lastAt = Date.now();
    flight = { asks: waiting, reasons: [], leftOut: undefined, sentAt: lastAt, timer: undefined };
    waiting = [];
    if (!hasInfo) flight.timer = setTimeout(() => land(hidden), silentMs);
    sendSignal();
  };

  const answer = (event: Sign): boolean => {
    if (flight === undefined) return event.kind === 'error' || event.kind === 'leftOut';
    const { reasons, leftOut } = flight;
    if (event.kind === 'error') reasons.push(event.words);
    else if (event.kind === 'leftOut') flight.leftOut = event.words;
    else if (event.kind === 'reloaded')
      land(leftOut === undefined ? { kind: 'reloaded' } : { kind: 'failed', why: leftOut });
    else if (event.kind === 'needsRestart') land({ kind: 'needsRestart', why: [...reasons, event.words].join('\n') });
    else if (event.kind === 'refused') land({ kind: 'refused', why: [...reasons, event.words].join('\n') });
    // Its end follows, and answers.
    else if (event.kind === 'lost') reasons.push(event.words);
    return true;
  };

  return {
    reload: ({ timeoutMs, signal, isRefused, isRead = false }) => {
      if (isRefused) return Promise.resolve({ kind: 'failed', why: 'Vector does not run' });
      if (signal?.aborted === true) return Promise.resolve(aborted);
      if (flight !== undefined && Date.now() - flight.sentAt > forgetMs) land(silence);
      return new Promise((settle) => {
        const resolve = (result: ReloadResult): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', stopWaiting);
          settle(result);
        };
        const stopWaiting = (): void => resolve(aborted);
        const ask: Ask = { resolve, isRead: isRead && sendSignal === undefined };
        const timer = setTimeout(() => resolve(tooLate({ isSent: !waiting.includes(ask), timeoutMs })), timeoutMs);
        signal?.addEventListener('abort', stopWaiting, { once: true });
        waiting.push(ask);
        takeOff();
      });
    },
    spawned: () => {
      for (const ask of waiting) ask.isRead = true;
    },
    started: ({ how, sendSignal: send }) => {
      sendSignal = send;
      const read = waiting.filter(({ isRead }) => isRead);
      waiting = waiting.filter(({ isRead }) => !isRead);
      for (const { resolve } of read) resolve(how === 'said' ? { kind: 'reloaded' } : hidden);
      takeOff();
    },
    answer,
    ended: ({ why, isFinal }) => {
      sendSignal = undefined;
      const reasons = flight?.reasons ?? [];
      land({ kind: 'failed', why: [...reasons, why].join('\n') });
      // One that ended before it had started has read the file: who asked is not kept waiting for the next that does.
      const answered = waiting.filter(({ isRead }) => isFinal || isRead);
      waiting = waiting.filter((ask) => !answered.includes(ask));
      for (const { resolve } of answered) resolve({ kind: 'failed', why });
    },
    sinceLastMs: () => (lastAt === undefined ? undefined : Date.now() - lastAt),
  };
};

type Ask = {
  resolve: (result: ReloadResult) => void;
  /** A Vector that has not said that it started yet read the configuration after this was asked. */
  isRead: boolean;
};

type Flight = {
  asks: Ask[];
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
