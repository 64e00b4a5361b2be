import { NvlError } from '../errors.ts';

/** How long something may keep silent. `signal` aborts when that has passed, or with the signal that was handed in. */
export type IdleTimeout = {
  signal: AbortSignal;
  /** So long, from now on. */
  restart(ms: number): void;
  /** The error, once the time has passed. */
  ranOut(): unknown;
  /** Nothing runs until it is started again. */
  end(): void;
};

/** A time limit that starts anew with each piece that arrives. */
export const createIdleTimeout = ({
  ms,
  shown,
  signal,
}: {
  ms: number;
  shown: string;
  signal: AbortSignal | undefined;
}): IdleTimeout => {
  const controller = new AbortController();
  const giveUp = (limitMs: number): void =>
    controller.abort(
      new NvlError('nomadAway', {
        message: `Nomad at ${shown} took longer than ${limitMs / 1000} s to answer`,
        advice: 'see whether the agent is overloaded or cut off from its servers; nomad.timeout sets the limit',
      }),
    );
  let timer: NodeJS.Timeout | undefined;
  const start = (limitMs: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      // Where nvl itself was held up, by a terminal that takes nothing, what came meanwhile is read first.
      timer = setTimeout(giveUp, GRACE_MS, limitMs);
    }, limitMs);
  };
  start(ms);
  return {
    signal: signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]),
    restart: start,
    ranOut: (): unknown => controller.signal.reason,
    end: () => clearTimeout(timer),
  };
};

const GRACE_MS = 100;
