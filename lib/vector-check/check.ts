import type { VectorRefusal } from '../vector/proof/report.ts';
import { circleFindings } from './circles.ts';
import { KIND_OF } from './component.ts';
import { componentAt, sentenceOf, shownOption } from './finding.ts';
import { inputFindings } from './inputs.ts';
import { emptyFindings, nameFindings } from './names.ts';
import { valueFindings } from './options.ts';
import type { FoundIn, VectorConfig } from './read-config.ts';
import { isSameRelease, VECTOR_SCHEMA } from './read-schema.ts';
import { ruleFindings } from './rules.ts';
import type { VectorSchema } from './schema.ts';
import { isOfSchema, typeFindings } from './types.ts';

/**
 * One thing that speaks against a configuration, in the form of what Vector itself says (`readReport`). An `error` is one that Vector
 * refuses; a `note` is worth a look, and may be fine.
 */
export type VectorFinding = VectorRefusal & {
  severity: 'error' | 'note';
  /** The option, within its component; from the root where there is none. */
  path: string;
};

/**
 * Checks a configuration as far as that goes without Vector: what each option may hold, and how the components are connected. VRL
 * programs are for others to compile (`lib/engine/`). Whatever it refuses, Vector refuses too. Pure.
 */
export const checkVectorConfig = ({
  config,
  isWhole = true,
  vectorVersion,
  schema = VECTOR_SCHEMA,
}: {
  config: VectorConfig;
  /** Vector reads nothing else. Where it does, what is missing here may be there. */
  isWhole?: boolean;
  /** That of the Vector that will read it, where it is known: what another one says of options is only a note. */
  vectorVersion?: string | undefined;
  schema?: VectorSchema;
}): VectorFinding[] => {
  const isSame = vectorVersion === undefined || isSameRelease(schema, vectorVersion);
  const found = [
    ...config.findings,
    ...optionFindings(config, schema).map((one) => (isSame ? one : { ...one, severity: 'note' as const })),
    ...topologyFindings({ config, schema, isWhole: isWhole && config.isComplete }),
  ];
  return placed(found, config);
};

const optionFindings = ({ components, globals }: VectorConfig, schema: VectorSchema): FoundIn[] => [
  ...globals.flatMap(({ file, options }) =>
    valueFindings({ value: options, path: [], schema }, schema.shapes[schema.globals] ?? {}).map((one) => ({
      ...one,
      file,
    })),
  ),
  ...components.flatMap((component) => {
    if (!isOfSchema(component, schema)) return typeFindings(component, schema);
    const { table, id, options } = component;
    const shape = schema.shapes[schema[table]] ?? {};
    return [...valueFindings({ value: options, path: [table, id], schema }, shape), ...ruleFindings(component)];
  }),
];

const topologyFindings = ({
  config: { components, globals },
  schema,
  isWhole,
}: {
  config: VectorConfig;
  schema: VectorSchema;
  isWhole: boolean;
}): FoundIn[] => {
  // A provider brings the components.
  const isElsewhere = globals.some(({ options }) => options.provider !== undefined);
  const { findings, readers } = inputFindings({
    components,
    isKnownType: (component) => isOfSchema(component, schema),
    isRelaxed: globals.some(({ options }) => options.wildcard_matching === 'relaxed'),
    isWhole,
  });
  return [
    ...nameFindings(components),
    ...(isWhole && !isElsewhere ? emptyFindings(components) : []),
    ...findings,
    ...circleFindings(readers),
  ];
};

/** Each with its component, its file and its line. */
const placed = (found: readonly FoundIn[], { components, lineOf }: VectorConfig): VectorFinding[] => {
  if (found.length === 0) return [];
  const owners = new Map(components.map(({ table, id, file }) => [`${table}.${id}`, file]));
  return found.map((one) => {
    const { severity, path } = one;
    const at = componentAt(path);
    const kind = at === undefined ? undefined : KIND_OF[at.table];
    const file = one.file ?? owners.get(`${at?.table}.${at?.id}`);
    const line = one.line ?? (file === undefined || path.length === 0 ? undefined : lineOf(file, path));
    return {
      severity,
      path: shownOption(path),
      message: sentenceOf(one),
      ...(at === undefined || kind === undefined ? {} : { kind, component: at.id }),
      ...(file === undefined ? {} : { file }),
      ...(line === undefined ? {} : { line }),
    };
  });
};
