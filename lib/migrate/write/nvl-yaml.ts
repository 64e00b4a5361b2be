import { stringify } from 'yaml';

/** A key of nvl.yaml with what is to be said of it. */
export type ConfigEntry = { path: readonly string[]; value: unknown; comment?: string };

/** nvl.yaml with these keys, in the order in which they come. Pure. */
export const nvlYaml = (entries: readonly ConfigEntry[]): string => {
  const sections = Map.groupBy(entries, ({ path }) => path[0] ?? '');
  const blocks = [...sections].map(([section, of]) => {
    const isFlat = of.every(({ path }) => path.length === 1);
    if (isFlat) return of.map((entry) => entryText({ entry, indent: '' })).join('\n');
    return `${section}:\n${of.map((entry) => entryText({ entry, indent: '  ' })).join('\n')}`;
  });
  return `# nvl's configuration, made by nvl migrate. docs/configuration.md lists every key; all of them have defaults.\n\n${blocks.join('\n\n')}\n`;
};

const entryText = ({ entry: { path, value, comment }, indent }: { entry: ConfigEntry; indent: string }): string => {
  const text = stringify({ [path.at(-1) ?? '']: value }, { lineWidth: 0 }).trimEnd();
  return [...(comment === undefined ? [] : [`# ${comment}`]), ...text.split('\n')]
    .map((line) => `${indent}${line}`)
    .join('\n');
};
