import { objectOf } from '../../json.ts';
import { type Condition, checkAll, parseCondition, programsOf } from '../conditions.ts';
import { type EngineEvent, UNMATCHED } from '../event.ts';
import { NotRunnable, type Transform, type TransformParts } from '../transform.ts';

/**
 * Gives an event to each route whose condition it fulfils.
 *
 * @source https://vector.dev/docs/reference/configuration/transforms/route/
 */
export const route = ({ id, options, vrl, run }: TransformParts): Transform => {
  const routes = Object.entries(objectOf(options.route)).map(([port, value]) => namedRoute({ id, port, value }));
  const keepsOthers = options.reroute_unmatched !== false;
  return {
    programs: routes.flatMap(programsOf),
    take: async (events) => {
      const outputs = new Map<string, EngineEvent[]>();
      const isTaken = events.map(() => false);
      for (const { port, name, condition } of routes) {
        const fits = await checkAll({ vrl, name, condition, events, options: run });
        for (const [index, isFit] of fits.entries()) if (isFit) isTaken[index] = true;
        outputs.set(
          port,
          events.filter((_, index) => fits[index]),
        );
      }
      const others = events.filter((_, index) => !isTaken[index]);
      if (keepsOthers) return { outputs: outputs.set(UNMATCHED, others) };
      return { outputs, dropped: others.map((event) => ({ event, why: 'it fulfils no condition of a route' })) };
    },
  };
};

/** A route to an output, and the name by which errors speak of its condition. */
export type NamedRoute = { port: string; name: string; condition: Condition };

export const namedRoute = ({ id, port, value }: { id: string; port: string; value: unknown }): NamedRoute => {
  const condition = parseCondition(value);
  if (condition === undefined) throw new NotRunnable(`route ${port} has a condition of another language than VRL`);
  return { port, name: `transform ${id}, route ${port}`, condition };
};
