import type { CycleResult } from '../cycle-deps.ts';
import { describeError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Templates } from '../render/templates.ts';
import { createNoteReporter, createRefusedReporter } from './report-blocks.ts';
import { createDeliveryReporter } from './report-deliveries.ts';
import { createOutcomeReporter } from './report-outcomes.ts';

export type Reporter = {
  /** What a cycle came to. */
  result(result: CycleResult): void;
  /** Why one came to nothing. */
  failure(error: unknown): void;
  /** Templates that were read anew. */
  templates(templates: Pick<Templates, 'faults' | 'warnings'>): void;
};

/** Says what changed, once: the same trouble, cycle after cycle, is one line when it begins and one when it ends. */
export const createReporter = (log: Log): Reporter => {
  const reportUnreadable = createUnreadableReporter(log);
  const reportDeliveries = createDeliveryReporter(log);
  const reportNotes = createNoteReporter(log);
  const outcomes = createOutcomeReporter(log);
  const reportRefused = createRefusedReporter(log);
  return {
    result: (result) => {
      reportUnreadable(result);
      reportDeliveries(result);
      reportNotes(result.notes);
      outcomes.result(result);
      reportRefused(result.refused);
    },
    failure: outcomes.failure,
    templates: createTemplateReporter(log),
  };
};

/** Tasks whose files may not be read: the first stands for all, as they mostly have one cause. */
const createUnreadableReporter = (log: Log) => {
  let before = '';
  return ({ collectedTasks }: Pick<CycleResult, 'collectedTasks'>): void => {
    const faults = collectedTasks.flatMap(({ decision }) => decision.fault ?? []);
    const said = faults.map(({ facts }) => facts.said).join('\n');
    const [first] = faults;
    if (said !== before && first !== undefined) log.error({ err: first, tasks: faults.length }, first.message);
    before = said;
  };
};

const createTemplateReporter = (log: Log) => {
  let faultsBefore = '';
  let warningsBefore = '';
  return ({ faults, warnings }: Pick<Templates, 'faults' | 'warnings'>): void => {
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
  };
};
