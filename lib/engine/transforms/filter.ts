import { checkAll, parseCondition, programsOf } from '../conditions.ts';
import { defaultOutput } from '../event.ts';
import { NotRunnable, type Transform, type TransformParts } from '../transform.ts';

/**
 * Lets go what does not fulfil a condition.
 *
 * @source https://vector.dev/docs/reference/configuration/transforms/filter/
 */
export const filter = ({ id, options, vrl, run }: TransformParts): Transform => {
  const condition = parseCondition(options.condition);
  if (condition === undefined) throw new NotRunnable('a condition of another language than VRL');
  const name = `transform ${id}`;
  return {
    programs: programsOf({ name, condition }),
    take: async (events) => {
      const fits = await checkAll({ vrl, name, condition, events, options: run });
      return {
        outputs: defaultOutput(events.filter((_, index) => fits[index])),
        dropped: events.flatMap((event, index) =>
          fits[index] ? [] : [{ event, why: 'it does not fulfil the condition' }],
        ),
      };
    },
  };
};
