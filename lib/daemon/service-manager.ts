import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';

/** Who started the daemon is told how it stands. No call waits, and none fails. */
export type ServiceManager = {
  /** It works; `status` is how, for people. Told once, and again when the status is another one. */
  ready(status: string): void;
  /** It reads its configuration again; the next `ready` ends that. */
  reloading(): void;
  /** It ends; nothing that comes later counts. */
  stopping(status: string): void;
  /** Resolves when all was told, or after `maxMs`. */
  close(options: { maxMs: number }): Promise<void>;
};

/** Hands assignments to the service manager, such as `READY=1`; rejects where they did not arrive. */
export type Notify = (assignments: readonly string[], options: { signal: AbortSignal }) => Promise<void>;

/**
 * Tells a service manager in the words of sd_notify(3). What counts is how things stand, not each step on the way: while one
 * message is under way, the newest of all others waits. What did not arrive is told again with the next call.
 *
 * @source https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
 */
export const createServiceManager = ({ notify, log }: { notify: Notify; log: Log }): ServiceManager => {
  const giveUp = new AbortController();
  let wanted: Standing = { phase: 'starting', status: '' };
  let told = wanted;
  let telling: Promise<void> | undefined;
  let hasFailed = false;

  const tellAll = async (): Promise<void> => {
    while (wanted !== told) {
      const now = wanted;
      try {
        await notify(assignmentsFor({ from: told, to: now }), { signal: giveUp.signal });
      } catch (error) {
        if (!hasFailed && !giveUp.signal.aborted)
          log.warn({ err: error }, `the service manager cannot be told how nvl stands: ${messageOf(error)}`);
        hasFailed = true;
        return;
      }
      if (hasFailed) log.info('the service manager can be told again how nvl stands');
      hasFailed = false;
      told = now;
    }
  };

  const want = (next: Standing): void => {
    if (wanted.phase === 'stopping') return;
    if (next.phase !== wanted.phase || next.status !== wanted.status) wanted = next;
    telling ??= tellAll().finally(() => {
      telling = undefined;
    });
  };

  return {
    ready: (status) => want({ phase: 'ready', status: oneLine(status) }),
    reloading: () => want({ phase: 'reloading', status: wanted.status }),
    stopping: (status) => want({ phase: 'stopping', status: oneLine(status) }),
    close: async ({ maxMs }) => {
      const timer = setTimeout(() => giveUp.abort(), maxMs);
      await telling;
      clearTimeout(timer);
    },
  };
};

type Standing = { phase: 'starting' | 'ready' | 'reloading' | 'stopping'; status: string };

const assignmentsFor = ({ from, to }: { from: Standing; to: Standing }): string[] => [
  ...(from.phase === to.phase ? [] : PHASE_WORDS[to.phase]()),
  ...(from.status === to.status ? [] : [`STATUS=${to.status}`]),
];

const PHASE_WORDS: Readonly<Record<Standing['phase'], () => string[]>> = {
  starting: () => [],
  ready: () => ['READY=1'],
  // When it began, by the clock that systemd uses; libuv's is the same one.
  reloading: () => ['RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1_000n}`],
  stopping: () => ['STOPPING=1'],
};

const MAX_CHARACTERS = 200;

/** An assignment ends with its line: what an error says, which may hold a job's own words, must not become a second one. */
const oneLine = (text: string): string => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be in it.
  const line = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
  return line.length > MAX_CHARACTERS ? `${line.slice(0, MAX_CHARACTERS - 1)}…` : line;
};
