import { backoffMs } from '../backoff.ts';
import { messageOf } from '../errors.ts';
import { isDiskTrouble } from '../file-trouble.ts';
import type { Log } from '../log.ts';

export type TakeFaults = ReturnType<typeof createTakeFaults>;

type Fault = { what: string; attempts: number; dueAt: number };

/**
 * Allocations whose log files could not be taken: each is tried again with growing pauses, and told once until it is
 * well. A disk that is full or ill is one trouble, however many it hits.
 */
export const createTakeFaults = ({ log, now }: { log: Log; now: () => number }) => {
  const faults = new Map<string, Fault>();
  return {
    failed: (allocId: string, error: unknown): void => {
      const code = codeOf(error);
      const isDisk = isDiskTrouble(error);
      const before = faults.get(allocId);
      // A message names paths that are others at each attempt.
      const what = code ?? messageOf(error);
      const isTold = before?.what === what || (isDisk && [...faults.values()].some((fault) => fault.what === what));
      const attempts = (before?.attempts ?? 0) + 1;
      const dueAt = now() + backoffMs({ attempt: attempts, random: 1, maxMs: MOST_PAUSE_MS });
      faults.set(allocId, { what, attempts, dueAt });
      if (isTold) return;
      const said = messageOf(error).slice(0, MOST_SAID);
      if (isDisk) log.error({ said }, DISK);
      else log.error({ allocation: allocId, said }, ONE);
    },
    done: (allocId: string): void => {
      const fault = faults.get(allocId);
      if (fault === undefined) return;
      faults.delete(allocId);
      if (faults.size === 0) log.info('the log files of all allocations can be taken again');
    },
    /** All that are not well yet. */
    all: () => [...faults].map(([allocId, { what }]) => ({ allocId, said: what.slice(0, MOST_SAID) })),
    /** Those to be tried now. */
    due: (): string[] => [...faults].flatMap(([allocId, { dueAt }]) => (dueAt <= now() ? [allocId] : [])),
  };
};

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

const MOST_PAUSE_MS = 10_000;
const MOST_SAID = 300;

const DISK =
  'a disk fails, so that nvl cannot take a log file, and what Nomad deletes meanwhile is lost: make room or make it writable, nvl tries again';
const ONE = 'the log files of an allocation cannot be taken; those of others are, and nvl tries again';
