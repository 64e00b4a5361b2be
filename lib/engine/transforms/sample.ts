import { decimalText } from '../as-text.ts';
import { defaultOutput, type EngineEvent, sorted } from '../event.ts';
import { fieldNamesIn, withFieldAt } from '../field-path.ts';
import { NotRunnable, type Transform, type TransformParts } from '../transform.ts';
import { keyOf } from './key-of.ts';
import { conditionIn } from './option-condition.ts';

/**
 * Keeps one event of so many. What is chosen by a hash of a field is not run here: that hash is no part of what Vector promises.
 *
 * @source https://vector.dev/docs/reference/configuration/transforms/sample/
 */
export const sample = (parts: TransformParts): Transform => {
  const { rate, ratio, sample_rate_key: rateKey = 'sample_rate', group_by: groupBy } = parts.options;
  for (const name of BY_HASH)
    if (parts.options[name] !== undefined) throw new NotRunnable(`its option ${name} chooses by a hash`);
  const isKept = rate === undefined ? byRatio(Number(ratio)) : byRate(Number(rate));
  const said = decimalText(Number(rate ?? ratio));
  const path = rateKey === '' ? undefined : fieldNamesIn(rateKey, 'sample_rate_key');
  const excluded = conditionIn('exclude', parts);
  const group = keyOf({ name: 'group_by', template: groupBy });
  return {
    programs: excluded.programs,
    take: async (events) => {
      const isExcluded = await excluded.judge(events);
      const passed: EngineEvent[] = [];
      const dropped: EngineEvent[] = [];
      for (const [index, event] of events.entries()) {
        if (isExcluded[index]) passed.push(event);
        else if (!isKept(group(event))) dropped.push(event);
        else
          passed.push(path === undefined ? event : { ...event, event: sorted(withFieldAt(event.event, path, said)) });
      }
      return { outputs: defaultOutput(passed), dropped: dropped.map((event) => ({ event, why: 'sampled out' })) };
    },
  };
};

const BY_HASH = ['key_field', 'ratio_field', 'rate_field'];

const byRate = (rate: number): ((group: string | undefined) => boolean) => {
  const counts = new Map<string | undefined, number>();
  return (group) => {
    const count = counts.get(group) ?? 0;
    counts.set(group, count + 1);
    return count % rate === 0;
  };
};

const byRatio = (ratio: number): ((group: string | undefined) => boolean) => {
  const sums = new Map<string | undefined, number>();
  return (group) => {
    const sum = (sums.get(group) ?? 1 - ratio) + ratio;
    sums.set(group, sum >= 1 ? sum - 1 : sum);
    return sum >= 1;
  };
};
