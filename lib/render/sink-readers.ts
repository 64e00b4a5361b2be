import { parse } from 'smol-toml';
import type { Block } from './file.ts';

/** The sinks of these blocks that read a component, by the component's id, each list sorted. A text that is no TOML reads nothing. */
export const readersIn = (sinks: readonly Block[]): ReadonlyMap<string, readonly string[]> => {
  const readers = new Map<string, string[]>();
  for (const { text } of sinks) {
    for (const [id, inputs] of sinksOf(text)) {
      for (const input of inputs) readers.set(input, [...(readers.get(input) ?? []), id].sort());
    }
  }
  return readers;
};

const sinksOf = (text: string): [id: string, inputs: string[]][] => {
  try {
    return Object.entries(Object(parse(text).sinks)).map(([id, table]) => {
      const inputs: unknown = Object(table).inputs;
      return [id, Array.isArray(inputs) ? inputs.filter((input) => typeof input === 'string') : []];
    });
  } catch {
    return [];
  }
};
