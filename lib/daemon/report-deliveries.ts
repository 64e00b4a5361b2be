import type { CycleResult } from '../cycle-deps.ts';
import { isOfPipeline } from '../ids.ts';
import type { Log } from '../log.ts';
import { createReportedFaults, type ReportedFaults } from '../reported-faults.ts';
import { type DeliveryTrouble, describeTrouble, troubleAdvice } from '../vector/process/delivery.ts';

/** Who does not deliver is told once, with the finished tasks that wait for it, and so is its end. */
export const createDeliveryReporter = (log: Log) => {
  let before = new Map<string, DeliveryTrouble>();
  const reported = new Map<string, ReportedFaults>();
  return ({
    troubles,
    vectorPid,
    collectedTasks,
  }: Pick<CycleResult, 'troubles' | 'vectorPid' | 'collectedTasks'>): void => {
    for (const trouble of troubles) {
      const { component, kind, dropped, said, isRemoved } = trouble;
      const ofComponent = reported.get(component) ?? createReportedFaults();
      reported.set(component, ofComponent);
      if (!ofComponent.isNew(isRemoved === true ? 'removed' : `${kind} ${said}`)) continue;
      const of = taskOf({ component, collectedTasks });
      const advice = troubleAdvice(trouble, vectorPid);
      log.warn({ component, kind, dropped, waiting: waitingIn(collectedTasks), advice }, describeTrouble(trouble, of));
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
  const found = collectedTasks.find(({ id }) => isOfPipeline({ component, pipeline: id }))?.decision.record;
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
