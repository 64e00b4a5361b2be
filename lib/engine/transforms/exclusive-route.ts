import { listOf, objectOf, textOf } from '../../json.ts';
import { checkAll, programsOf } from '../conditions.ts';
import { type EngineEvent, UNMATCHED } from '../event.ts';
import type { Transform, TransformParts } from '../transform.ts';
import { namedRoute } from './route.ts';

/**
 * Gives an event to the first route whose condition it fulfils.
 *
 * @source https://vector.dev/docs/reference/configuration/transforms/exclusive_route/
 */
export const exclusiveRoute = ({ id, options, vrl, run }: TransformParts): Transform => {
  const routes = listOf(options.routes).map((one) => {
    const { name, condition } = objectOf(one);
    return namedRoute({ id, port: textOf(name), value: condition });
  });
  return {
    programs: routes.flatMap(programsOf),
    take: async (events) => {
      const outputs = new Map<string, readonly EngineEvent[]>();
      let left = events;
      for (const { port, name, condition } of routes) {
        const asked = left;
        const fits = await checkAll({ vrl, name, condition, events: asked, options: run });
        outputs.set(
          port,
          asked.filter((_, index) => fits[index]),
        );
        left = asked.filter((_, index) => !fits[index]);
      }
      return { outputs: outputs.set(UNMATCHED, left) };
    },
  };
};
