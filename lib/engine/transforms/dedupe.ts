import { exactJson } from '../../exact-json.ts';
import { listOf, objectOf } from '../../json.ts';
import { asPlain, toTagged, type VrlValue } from '../../vrl/values.ts';
import { defaultOutput, type EngineEvent, isVrlObject } from '../event.ts';
import { fieldAt, parseFieldPath } from '../field-path.ts';
import { NotRunnable, type Transform, type TransformParts } from '../transform.ts';

/**
 * Lets go an event that is like one of the last ones.
 *
 * @source https://vector.dev/docs/reference/configuration/transforms/dedupe/
 */
export const dedupe = ({ options }: TransformParts): Transform => {
  const { fields, cache, time_settings: timed } = options;
  if (timed !== undefined) throw new NotRunnable('its option time_settings hangs on the clock');
  if (objectOf(fields).ignore !== undefined) throw new NotRunnable('its option fields.ignore');
  const most = Number(objectOf(cache).num_events ?? MOST_EVENTS);
  const paths = (fields === undefined ? FIELDS : listOf(objectOf(fields).match).map(String)).map((text) => {
    const path = parseFieldPath(text);
    if (path === undefined) throw new NotRunnable(`a path that nvl does not read: ${text}`);
    return path;
  });
  /** The longest unseen first. */
  const seen = new Set<string>();
  const isNew = (event: EngineEvent): boolean => {
    const key = JSON.stringify(paths.map((path) => keyOfValue(fieldAt(event, path))));
    const isKnown = seen.delete(key);
    seen.add(key);
    const [oldest] = seen;
    if (seen.size > most && oldest !== undefined) seen.delete(oldest);
    return !isKnown;
  };
  return {
    programs: [],
    take: async (events) => {
      const passed: EngineEvent[] = [];
      const dropped: EngineEvent[] = [];
      for (const event of events) (isNew(event) ? passed : dropped).push(event);
      return { outputs: defaultOutput(passed), dropped: dropped.map((event) => ({ event, why: 'a duplicate' })) };
    },
  };
};

/** To Vector (0.57) two objects or lists are the same if their JSON is, which has times as texts. */
const keyOfValue = (value: VrlValue | undefined): string[] => {
  if (value === undefined) return [];
  const isJson = isVrlObject(value) || Array.isArray(value);
  return isJson ? ['json', exactJson(asPlain(value)) ?? ''] : [exactJson(toTagged(value)) ?? ''];
};

const FIELDS = ['message', 'host', 'timestamp'];
const MOST_EVENTS = 5_000;
