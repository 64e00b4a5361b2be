import { parse, TomlError } from 'smol-toml';
import type { Parsed } from './parsed.ts';
import { tomlLines } from './toml-lines.ts';

/** Reads TOML 1.0. */
export const parseToml = (text: string): Parsed => {
  try {
    const tree = parse(text);
    let lines: ReturnType<typeof tomlLines> | undefined;
    const lineOf: Parsed['lineOf'] = (path) => {
      lines ??= tomlLines(text);
      return lines(path);
    };
    return { tree, lineOf, faults: [] };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return { tree: undefined, lineOf: () => undefined, faults: [{ line: error.line, text: wordsFor(error) }] };
  }
};

/** The parser's own words, as long as they quote nothing: a file may hold a token. */
const wordsFor = ({ message }: TomlError): string => {
  const said = /^Invalid TOML document: ([a-z][a-z ,:-]*)\n/.exec(message)?.[1];
  return said === undefined ? 'this is not TOML' : `this is not TOML: ${said}`;
};
