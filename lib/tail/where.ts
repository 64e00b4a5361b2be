import { type Condition, checkAll } from '../engine/conditions.ts';
import type { EngineEvent } from '../engine/event.ts';
import { NvlError } from '../errors.ts';
import type { Vrl } from '../vrl/vrl.ts';

/** Lets through the events that fulfil a condition in VRL. */
export type Where = (events: readonly EngineEvent[]) => Promise<readonly EngineEvent[]>;

/** Compiles the condition. Without one, all events go through. Throws `vrlRefused`, with what VRL's compiler prints. */
export const createWhere = async ({ source, vrl }: { source: string | undefined; vrl: Vrl }): Promise<Where> => {
  if (source === undefined) return async (events) => events;
  const { ok, text } = await vrl.check({ name: NAME, source, kind: 'condition' });
  if (!ok) throw refused(text);
  const condition: Condition = { kind: 'vrl', source };
  return async (events) => {
    const isMeant = await checkAll({ vrl, name: NAME, condition, events, options: {} });
    return events.filter((_, index) => isMeant[index]);
  };
};

const NAME = '--where';

const refused = (text: string): NvlError =>
  new NvlError('vrlRefused', {
    message: 'The condition of --where does not compile',
    facts: { said: text.trim() },
    advice: "write it as for a filter of Vector: '.level == \"error\"', '.status >= 500 ?? false'",
  });
