import type { Draft, DraftTable } from './draft.ts';

/** A value that fits, as small as can be. Of a table whose option says which others there are, the first such text. Pure. */
export const sampleOf = (draft: Draft): unknown => {
  // What is not there mostly takes no further options.
  if (draft.text instanceof Set) return [...draft.text].find((text) => text !== 'none') ?? 'none';
  if (draft.text !== undefined) return draft.example ?? 'x';
  if (draft.bool) return true;
  if (draft.int !== undefined) return draft.example ?? Math.max(draft.int.min ?? 1, 1);
  if (draft.num) return 1.5;
  if (draft.list !== undefined)
    return [sampleOf({ ...(draft.example === undefined ? {} : { example: draft.example }), ...draft.list })];
  return draft.table === undefined ? 'x' : sampleTable(draft.table);
};

/** `chosen`: what the options say that tell which others there are, where it is not the first. */
export const sampleTable = (
  table: DraftTable,
  chosen: Readonly<Record<string, string>> = {},
): Record<string, unknown> => ({
  ...Object.fromEntries(
    [...table.options].slice(0, table.isSingle ? 1 : 0).map(([name, option]) => [name, sampleOf(option)]),
  ),
  ...Object.fromEntries([...table.required].map((name) => [name, sampleOf(table.options.get(name) ?? {})])),
  ...Object.assign(
    {},
    ...table.tags
      .filter(({ name, isSampled }) => isSampled || chosen[name] !== undefined)
      .map(({ name, tables }) => {
        const text = chosen[name] ?? [...tables.keys()][0] ?? '';
        const branch = tables.get(text);
        return { [name]: text, ...(branch === undefined ? {} : sampleTable(branch, chosen)) };
      }),
  ),
});
