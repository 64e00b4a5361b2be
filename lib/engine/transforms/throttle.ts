import { defaultOutput, type EngineEvent } from '../event.ts';
import type { Transform, TransformParts } from '../transform.ts';
import { keyOf } from './key-of.ts';
import { conditionIn } from './option-condition.ts';

/**
 * Lets through so many events at once, and as many again by and by over the window.
 *
 * @source https://vector.dev/docs/reference/configuration/transforms/throttle/
 */
export const throttle = (parts: TransformParts): Transform => {
  const { threshold, window_secs: windowSecs, key_field: keyField } = parts.options;
  const eachMs = (Number(windowSecs) * 1_000) / Number(threshold);
  const aheadMs = eachMs * (Number(threshold) - 1);
  const excluded = conditionIn('exclude', parts);
  const key = keyOf({ name: 'key_field', template: keyField });
  /** When all that was let through would have been due, by keys. */
  const dueMs = new Map<string | undefined, number>();
  const isLet = (group: string | undefined, atMs: number): boolean => {
    const due = Math.max(dueMs.get(group) ?? 0, atMs);
    // Sums of fractions miss a whole number by a hair.
    if (due - atMs > aheadMs + 1e-6) return false;
    dueMs.set(group, due + eachMs);
    return true;
  };
  return {
    programs: excluded.programs,
    take: async (events, atMs) => {
      const isExcluded = await excluded.judge(events);
      const passed: EngineEvent[] = [];
      const dropped: EngineEvent[] = [];
      for (const [index, event] of events.entries())
        (isExcluded[index] || isLet(key(event), atMs) ? passed : dropped).push(event);
      return { outputs: defaultOutput(passed), dropped: dropped.map((event) => ({ event, why: 'over the rate' })) };
    },
  };
};
