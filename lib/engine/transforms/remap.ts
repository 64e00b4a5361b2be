import { listOf } from '../../json.ts';
import type { VrlResult } from '../../vrl/answers.ts';
import type { VrlObject, VrlValue } from '../../vrl/values.ts';
import { DEFAULT_OUTPUT, DROPPED, type EngineEvent, isVrlObject, sorted } from '../event.ts';
import { withFieldAt } from '../field-path.ts';
import { type Dropped, NotRunnable, type Transform, type TransformParts } from '../transform.ts';

/**
 * Runs a program over each event.
 *
 * @source https://vector.dev/docs/reference/configuration/transforms/remap/
 */
export const remap = ({ id, options, vrl, run, readProgram }: TransformParts): Transform => {
  const { drop_on_error, drop_on_abort = true, reroute_dropped, timezone } = options;
  const source = sourceOf({ options, readProgram });
  const isDropped = { error: drop_on_error === true, abort: drop_on_abort !== false };
  const own = typeof timezone === 'string' ? { ...run, timezone } : run;
  const program = { name: `transform ${id}`, source };
  return {
    programs: [program],
    take: async (events) => {
      const passed: EngineEvent[] = [];
      const rerouted: EngineEvent[] = [];
      const dropped: Dropped[] = [];
      const { verdict, results } = await vrl.run(program, events, own);
      for (const [index, event] of events.entries()) {
        const result = results[index];
        if (result === undefined) continue;
        if (result.kind === 'done') for (const made of eventsOf({ result, from: event })) passed.push(made);
        // Vector has not kept the event of a program that it takes for one that cannot fail.
        else if (result.kind === 'error' && verdict.ok && !verdict.isFallible)
          dropped.push({ event, why: `its program failed, which Vector took for one that cannot: ${result.error}` });
        else if (!isDropped[result.kind]) passed.push(event);
        else if (reroute_dropped === true) rerouted.push(annotated({ id, event, result }));
        else dropped.push({ event, why: `${result.kind}: ${result.error}` });
      }
      return {
        outputs: new Map([
          [DEFAULT_OUTPUT, passed],
          [DROPPED, rerouted],
        ]),
        dropped,
      };
    },
  };
};

/** Vector puts several files together, each with an end of its own. */
const sourceOf = ({
  options: { source, file, files },
  readProgram,
}: Pick<TransformParts, 'options' | 'readProgram'>): string => {
  if (typeof source === 'string') return source;
  const read = (path: unknown): string => {
    const text = readProgram(String(path));
    if (text === undefined) throw new NotRunnable(`its program in ${path} cannot be read`);
    return text;
  };
  return file === undefined
    ? listOf(files)
        .map((path) => `${read(path)}\n`)
        .join('')
    : read(file);
};

/** The events that Vector makes of what a program left at `.`. */
const eventsOf = ({
  result: { event: root, metadata, secrets },
  from,
}: {
  result: Extract<VrlResult, { kind: 'done' }>;
  from: EngineEvent;
}): EngineEvent[] => {
  const values: readonly VrlValue[] = Array.isArray(root) ? root : [root];
  return values.map((value) => ({
    event: isVrlObject(value) ? value : { message: value },
    metadata: isVrlObject(metadata) ? metadata : {},
    secrets,
    lines: from.lines,
  }));
};

/** What Vector writes beside an event that a program did not get through. */
const annotated = ({
  id,
  event,
  result,
}: {
  id: string;
  event: EngineEvent;
  result: Exclude<VrlResult, { kind: 'done' }>;
}): EngineEvent => {
  const dropped: VrlObject = {
    component_id: id,
    component_kind: 'transform',
    component_type: 'remap',
    message: result.droppedMessage,
    reason: result.kind,
  };
  return { ...event, event: sorted(withFieldAt(event.event, ['metadata', 'dropped'], dropped)) };
};
