import { isTable, type Table } from '../table.ts';
import type { ConfigFormat } from '../vector/config/command.ts';
import { COMPONENT_TABLES, type ComponentTable, type ConfigComponent } from './component.ts';
import { errorAt, type Found } from './finding.ts';
import { type LineOf, linesOf } from './lines.ts';
import { parseFile } from './parse-file.ts';

/** A file of a configuration, as Vector reads it: with variables filled in, where Vector does that. */
export type VectorFile = {
  /** How findings name it. */
  file: string;
  text: string;
  /** TOML where it is not said. */
  format?: ConfigFormat;
  /** It holds this one component: a file in a sub-folder of a folder that Vector reads. */
  component?: { table: ComponentTable; id: string };
};

/** What files say together, where Vector loads them all. */
export type VectorConfig = {
  components: readonly ConfigComponent[];
  /** Options that stand beside the components, of each file. */
  globals: readonly { file: string; options: Table }[];
  /** What cannot be read, and ids that stand in two files. */
  findings: readonly FoundIn[];
  /** Each file could be parsed. */
  isComplete: boolean;
  /** The line of a file, from 1, where a path stands, or as much of it as is there. */
  lineOf: (file: string, path: readonly PropertyKey[]) => number | undefined;
};

/** A finding, and the file that it is about where it is not that of its component. */
export type FoundIn = Found & { file?: string; line?: number };

/** Reads the files of a configuration, in the order in which Vector reads them. Pure. */
export const readVectorConfig = (files: readonly VectorFile[]): VectorConfig => {
  const components = new Map<string, ConfigComponent>();
  const globals: { file: string; options: Table }[] = [];
  const findings: FoundIn[] = [];
  let isComplete = true;
  for (const one of files) {
    const { file, text, format = 'toml', component } = one;
    const parsed = parseFile(text, format);
    if ('fault' in parsed) {
      isComplete = false;
      findings.push({
        ...errorAt([], parsed.fault),
        file,
        ...(parsed.line === undefined ? {} : { line: parsed.line }),
      });
      continue;
    }
    const tree = component === undefined ? parsed.tree : { [component.table]: { [component.id]: parsed.tree } };
    globals.push({ file, options: globalsIn(tree) });
    if (format !== 'toml')
      for (const path of emptyPlaces(tree))
        findings.push({ ...errorAt(path, 'has no value, which Vector refuses'), file });
    // Of files of one component each the last one counts.
    findings.push(...addComponents({ tree, file, components, mayReplace: component !== undefined }));
  }
  const lines = new Map<string, LineOf>(files.map((one) => [one.file, linesOf(one)]));
  const lineOf: VectorConfig['lineOf'] = (file, path) => lines.get(file)?.(path);
  return { components: [...components.values()], globals, findings, isComplete, lineOf };
};

/** Where a null stands: Vector makes TOML of what it reads, which has none. */
const emptyPlaces = (value: unknown): PropertyKey[][] => {
  if (value === null) return [[]];
  if (typeof value !== 'object') return [];
  const inner: [PropertyKey, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return inner.flatMap(([key, one]) => emptyPlaces(one).map((path) => [key, ...path]));
};

const globalsIn = (tree: Table): Table =>
  Object.fromEntries(Object.entries(tree).filter(([name]) => !(COMPONENT_TABLES as readonly string[]).includes(name)));

const addComponents = ({
  tree,
  file,
  components,
  mayReplace,
}: {
  tree: Table;
  file: string;
  components: Map<string, ConfigComponent>;
  mayReplace: boolean;
}): FoundIn[] =>
  COMPONENT_TABLES.flatMap((table) => {
    const entries = tree[table] ?? {};
    if (!isTable(entries)) return [{ ...errorAt([table], 'has to be a table'), file }];
    return Object.keys(entries).flatMap((id) => {
      const options = entries[id];
      if (options === null) return [];
      if (!isTable(options)) return [{ ...errorAt([table, id], 'has to be a table'), file }];
      const key = `${table}.${id}`;
      const other = components.get(key);
      components.set(key, {
        table,
        id,
        type: typeof options.type === 'string' ? options.type : undefined,
        options,
        file,
      });
      return other === undefined || mayReplace
        ? []
        : [{ ...errorAt([table, id], `stands in ${other.file} too`), file }];
    });
  });
