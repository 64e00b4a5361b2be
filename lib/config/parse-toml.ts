import { parse, TomlError } from 'smol-toml';
import type { Parsed } from './parsed.ts';

/** Reads TOML 1.0. */
export const parseToml = (text: string): Parsed => {
  try {
    return { tree: parse(text), lineOf: (path) => lineOf(text, path), faults: [] };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return { tree: undefined, lineOf: () => undefined, faults: [{ line: error.line, text: wordsFor(error) }] };
  }
};

/**
 * The parser tells no places, so it is asked with ever more of the file: the first beginning that holds the key ends with
 * the statement that sets it, and the last beginning that could be read before ended right above it.
 */
const lineOf = (text: string, path: readonly PropertyKey[]): number | undefined => {
  const lines = text.split('\n');
  let found: number | undefined;
  let start = 1;
  let depth = 0;
  lines.forEach((_, index) => {
    const tree = read(lines.slice(0, index + 1).join('\n'));
    if (tree === undefined) return;
    const reached = howDeep(tree, path);
    if (reached > depth) {
      depth = reached;
      found = start;
    }
    start = index + 2;
  });
  return found;
};

const read = (text: string): unknown => {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
};

const howDeep = (tree: unknown, path: readonly PropertyKey[]): number => {
  let value = tree;
  let depth = 0;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) break;
    value = (value as Record<PropertyKey, unknown>)[step];
    depth += 1;
  }
  return depth;
};

/** The parser's own words, as long as they quote nothing: a file may hold a token. */
const wordsFor = ({ message }: TomlError): string => {
  const said = /^Invalid TOML document: ([a-z][a-z ,:-]*)\n/.exec(message)?.[1];
  return said === undefined ? 'this is not TOML' : `this is not TOML: ${said}`;
};
