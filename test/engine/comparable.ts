import { exactJson, parseExact } from '../../lib/exact-json.ts';
import type { EngineAnswer, EngineCase } from './corpus.ts';

/** What is another one each time: where the files lie, which host reads them, and when. */
export type Surroundings = { folder: string; hostname: string; fromMs: number; toMs: number };

/** An answer without what is another one each time, and in an order in which two answers may be compared. Pure. */
export const comparable = ({
  test,
  answer,
  around,
}: {
  test: EngineCase;
  answer: EngineAnswer;
  around: Surroundings;
}): EngineAnswer =>
  Object.fromEntries(
    Object.entries(answer).map(([output, events]) => [
      output,
      inOrderOf(test.inOrderOf, (replaced(events, around) ?? []) as EngineAnswer[string]),
    ]),
  );

const replaced = (value: unknown, around: Surroundings): unknown => {
  if (typeof value === 'string') return textOf(value, around);
  if (Array.isArray(value)) return value.map((item) => replaced(item, around));
  if (typeof value !== 'object' || value === null) return value;
  // Names too: a program may have made one of a value.
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, replaced(item, around)]));
};

const textOf = (text: string, { folder, hostname, fromMs, toMs }: Surroundings): string => {
  if (text === hostname) return 'the host';
  const ms = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) ? Date.parse(text) : Number.NaN;
  if (fromMs <= ms && ms <= toMs) return 'when it was read';
  return text.replaceAll(folder, '/logs');
};

/** The events with the same value of a field together, each of them in their order. */
const inOrderOf = (field: string | undefined, events: EngineAnswer[string]): EngineAnswer[string] => {
  if (field === undefined) return events;
  const groups = Map.groupBy(events, ({ event }) => exactJson((event as Record<string, unknown>)[field]) ?? '');
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, group]) => group);
};

/** As JSON reads it back, so that what was recorded and what comes now are of the same types. */
export const asRecorded = (answer: EngineAnswer): EngineAnswer => parseExact(exactJson(answer) ?? '{}') as EngineAnswer;
