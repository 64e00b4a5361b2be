import { COMPONENT_TABLES, type ComponentTable } from './component.ts';

/** What is found, before its line is known. `path`: from the root of the configuration. */
export type Found = {
  severity: 'error' | 'note';
  path: readonly PropertyKey[];
  words: string;
};

/** The component that a path leads into, and the rest of the path; undefined for what stands beside the components. */
export const componentAt = (
  path: readonly PropertyKey[],
): { table: ComponentTable; id: string; within: readonly PropertyKey[] } | undefined => {
  const [name, id, ...within] = path;
  const table = COMPONENT_TABLES.find((one) => one === name);
  return table === undefined || id === undefined ? undefined : { table, id: String(id), within };
};

/** The option that a path names, as in `routes[0].condition`: within its component, where it is in one. */
export const shownOption = (path: readonly PropertyKey[]): string => shown(componentAt(path)?.within ?? path);

const shown = (path: readonly PropertyKey[]): string =>
  path
    .map((step, at) => {
      if (typeof step === 'number') return `[${step}]`;
      const key = /^[\w-]+$/.test(String(step)) ? String(step) : JSON.stringify(String(step));
      return at === 0 ? key : `.${key}`;
    })
    .join('');

/** An error about what a path names: `words` go on after its name, as in "is missing". */
export const errorAt = (path: readonly PropertyKey[], words: string): Found => ({ severity: 'error', path, words });

export const noteAt = (path: readonly PropertyKey[], words: string): Found => ({ severity: 'note', path, words });

/** What was found, as a sentence without a full stop. */
export const sentenceOf = ({ path, words }: Found): string => {
  const at = componentAt(path);
  const option = shownOption(path);
  const named = option === '' ? '' : `\`${option}\` `;
  if (at !== undefined) return `${NAMES[at.table]} "${at.id}"${named === '' ? ' ' : `: ${named}`}${words}`;
  return `${named === '' ? 'The configuration ' : named}${words}`;
};

const NAMES: Readonly<Record<ComponentTable, string>> = {
  sources: 'Source',
  transforms: 'Transform',
  sinks: 'Sink',
  enrichment_tables: 'Enrichment table',
};
