import { backoffMs, pause } from './backoff.ts';
import type { Config } from './config/config.ts';
import { runCycle } from './cycle.ts';
import type { CycleDeps, CycleResult, Outcome } from './cycle-deps.ts';
import { describeError, NvlError } from './errors.ts';
import { asFileTrouble } from './file-trouble.ts';
import type { Log } from './log.ts';
import { newMemory } from './memory.ts';
import type { NomadClient } from './nomad/client.ts';
import { withLastGood } from './render/last-good.ts';
import { insteadWords } from './render/refused.ts';
import type { Templates } from './render/templates.ts';
import { createReportedFaults, type ReportedFaults } from './reported-faults.ts';
import { type DeliveryTrouble, describeTrouble } from './vector/process/delivery.ts';
import { watchAllocDir } from './watch/alloc-dir.ts';
import { watchEdits } from './watch/edits.ts';
import { watchNomadNews } from './watch/nomad-news.ts';
import { createSettler } from './watch/settle.ts';

/** What one daemon is made of for one reading of its configuration. */
export type Session = {
  config: Config;
  client: NomadClient;
  /** Which node this is and where its allocations lie; rejects while Nomad is away. */
  locate: (signal: AbortSignal) => Promise<{ nodeId: string; allocDir: string }>;
  readTemplates: () => Promise<Templates>;
  /** Folders and files whose edits call for another look. */
  watched: readonly string[];
  makeDeps: (given: { templates: Templates; memory: CycleDeps['memory']; signal: AbortSignal }) => Promise<CycleDeps>;
};

/**
 * Runs cycles for one session until `signal` aborts: at each news, at each interval, and when a finished task is due.
 * Cycles never overlap, bursts settle, and nothing outside ends it: what fails is told once and tried again with growing
 * pauses.
 */
