import { exactJson } from '../../exact-json.ts';
import { objectOf, textsOf } from '../../json.ts';
import { toTagged, type VrlObject, type VrlValue } from '../../vrl/values.ts';
import { defaultOutput, type EngineEvent, inOrder, isVrlObject, type LineOrigin } from '../event.ts';
import { type FieldPath, fieldAt, needsQuotes, parseFieldPath, withFieldAt } from '../field-path.ts';
import { NotRunnable, type Transform, type TransformParts } from '../transform.ts';
import { defaultMerger, MERGE_STRATEGIES, type Merger, type MergeStrategy, mergerOf } from './merge-values.ts';
import { conditionIn } from './option-condition.ts';

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
  const waiting = new Map<string, Group>();

  const take = ({ event, isStart, isEnd }: Judged): EngineEvent[] => {
    const key = groupKey(event, groups);
    const former = waiting.get(key);
    if (isStart) {
      waiting.set(key, newGroup(event, strategies));
      return former === undefined ? [] : [former.event()];
    }
    const group = former ?? newGroup(undefined, strategies);
    group.add(event);
    if (isEnd || group.count() >= most) {
      waiting.delete(key);
      return [group.event()];
    }
    waiting.set(key, group);
    return [];
  };
  return {
    ports: [],
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

type Strategy = { path: FieldPath; strategy: MergeStrategy };

const known = (path: FieldPath | undefined, text: string): FieldPath => {
  if (path === undefined) throw new NotRunnable(`a path that nvl does not read: ${text}`);
  return path;
};

const strategiesOf = (value: unknown): Strategy[] =>
  Object.entries(objectOf(value)).map(([text, name]) => {
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

/** Events that wait to be one. */
type Group = { add(event: EngineEvent): void; count(): number; event(): EngineEvent };

const newGroup = (first: EngineEvent | undefined, strategies: readonly Strategy[]): Group => {
  const named = new Map<Strategy, Merger>();
  const others = new Map<string, { segments: readonly string[]; merger: Merger }>();
  const lines: LineOrigin[] = [];
  let secrets: EngineEvent['secrets'] = {};
  let count = 0;
  const add = (event: EngineEvent): void => {
    count += 1;
    lines.push(...event.lines);
    // Of metadata nothing else is kept; the first of a name stays.
    secrets = { ...event.secrets, ...secrets };
    for (const strategy of strategies) {
      const value = fieldAt(event, strategy.path);
      if (value === undefined) continue;
      const merger = named.get(strategy);
      if (merger !== undefined) merger.add(value);
      else {
        const made = mergerOf(strategy.strategy, value);
        if (made !== undefined) named.set(strategy, made);
      }
    }
    for (const { segments, value } of leavesOf(event.event)) {
      if (isCovered(segments, strategies)) continue;
      const again = [...named].find(([{ path }]) => isSamePath(path, segments));
      if (again !== undefined) {
        again[1].add(value);
        continue;
      }
      const key = JSON.stringify(segments);
      const other = others.get(key);
      if (other === undefined) others.set(key, { segments, merger: defaultMerger(value) });
      else other.merger.add(value);
    }
  };
  if (first !== undefined) add(first);
  return {
    add,
    count: () => count,
    event: () => {
      const fields = [...others.values(), ...[...named].map(([{ path }, merger]) => ({ path, merger }))];
      let both: Pick<EngineEvent, 'event' | 'metadata'> = { event: {}, metadata: {} };
      for (const field of fields) both = withMerged(both, field);
      return { event: sorted(both.event), metadata: both.metadata, secrets, lines };
    },
  };
};

const withMerged = (
  both: Pick<EngineEvent, 'event' | 'metadata'>,
  { merger, ...at }: { merger: Merger } & ({ segments: readonly string[] } | { path: FieldPath }),
): Pick<EngineEvent, 'event' | 'metadata'> => {
  const segments = 'path' in at ? at.path.segments.map(String) : at.segments;
  const where = 'path' in at && at.path.isMetadata ? 'metadata' : 'event';
  const with_ = { ...both, [where]: withFieldAt(both[where], segments, merger.value()) };
  if (merger.last === undefined) return with_;
  const end = [...segments.slice(0, -1), `${segments.at(-1)}_end`];
  return { ...with_, [where]: withFieldAt(with_[where], end, merger.last()) };
};

/** Every value of an object that is none itself, or an empty one, with the names that lead to it. */
const leavesOf = (object: VrlObject, above: readonly string[] = []): { segments: string[]; value: VrlValue }[] =>
  Object.entries(object).flatMap(([name, value]) => {
    const segments = [...above, name];
    return isVrlObject(value) && Object.keys(value).length > 0 ? leavesOf(value, segments) : [{ segments, value }];
  });

/** Vector (0.57) looks for a name with its quotes, where it needs some, and so never finds it: such a value is merged twice. */
const isCovered = (segments: readonly string[], strategies: readonly Strategy[]): boolean =>
  strategies.some(
    ({ path }) =>
      !path.isMetadata &&
      path.segments.length <= segments.length &&
      path.segments.every((segment, index) => segment === segments[index] && !needsQuotes(String(segment))),
  );

const isSamePath = (path: FieldPath, segments: readonly string[]): boolean =>
  !path.isMetadata &&
  path.segments.length === segments.length &&
  path.segments.every((segment, index) => segment === segments[index]);

const sorted = (object: VrlObject): VrlObject =>
  inOrder(Object.entries(object).map(([name, value]) => [name, isVrlObject(value) ? sorted(value) : value]));
