import { asPlain, type VrlObject, type VrlValue } from '../../lib/vrl/values.ts';
import type { Vrl } from '../../lib/vrl/vrl.ts';
import type { CorpusAnswer, CorpusCase, Step } from './corpus.ts';

/** What nvl makes of a case at a time. */
export const nvlAnswer = async ({
  vrl,
  now,
  id,
  steps,
  events,
  timezone,
  tables,
}: CorpusCase & { vrl: Vrl; now: string }): Promise<CorpusAnswer> => {
  let flow: readonly Flowing[] = events.map((event) => ({ event: event as VrlObject, metadata: {} }));
  const dropped: { reason: string; message: string }[] = [];
  for (const step of steps) {
    const options = { tables, now, ...(timezone === undefined ? {} : { timezone }) };
    const { verdict, results } = await vrl.run({ name: id, source: step.source }, flow, options);
    if (!verdict.ok) return { refused: verdict.text.trim(), events: [], dropped: [] };
    flow = results.flatMap((result, at): readonly Flowing[] => {
      if (result.kind === 'done')
        return eventsOf(result.event).map((event) => ({ event, metadata: result.metadata as VrlObject }));
      // Vector has not kept the event of a program that it takes for one that cannot fail.
      if (result.kind === 'error' && !verdict.isFallible) return [];
      if (!isDropped(step, result.kind)) return flow.slice(at, at + 1);
      dropped.push({ reason: result.kind, message: result.droppedMessage });
      return [];
    });
  }
  return {
    events: flow.map(({ event, metadata }) => ({ event: asPlain(event), metadata: asPlain(metadata) })),
    dropped,
  };
};

type Flowing = { event: VrlObject; metadata: VrlObject };

const isDropped = ({ dropOnError, dropOnAbort }: Step, kind: 'error' | 'abort'): boolean =>
  kind === 'error' ? dropOnError : dropOnAbort;

/** The events that Vector makes of what a program left at `.`. */
const eventsOf = (root: VrlValue): VrlObject[] =>
  Array.isArray(root) ? root.map((item: VrlValue) => eventOf(item)) : [eventOf(root)];

const eventOf = (value: VrlValue): VrlObject =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
    ? (value as VrlObject)
    : { message: value };
