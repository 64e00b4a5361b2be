import { didYouMean } from '../nearest.ts';
import { expandInput, isPattern } from '../vector/config/expand-input.ts';
import type { ConfigComponent } from './component.ts';
import { errorAt, type Found } from './finding.ts';
import { isFilledIn } from './kinds.ts';
import { type EventTypes, takenBy, typedOutputsOf, typesInWords } from './outputs.ts';

/** Which transform reads which: of each the ids that it reads. */
export type ReadIds = Map<string, Set<string>>;

/**
 * What speaks against the `inputs` of transforms, sinks and tables: none, one twice, one that nobody writes, or events that the
 * component does not take. Pure.
 *
 * @source vector 0.57.0: `check_shape` in src/config/validation.rs, `add_input` and `typecheck` in src/config/graph.rs
 */
export const inputFindings = ({
  components,
  isKnownType,
  isRelaxed,
  isWhole,
}: {
  components: readonly ConfigComponent[];
  isKnownType: (component: ConfigComponent) => boolean;
  /** `wildcard_matching = "relaxed"`: a pattern may match nothing. */
  isRelaxed: boolean;
  /** There are no further components. */
  isWhole: boolean;
}): { findings: Found[]; readers: ReadIds } => {
  const outputs = readOutputs(components, isKnownType);
  const readers: ReadIds = new Map();
  const findings = components.flatMap((component) => {
    if (!isReader(component)) return [];
    const path = [component.table, component.id, 'inputs'];
    const { inputs } = component.options;
    const listed = Array.isArray(inputs) ? inputs.filter((input) => typeof input === 'string') : [];
    // A table's inputs are names alone, and it may have none, or one twice.
    const isTable = component.table === 'enrichment_tables';
    const expanded = listed.flatMap((input, at) =>
      (isTable ? [input] : expandInput({ input, id: component.id, outputs: outputs.listed })).map((name) => ({
        name,
        at,
      })),
    );
    const names = expanded.map(({ name }) => name);
    if (component.table === 'transforms')
      readers.set(component.id, new Set(names.flatMap((name) => outputs.by.get(name)?.id ?? [])));
    return [
      ...(Array.isArray(inputs) && inputs.length === 0 && !isTable
        ? [errorAt(path, 'is empty, so nothing comes')]
        : []),
      ...(isTable ? [] : twiceIn(names).map((name) => errorAt(path, `has "${name}" twice`))),
      ...expanded.flatMap(({ name, at }) =>
        entryFindings({ name, path: [...path, at], component, outputs, isRelaxed, isWhole }),
      ),
    ];
  });
  return { findings, readers };
};

type Output = { id: string; types: EventTypes };

type Outputs = {
  /** Those that a pattern may match, in the order of Vector. */
  listed: string[];
  by: Map<string, Output>;
  /** Ids of components of which not all outputs are known. */
  unclear: Set<string>;
  /** Ids that give nothing, and why. */
  silent: Map<string, string>;
  suggestions: number;
};

/** A memory table is a source of another name, which hides one of that name; a sink or a table hides what has its own. */
const readOutputs = (
  components: readonly ConfigComponent[],
  isKnownType: (component: ConfigComponent) => boolean,
): Outputs => {
  const outputs: Outputs = { listed: [], by: new Map(), unclear: new Set(), silent: new Map(), suggestions: 0 };
  const ofId = new Map<string, string[]>();
  const replace = (id: string, names: string[]): void => {
    for (const name of ofId.get(id) ?? []) outputs.by.delete(name);
    ofId.set(id, names);
  };
  const of = (table: ConfigComponent['table']) => components.filter((component) => component.table === table);
  const tables = of('enrichment_tables').filter(({ type }) => type === 'memory');
  for (const component of [...of('sources'), ...tables, ...of('transforms')]) {
    const { names, types, isUnclear } = typedOutputsOf(component, isKnownType(component));
    const id = component.table === 'enrichment_tables' ? (names[0] ?? '') : component.id;
    if (component.table !== 'enrichment_tables') outputs.listed.push(...names);
    replace(id, names);
    for (const name of names) outputs.by.set(name, { id, types });
    if (isUnclear) outputs.unclear.add(id);
    if (component.table === 'transforms' && !names.includes(id))
      outputs.silent.set(id, `its outputs are ${names.join(', ')}`);
  }
  for (const { id, table } of [...of('sinks'), ...tables]) {
    replace(id, []);
    outputs.silent.set(
      id,
      table === 'sinks' ? 'a sink gives nothing' : 'the table is read by its `source_config.source_key`',
    );
  }
  return outputs;
};

const isReader = ({ table, type }: ConfigComponent): boolean =>
  table === 'transforms' || table === 'sinks' || (table === 'enrichment_tables' && type === 'memory');

const twiceIn = (names: readonly string[]): string[] => {
  const seen = new Set<string>();
  const twice = names.filter((name) => seen.size === seen.add(name).size);
  return [...new Set(twice)].filter((name) => !isFilledIn(name));
};

const entryFindings = ({
  name,
  path,
  component,
  outputs,
  isRelaxed,
  isWhole,
}: {
  name: string;
  path: readonly PropertyKey[];
  component: ConfigComponent;
  outputs: Outputs;
  isRelaxed: boolean;
  isWhole: boolean;
}): Found[] => {
  const output = outputs.by.get(name);
  if (output !== undefined) {
    const taken = takenBy(component);
    if ((output.types & taken) !== 0) return [];
    const words = `is "${name}", which gives ${typesInWords(output.types)}, and this ${component.type} takes ${typesInWords(taken)}`;
    return [errorAt(path, words)];
  }
  if (!isWhole || isFilledIn(name) || isUnclear(name, outputs) || (isRelaxed && isPattern(name))) return [];
  return [errorAt(path, `is "${name}", which no source or transform gives${hint(name, outputs)}`)];
};

const isUnclear = (name: string, { unclear }: Outputs): boolean =>
  unclear.size > 0 && (isPattern(name) || [...unclear].some((id) => name === id || name.startsWith(`${id}.`)));

/** Each is looked for among all outputs. */
const MOST_SUGGESTIONS = 20;

const hint = (name: string, outputs: Outputs): string => {
  const silent = outputs.silent.get(name) ?? outputs.silent.get(name.split('.')[0] ?? '');
  if (silent !== undefined) return `: ${silent}`;
  if (name.endsWith('.dropped') && outputs.by.has(name.slice(0, -'.dropped'.length)))
    return ': it has this output with `reroute_dropped = true`';
  outputs.suggestions += 1;
  if (outputs.suggestions > MOST_SUGGESTIONS) return '';
  // Of those that are as near as each other the first is taken.
  const far = (output: string): number => Math.abs(output.length - name.length);
  return didYouMean(
    name,
    [...outputs.by.keys()].sort((a, b) => far(a) - far(b)),
  );
};
