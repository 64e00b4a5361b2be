import type { ConfigComponent } from './component.ts';
import { COMPONENT_TABLES } from './component.ts';
import { errorAt, type Found } from './finding.ts';

/**
 * What speaks against the ids of components, and against a configuration without a source or a sink. Pure.
 *
 * @source vector 0.57.0: `check_names` and `check_shape` in src/config/validation.rs: tables may have any name, also one of another
 * component
 */
export const nameFindings = (components: readonly ConfigComponent[]): Found[] => {
  const byId = Map.groupBy(
    components.filter(({ table }) => table !== 'enrichment_tables'),
    ({ id }) => id,
  );
  return [...byId].flatMap(([id, same]) => {
    const tables = COMPONENT_TABLES.filter((table) => same.some((component) => component.table === table));
    const path = [tables.at(-1) ?? '', id];
    return [
      ...(tables.length > 1
        ? [errorAt(path, `has the name of another component: it is among ${tables.join(' and ')}`)]
        : []),
      ...(id.includes('.') ? [errorAt(path, 'has a dot in its name, which only outputs have')] : []),
    ];
  });
};

/** Of a whole configuration. */
export const emptyFindings = (components: readonly ConfigComponent[]): Found[] =>
  (['sources', 'sinks'] as const)
    .filter((table) => !components.some((component) => component.table === table))
    .map((table) => errorAt([], `has no ${table}`));
