import { parse as parseToml, TomlError } from 'smol-toml';
import { parseDocument, visit } from 'yaml';
import { isTable, type Table } from '../table.ts';
import type { ConfigFormat } from '../vector/config/command.ts';

/** The tree of a configuration file, or what is wrong with it and in which line. Pure. */
export const parseFile = (
  text: string,
  format: ConfigFormat,
): { tree: Table } | { fault: string; line: number | undefined } => {
  try {
    const tree = PARSERS[format](text) ?? {};
    return isTable(tree) ? { tree } : { fault: 'has to be a table', line: undefined };
  } catch (error) {
    const { line, linePos } = error as { line?: number; linePos?: [{ line: number }] };
    return { fault: wordsFor(error, format), line: linePos?.[0].line ?? line };
  }
};

const PARSERS: Readonly<Record<ConfigFormat, (text: string) => unknown>> = {
  // Vector takes whole numbers of 64 bits.
  toml: (text) => parseToml(text, { integersAsBigInt: 'asNeeded' }),
  yaml: (text) => parseYaml(text),
  json: (text) => JSON.parse(text),
};

/** As Vector reads it, with `<<` merge keys. */
const parseYaml = (text: string): unknown => {
  const document = parseDocument(text, { merge: true, logLevel: 'error' });
  const [error] = document.errors;
  if (error !== undefined) throw error;
  visit(document, {
    Scalar: (_, node) => {
      if (node.type === 'PLAIN') node.value = plainValue(node.value, node.source ?? '');
    },
  });
  return document.toJS({ maxAliasCount: 10_000 });
};

/**
 * Vector's YAML takes a whole number with a zero before it, and one that is too large, for a text; and it knows binary numbers, and signs
 * before those of other bases.
 *
 * @source vector 0.57.0, asked of fifty values
 */
const plainValue = (value: unknown, source: string): unknown => {
  if (typeof value === 'number') {
    const isText = /^[-+]?0\d+$/.test(source) || (!Number.isFinite(value) && /\d/.test(source));
    return isText ? source : value;
  }
  const [, sign, digits] = /^([-+]?)(0(?:b[01]+|o[0-7]+|x[\da-f]+))$/i.exec(source) ?? [];
  return digits === undefined || /[BOX]/.test(digits) ? value : Number(digits) * (sign === '-' ? -1 : 1);
};

/** The parser's own words, as long as they quote nothing: a file may hold a token. */
const wordsFor = (error: unknown, format: ConfigFormat): string => {
  const said =
    error instanceof TomlError ? /^Invalid TOML document: ([a-z][a-z ,:-]*)\n/.exec(error.message)?.[1] : undefined;
  return `is not ${format.toUpperCase()}${said === undefined ? '' : `: ${said}`}`;
};
