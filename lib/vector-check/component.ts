import type { ComponentKind } from '../component-kind.ts';
import type { Table } from '../table.ts';

/** The tables of a configuration that hold components, by id. */
export const COMPONENT_TABLES = ['sources', 'transforms', 'sinks', 'enrichment_tables'] as const;
export type ComponentTable = (typeof COMPONENT_TABLES)[number];

/** What the rest of nvl calls a component of that table; nothing for an enrichment table. */
export const KIND_OF: Readonly<Record<ComponentTable, ComponentKind | undefined>> = {
  sources: 'source',
  transforms: 'transform',
  sinks: 'sink',
  enrichment_tables: undefined,
};

/** One component of a configuration: `options` is all that stands in it. */
export type ConfigComponent = {
  table: ComponentTable;
  id: string;
  /** Undefined where it is no text. */
  type: string | undefined;
  options: Table;
  file: string;
};