export const runSession = async ({
  session,
  log,
  signal,
  offerAgainMs = 300_000,
}: {
  session: Session;
  log: Log;
  signal: AbortSignal;
  /** How long a block that Vector refused is left out before it is offered again, though no template was edited. */
  offerAgainMs?: number;
}): Promise<void> => {
  const { config } = session;
  const memory = newMemory();
  const reporter = createReporter(log);
  let templates: { good: Templates; isStale: boolean } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let offeredAt = Date.now();

  const lookAgain = (afterMs: number) => {
    clearTimeout(timer);
    if (!signal.aborted) timer = setTimeout(() => settler.news(), Math.max(0, afterMs));
  };

  /** A folder that is away for a while, as in a checkout, must not keep what runs from going on. */
  const readTemplates = async (last: Templates | undefined): Promise<Templates & { isUnread: boolean }> => {
    try {
      return { ...(await session.readTemplates()), isUnread: false };
    } catch (error) {
      if (last === undefined || !(error instanceof NvlError)) throw error;
      return { ...last, faults: [error], isUnread: true };
    }
  };

  const cycle = async (): Promise<void> => {
    if (signal.aborted) return;
    try {
      if (templates === undefined || templates.isStale) {
        const next = await readTemplates(templates?.good);
        reporter.templates(next);
        // What Vector refused may stand in a template that was mended.
        if (!next.isUnread) memory.barred.clear();
        templates = { good: withLastGood({ next, last: templates?.good }), isStale: next.isUnread };
      }
      // It may have been a file of the team's own, or one that a program reads, and that is mended by now.
      if (Date.now() - offeredAt >= offerAgainMs) {
        memory.barred.clear();
        offeredAt = Date.now();
      }
      const result = await runCycle(await session.makeDeps({ templates: templates.good, memory, signal }));
      reporter.result(result);
      failures = NEEDS_RETRY.has(result.outcome) && !result.isAssumed ? failures + 1 : 0;
      const retryMs = failures === 0 ? config.nomad.interval : backoffMs({ attempt: failures, random: Math.random() });
      lookAgain(Math.min(config.nomad.interval, result.lookAgainMs ?? config.nomad.interval, retryMs));
    } catch (error) {
      if (signal.aborted) return;
      reporter.failure(asFileTrouble(error));
      failures += 1;
      lookAgain(backoffMs({ attempt: failures, random: Math.random() }));
    }
  };

  const settler = createSettler({ minMs: config.reload.settle.min, maxMs: config.reload.settle.max, run: cycle });
  const onNews = () => settler.news();
  const onEdit = () => {
    if (templates !== undefined) templates.isStale = true;
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

/** Outcomes that left something undone: each is tried again, with growing pauses. */
const NEEDS_RETRY: ReadonlySet<Outcome> = new Set(['unconfirmed', 'needsRestart', 'rolledBack']);

/** Where the node's allocations lie is Nomad's to say, and an agent that is away can't say it yet. */
const watchNode = async ({
  session,
  onNews,
  log,
  signal,
}: {
  session: Session;
  onNews: () => void;
  log: Log;
  signal: AbortSignal;
}): Promise<void> => {
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    const where = await session.locate(signal).catch(() => undefined);
    if (where !== undefined) {
      await Promise.all([
        watchNomadNews({ client: session.client, nodeId: where.nodeId, onNews, log, signal }),
        watchAllocDir({ folder: where.allocDir, onNews, log, signal }),
      ]);
    }
    await pause(backoffMs({ attempt, random: Math.random() }), signal);
  }
};

/** Says what changed, once: the same trouble, cycle after cycle, is one line when it begins and one when it ends. */
const createReporter = (log: Log) => {
  const reported = createReportedFaults();
  let faultsBefore = '';
  let warningsBefore = '';
  const tellEnd = ({ isAllWell }: { isAllWell: boolean }) => {
    if (reported.isAny() && isAllWell) log.info('all is well again');
    reported.clear();
  };
  /** What can't be confirmed here never will be: it is said once, and is no trouble that would end. */
  const assumed = new Set<string>();
  const assume = (why: NvlError | undefined) => {
    const said = String(why?.facts.said);
    if (!assumed.has(said)) log.warn({ err: why }, headline(why));
    assumed.add(said);
    reported.clear();
  };
  let notesBefore: ReadonlySet<string> = new Set();
  /** Each task's once, however long it stays. */
  const tellNotes = (notes: CycleResult['notes']) => {
    const reported = new Set<string>();
    for (const { key, heading, errors } of notes) {
      for (const error of errors) {
        const said = JSON.stringify([key, error.message, error.facts]);
        if (!notesBefore.has(said)) log.warn({ err: error, block: key }, `${heading}: ${error.message}`);
        reported.add(said);
      }
    }
    notesBefore = reported;
  };
  let refusedBefore: ReadonlySet<string> = new Set();
  /** Each once, and again when it is refused for another reason: the facts say what Vector said. */
  const tellRefused = (refused: CycleResult['refused']) => {
    const reported = new Set<string>();
    for (const { key, heading, errors, instead } of refused) {
      for (const error of errors) {
        const said = JSON.stringify([key, instead, error.code, error.message, error.facts]);
        const words = `${insteadWords[instead]}: ${heading}: ${error.message}`;
        if (!refusedBefore.has(said)) log.error({ err: error, block: key, instead }, words);
        reported.add(said);
      }
    }
    if (reported.size === 0 && refusedBefore.size > 0) log.info('nothing is left out or replaced any more');
    refusedBefore = reported;
  };
  let unreadableBefore = '';
  const tellUnreadable = (collectedTasks: CycleResult['collectedTasks']) => {
    const faults = collectedTasks.flatMap(({ decision }) => decision.fault ?? []);
    const said = faults.map(({ facts }) => facts.said).join('\n');
    const [first] = faults;
    if (said !== unreadableBefore && first !== undefined)
      log.error({ err: first, tasks: faults.length }, first.message);
    unreadableBefore = said;
  };
  const tellTroubles = createTroubleReporter(log);
  return {
    failure: (error: unknown) => {
      if (reported.isNew(error)) log.error({ err: error }, headline(error));
    },
    result: ({ outcome, why, isAssumed, plan, refused, notes, collectedTasks, troubles }: CycleResult) => {
      tellUnreadable(collectedTasks);
      tellTroubles({ troubles, collectedTasks });
      tellNotes(notes);
      const { added, changed, removed } = plan.changes;
      const counts = { added: added.length, changed: changed.length, removed: removed.length };
      if (outcome === 'reloaded') log.info(counts, 'Vector has loaded the new config');
      if (isAssumed) assume(why);
      else if (outcome !== 'unconfirmed' || !assumed.has(String(why?.facts.said))) {
        if (why !== undefined && reported.isNew(why)) log.error({ err: why, outcome }, headline(why));
        // A cycle that was overtaken says nothing of how things are.
        if (why === undefined && IS_SETTLED.has(outcome)) tellEnd({ isAllWell: refused.length === 0 });
      }
      tellRefused(refused);
    },
    templates: ({ faults, warnings }: Templates) => {
      const unread = warnings.map(({ message }) => message).join('\n');
      if (unread !== warningsBefore) for (const one of warnings) log.warn({ err: one }, one.message);
      warningsBefore = unread;
      const text = faults.map(describeError).join('\n');
      if (text !== faultsBefore) {
        for (const fault of faults)
          log.error({ err: fault }, `a template is broken, the last good one stays in use: ${fault.message}`);
        if (faults.length === 0) log.info('all templates are sound again');
      }
      faultsBefore = text;
    },
  };
};

/** Vector runs what was planned. */
const IS_SETTLED: ReadonlySet<Outcome> = new Set(['unchanged', 'reloaded']);

/** Who does not deliver is told once, with the finished tasks that wait for it, and so is its end. */
const createTroubleReporter = (log: Log) => {
  let before = new Map<string, DeliveryTrouble>();
  const reported = new Map<string, ReportedFaults>();
  return ({ troubles, collectedTasks }: Pick<CycleResult, 'troubles' | 'collectedTasks'>): void => {
    for (const trouble of troubles) {
      const { component, kind, dropped, said } = trouble;
      const ofComponent = reported.get(component) ?? createReportedFaults();
      reported.set(component, ofComponent);
      if (!ofComponent.isNew(`${kind} ${said}`)) continue;
      const of = taskOf({ component, collectedTasks });
      log.warn({ component, kind, dropped, waiting: waitingIn(collectedTasks) }, describeTrouble(trouble, of));
    }
    const now = new Map(troubles.map((trouble) => [trouble.component, trouble]));
    for (const { component, dropped } of before.values())
      if (!now.has(component)) {
        log.info({ component, dropped }, `Vector's ${component} says nothing of failed deliveries any more`);
        reported.delete(component);
      }
    before = now;
  };
};

/** A component of a task has the task's stem in its id; a sink is nobody's alone. */
const taskOf = ({
  component,
  collectedTasks,
}: { component: string } & Pick<CycleResult, 'collectedTasks'>): string | undefined => {
  const found = collectedTasks.find(({ id }) => component === id || component.startsWith(`${id}_`))?.decision.record;
  return found === undefined ? undefined : `${found.job} / ${found.task}`;
};

const MAX_NAMED = 5;

/** Finished tasks that stay collected: what they wrote has no checkpoint at its end yet. */
const waitingIn = (collectedTasks: CycleResult['collectedTasks']): string[] => {
  const names = collectedTasks.flatMap(({ decision: { record } }) =>
    record?.phase === 'collected' && record.finishedAt !== undefined ? [`${record.job} / ${record.task}`] : [],
  );
  const more = names.length > MAX_NAMED ? [`and ${names.length - MAX_NAMED} more`] : [];
  return [...names.slice(0, MAX_NAMED), ...more];
};

const headline = (error: unknown): string => (error instanceof Error ? error.message : String(error));
