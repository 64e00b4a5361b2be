import { backoffMs } from '../backoff.ts';
import { runCycle } from '../cycle.ts';
import type { CycleResult, Outcome } from '../cycle-deps.ts';
import { asFileTrouble } from '../file-trouble.ts';
import { newMemory } from '../memory.ts';
import type { Reporter } from './reporter.ts';
import type { DaemonSession } from './session.ts';
import { keepTemplates } from './templates-in-use.ts';

export type Cycles = {
  /** Runs one, to its end. Answers after how long another is due, whatever happens before; it never rejects. */
  run(): Promise<{ lookAgainMs: number }>;
  /** Templates were edited: the next cycle reads them anew. */
  markStale(): void;
};

/** The cycles of one session, one after the other: what one leaves for the next, and what is reported of each. */
export const cyclesOf = ({
  session,
  reporter,
  onResult = () => {},
  offerAgainMs,
  signal,
}: {
  session: DaemonSession;
  reporter: Reporter;
  onResult?: ((result: CycleResult) => void) | undefined;
  offerAgainMs: number;
  signal: AbortSignal;
}): Cycles => {
  const memory = newMemory();
  const templates = keepTemplates({
    read: session.readTemplates,
    ...(session.keptTemplates !== undefined && { kept: session.keptTemplates }),
    onRead: (next) => {
      reporter.templates(next);
      session.observer?.templates(next);
      // What Vector refused may stand in a template that was fixed.
      if (!next.isUnread) memory.quarantined.clear();
    },
  });
  let failures = 0;
  let offeredAt = Date.now();

  const runOne = async (): Promise<CycleResult> => {
    const current = await templates.current();
    // It may have been a file of the team's own, or one that a program reads, and that is fixed by now.
    if (Date.now() - offeredAt >= offerAgainMs) {
      memory.quarantined.clear();
      offeredAt = Date.now();
    }
    return runCycle(await session.makeDeps({ templates: current, memory, signal }));
  };

  return {
    run: async () => {
      const startedAt = Date.now();
      try {
        const result = await runOne();
        const interval = session.nomad.intervalMs();
        reporter.result(result);
        session.observer?.result({ result, time: { startedAt, endedAt: Date.now() } });
        onResult(result);
        failures = NEEDS_RETRY.has(result.outcome) && !result.isAssumed ? failures + 1 : 0;
        return { lookAgainMs: Math.min(interval, result.lookAgainMs ?? interval, retryMs(failures) ?? interval) };
      } catch (error) {
        if (!signal.aborted) {
          reporter.failure(asFileTrouble(error));
          session.observer?.failure({ error: asFileTrouble(error), time: { startedAt, endedAt: Date.now() } });
        }
        failures += 1;
        return { lookAgainMs: retryMs(failures) ?? session.nomad.intervalMs() };
      }
    },
    markStale: templates.markStale,
  };
};

const retryMs = (failures: number): number | undefined =>
  failures === 0 ? undefined : backoffMs({ attempt: failures, random: Math.random() });

/** Outcomes that left something undone: each is tried again, with growing pauses. */
const NEEDS_RETRY: ReadonlySet<Outcome> = new Set(['unconfirmed', 'needsRestart', 'rolledBack']);
