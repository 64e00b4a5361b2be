import { parse, type TomlTable } from 'smol-toml';
import type { ComponentKind } from '../component-kind.ts';

export type Component = { kind: ComponentKind; id: string };

const KINDS = { sources: 'source', transforms: 'transform', sinks: 'sink' } as const;

/** The components that a block defines; none for a text that is not TOML, as an older live file may be. */
export const componentsOf = (text: string): Map<string, { component: Component; table: unknown }> => {
  const found = new Map<string, { component: Component; table: unknown }>();
  const root = parseLeniently(text);
  for (const [section, kind] of Object.entries(KINDS)) {
    const tables = root[section];
    if (typeof tables !== 'object' || tables === null) continue;
    for (const [id, table] of Object.entries(tables)) found.set(`${kind} ${id}`, { component: { kind, id }, table });
  }
  return found;
};

const parseLeniently = (text: string): TomlTable => {
  try {
    return parse(text);
  } catch {
    return {};
  }
};
