import { backoffMs, pause } from '../backoff.ts';
import type { CycleResult } from '../cycle-deps.ts';
import type { Log } from '../log.ts';
import { watchAllocDir } from '../watch/alloc-dir.ts';
import { watchEdits } from '../watch/edits.ts';
import { watchNomadEvents } from '../watch/nomad-events.ts';
import { watchNomadNews } from '../watch/nomad-news.ts';
import { createSettler } from '../watch/settle.ts';
import { cyclesOf } from './cycles.ts';
import { createReporter, type Reporter } from './reporter.ts';
import type { DaemonSession } from './session.ts';

/**
 * Runs cycles for one session until `signal` aborts: at each news, at each interval, and when a finished task is due.
 * Cycles never overlap, bursts settle, and nothing outside ends it: what fails is told once and tried again with growing
 * pauses.
 */
export const runSession = async ({
  session,
  log,
  signal,
  onResult,
  reporter = createReporter(log),
  offerAgainMs = 300_000,
}: {
  session: DaemonSession;
  log: Log;
  signal: AbortSignal;
  /** What each cycle came to. */
  onResult?: ((result: CycleResult) => void) | undefined;
  reporter?: Reporter;
  /** How long a block that Vector refused is left out before it is offered again, though no template was edited. */
  offerAgainMs?: number;
}): Promise<void> => {
  const { settle } = session.config.reload;
  const cycles = cyclesOf({ session, reporter, onResult, offerAgainMs, signal });
  let timer: NodeJS.Timeout | undefined;
  const cycle = async (): Promise<void> => {
    if (signal.aborted) return;
    const { lookAgainMs } = await cycles.run();
    clearTimeout(timer);
    if (!signal.aborted) timer = setTimeout(onNews, Math.max(0, lookAgainMs));
  };
  const settler = createSettler({ minMs: settle.min, maxMs: settle.max, run: cycle });
  const onNews = () => settler.wholeNews();
  const onEdit = () => {
    cycles.markStale();
    settler.news();
  };
  settler.news();
  const watches = [
    watchEdits({ paths: session.watched, onEdit, log, signal }),
    watchNode({ session, onNews, log, signal }),
  ];
  await Promise.all(watches);
  clearTimeout(timer);
  await settler.stop();
};

/** Where the node's allocations lie is Nomad's to say, and an agent that is away can't say it yet. */
const watchNode = async ({
  session,
  onNews,
  log,
  signal,
}: {
  session: DaemonSession;
  onNews: () => void;
  log: Log;
  signal: AbortSignal;
}): Promise<void> => {
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    const where = await session.locate(signal).catch(() => undefined);
    if (where !== undefined) {
      await Promise.all([
        watchNomad({ session, nodeId: where.nodeId, onNews, log, signal }),
        watchAllocDir({
          folder: where.allocDir,
          onNews: (name) => {
            // Taken first, and asked for later: it may be gone by then.
            session.logs.see({ allocDir: where.allocDir, name });
            onNews();
          },
          onLost: () => session.logs.lose(),
          log,
          signal,
        }),
      ]);
    }
    await pause(backoffMs({ attempt, random: Math.random() }), signal);
  }
};

const watchNomad = ({
  session: { config, nomad },
  ...given
}: {
  session: DaemonSession;
  nodeId: string;
  onNews: () => void;
  log: Log;
  signal: AbortSignal;
}): Promise<void> =>
  config.nomad.news === 'events'
    ? watchNomadEvents({ source: nomad, ...given })
    : watchNomadNews({ follow: nomad.follow, ...given });
