import { exactJson } from '../../exact-json.ts';
import { objectOf, textsOf } from '../../json.ts';
import { inKeyOrder } from '../../order.ts';
import { toTagged } from '../../vrl/values.ts';
import { defaultOutput, type EngineEvent } from '../event.ts';
import { type FieldPath, fieldAt, parseFieldPath } from '../field-path.ts';
import { NotRunnable, type Transform, type TransformParts } from '../transform.ts';
import { MERGE_STRATEGIES } from './merge-values.ts';
import { conditionIn } from './option-condition.ts';
import { createReduceGroup, type FieldStrategy, type ReduceGroup } from './reduce-group.ts';

/**
 * Makes one event of many. Its periods are not run here: what comes at once is one group, and time lets go all that waits.
 *
 * @source https://vector.dev/docs/reference/configuration/transforms/reduce/
 */
export const reduce = (parts: TransformParts): Transform => {
  const { group_by: groupBy, max_events: mostEvents } = parts.options;
  const groups = textsOf(groupBy).map((text) => known(parseFieldPath(text), text));
  const strategies = strategiesOf(parts.options.merge_strategies);
  const most = mostEvents === undefined ? Number.POSITIVE_INFINITY : Number(mostEvents);
  const starts = conditionIn('starts_when', parts);
  const ends = conditionIn('ends_when', parts);
  const waiting = new Map<string, ReduceGroup>();

  const take = ({ event, isStart, isEnd }: Judged): EngineEvent[] => {
    const key = groupKey(event, groups);
    const former = waiting.get(key);
    if (isStart) {
      waiting.set(key, createReduceGroup(event, strategies));
      return former === undefined ? [] : [former.event()];
    }
    const group = former ?? createReduceGroup(undefined, strategies);
    group.add(event);
    if (isEnd || group.count() >= most) {
      waiting.delete(key);
      return [group.event()];
    }
    waiting.set(key, group);
    return [];
  };
  return {
    programs: [...starts.programs, ...ends.programs],
    take: async (events) => {
      const isStart = await starts.judge(events);
      const isEnd = await ends.judge(events);
      const passed = events.flatMap((event, index) =>
        take({ event, isStart: isStart[index] === true, isEnd: isEnd[index] === true }),
      );
      return { outputs: defaultOutput(passed) };
    },
    release: () => {
      const passed = [...waiting.values()].map((group) => group.event());
      waiting.clear();
      return { outputs: defaultOutput(passed) };
    },
  };
};

type Judged = { event: EngineEvent; isStart: boolean; isEnd: boolean };

const known = (path: FieldPath | undefined, text: string): FieldPath => {
  if (path === undefined) throw new NotRunnable(`a path that nvl does not read: ${text}`);
  return path;
};

/** Vector has them in the order of their names, in which the last one of a path counts. */
const strategiesOf = (value: unknown): FieldStrategy[] =>
  Object.entries(inKeyOrder(Object.entries(objectOf(value)))).map(([text, name]) => {
    const strategy = MERGE_STRATEGIES.find((one) => one === name);
    if (strategy === undefined) throw new NotRunnable(`no strategy that nvl knows: ${name}`);
    return { path: known(parseFieldPath(text), text), strategy };
  });

const groupKey = (event: EngineEvent, paths: readonly FieldPath[]): string =>
  exactJson(
    paths.map((path) => {
      const value = fieldAt(event, path);
      return value === undefined ? [] : [toTagged(value)];
    }),
  ) ?? '';
