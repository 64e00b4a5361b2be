import { isTable } from '../table.ts';
import type { ConfigComponent } from './component.ts';
import { shownOption } from './finding.ts';
import type { VectorConfig } from './read-config.ts';

/** A VRL program of a transform, which `vector validate --no-environment` compiles. */
export type ConfigProgram = {
  /** The transform that has it, and the option, as in `source`, `route.errors` or `routes[0].condition.source`. */
  component: string;
  option: string;
  kind: 'remap' | 'condition';
  /** The file of the configuration, and the path in it: `lineOf` of the configuration takes both. */
  file: string;
  path: readonly PropertyKey[];
  /** What the transform reads; with patterns, as it is written. */
  inputs: readonly string[];
} & (
  | { source: string; files?: never }
  /** It stands in files of its own, as the configuration names them: their texts, with a line end behind each of several. */
  | { source?: never; files: readonly string[] }
);

/**
 * Every VRL program in the transforms of a configuration, in their order, and the ids of the enrichment tables that programs may look
 * into. Conditions of another kind than VRL are not among them, nor is what transforms hold that nvl does not know. Pure.
 *
 * @source vector 0.57.0: src/conditions/mod.rs, `validate_env` in src/transforms/
 */
export const programsIn = ({
  components,
}: Pick<VectorConfig, 'components'>): { programs: ConfigProgram[]; tables: string[] } => ({
  programs: components.filter(({ table }) => table === 'transforms').flatMap(programsOf),
  tables: components.filter(({ table }) => table === 'enrichment_tables').map(({ id }) => id),
});

const programsOf = (component: ConfigComponent): ConfigProgram[] =>
  component.type === 'remap'
    ? remapPrograms(component)
    : conditionsIn(component).flatMap(([within, value]) => {
        const isLong = isTable(value) && value.type === 'vrl';
        const source = isLong ? value.source : value;
        const path = [...within, ...(isLong ? ['source'] : [])];
        return typeof source === 'string'
          ? [{ ...programAt({ component, within: path, kind: 'condition' }), source }]
          : [];
      });

const programAt = ({
  component: { table, id, file, options },
  within,
  kind,
}: {
  component: ConfigComponent;
  within: readonly PropertyKey[];
  kind: ConfigProgram['kind'];
}): Omit<ConfigProgram, 'source' | 'files'> => {
  const path = [table, id, ...within];
  const inputs = Array.isArray(options.inputs) ? options.inputs.filter((input) => typeof input === 'string') : [];
  return { component: id, option: shownOption(path), kind, file, path, inputs };
};

const remapPrograms = (component: ConfigComponent): ConfigProgram[] => {
  const { source, file, files } = component.options;
  const at = (option: string) => programAt({ component, within: [option], kind: 'remap' });
  if (typeof source === 'string') return [{ ...at('source'), source }];
  if (typeof file === 'string') return [{ ...at('file'), files: [file] }];
  if (!Array.isArray(files)) return [];
  return [{ ...at('files'), files: files.filter((one) => typeof one === 'string') }];
};

type Condition = [within: readonly PropertyKey[], value: unknown];

const conditionsIn = ({ type = '', options }: ConfigComponent): Condition[] => {
  const { route, routes } = options;
  if (type === 'route' && isTable(route)) return Object.entries(route).map(([name, value]) => [['route', name], value]);
  if (type === 'exclusive_route' && Array.isArray(routes))
    return routes.map((one, at) => [['routes', at, 'condition'], isTable(one) ? one.condition : undefined]);
  return (OPTIONS.get(type) ?? []).map((option) => [[option], options[option]]);
};

/** Options that hold a condition, by the type of the transform. */
const OPTIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ['delay', ['condition']],
  ['filter', ['condition']],
  ['reduce', ['starts_when', 'ends_when']],
  ['sample', ['exclude']],
  ['throttle', ['exclude']],
  ['window', ['forward_when', 'flush_when']],
]);
