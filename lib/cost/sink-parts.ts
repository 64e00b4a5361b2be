import { objectOf } from '../json.ts';
import { isTable, type Table } from '../table.ts';

/** What a sink tells events apart by: each set of other values is one more stream (or file, …) there. */
export type SinkParts = {
  /** What each set of them is, in the plural. */
  what: string;
  /** Texts with `{{ field }}` in them, by the names of labels or options. Times in them are taken out: they are the same for all. */
  labels: ReadonlyMap<string, string>;
};

/** Undefined for a sink that tells no events apart, or not by fields. Pure. */
export const sinkParts = (table: Table): SinkParts | undefined => {
  const kind = KINDS[String(table.type)];
  if (kind === undefined) return undefined;
  const labels = new Map<string, string>();
  for (const path of kind.options) {
    const value = path.split('.').reduce<unknown>((inner, name) => objectOf(inner)[name], table);
    for (const [name, text] of textsIn(path, value)) labels.set(name, withoutTimes(text));
  }
  return labels.size === 0 || [...labels.values()].every((text) => !text.includes('{{'))
    ? undefined
    : { what: kind.what, labels };
};

/** @source https://vector.dev/docs/reference/configuration/sinks/ */
const KINDS: Readonly<Record<string, { what: string; options: readonly string[] }>> = {
  loki: { what: 'streams', options: ['labels', 'tenant_id'] },
  file: { what: 'files', options: ['path'] },
  elasticsearch: { what: 'indices', options: ['bulk.index'] },
  kafka: { what: 'topics', options: ['topic'] },
  aws_s3: { what: 'prefixes', options: ['key_prefix'] },
  gcp_cloud_storage: { what: 'prefixes', options: ['key_prefix'] },
  azure_blob: { what: 'prefixes', options: ['blob_prefix'] },
};

/** A label of an option that is a table has the name that it has there. */
const textsIn = (path: string, value: unknown): [string, string][] => {
  if (typeof value === 'string') return [[path, value]];
  if (!isTable(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => textsIn(path === 'labels' ? name : `${path}.${name}`, inner));
};

/** `%Y-%m-%d` outside of braces. */
const withoutTimes = (text: string): string =>
  text.replaceAll(/\{\{[^}]*\}\}|%[-_0]?[A-Za-z%]/g, (found) => (found.startsWith('{{') ? found : ''));
