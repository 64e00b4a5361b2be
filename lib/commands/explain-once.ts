import { firstOf, withoutIds } from '../plan/once-each.ts';

/** What is explained of one task; `names` are its own beside its ids: those of a dispatched job, say. */
export type Explained = { text: string; allocId: string; names: readonly string[] };

/** Instances that differ in nothing but their ids and names are explained once, with their number and the first of them. Pure. */
export const explainOnce = (all: readonly Explained[]): string[] => {
  const groups = Map.groupBy(all, ({ text, names }) =>
    withoutIds(names.reduce((masked, name) => masked.replaceAll(name, '{name}'), text)),
  );
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    if (others.length === 0) return [first.text];
    const [head = '', ...lines] = first.text.split('\n');
    const also = firstOf(others.map(({ allocId }) => allocId));
    return [[head, `  instances   ${others.length + 1} equal ones; also ${also}`, ...lines].join('\n')];
  });
};
