import type { VrlProgram } from '../../vrl/vrl.ts';
import { checkAll, parseCondition, programsOf } from '../conditions.ts';
import type { EngineEvent } from '../event.ts';
import { NotRunnable, type TransformParts } from '../transform.ts';

/** `judge` tells of each event whether it fulfils the condition. */
export type OptionCondition = {
  programs: readonly VrlProgram[];
  judge: (events: readonly EngineEvent[]) => Promise<readonly boolean[]>;
};

/** The condition in an option. Without that option no event fulfils it. */
export const conditionIn = (option: string, { id, options, vrl, run }: TransformParts): OptionCondition => {
  const value = options[option];
  if (value === undefined) return { programs: [], judge: async (events) => events.map(() => false) };
  const condition = parseCondition(value);
  if (condition === undefined) throw new NotRunnable(`its option ${option} is of another language than VRL`);
  const name = `transform ${id}, ${option}`;
  return {
    programs: programsOf({ name, condition }),
    judge: (events) => checkAll({ vrl, name, condition, events, options: run }),
  };
};
