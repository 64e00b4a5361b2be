import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLError } from 'yaml';
import { shownName } from './faults.ts';
import type { Parsed } from './parsed.ts';

/**
 * Reads YAML 1.2, and JSON, which is YAML too but keeps to its own rules. The words of the parser are not passed on: some of
 * them quote the file, and a file may hold a token.
 */
export const parseYaml = (text: string, { isJson = false }: { isJson?: boolean } = {}): Parsed => {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    schema: isJson ? 'json' : 'core',
  });
  const lineAt = (offset: number) => lines.linePos(offset).line;
  // What the parser says after its first complaint about a line mostly follows from that.
  const seen = new Set<number>();
  const faults: Parsed['faults'] = [...document.errors, ...document.warnings].flatMap((error) => {
    const line = lineAt(error.pos[0]);
    if (seen.has(line)) return [];
    seen.add(line);
    return [{ line, text: wordsFor(error, { text, isJson }) }];
  });
  if (isJson && faults.length === 0) faults.push(...jsonFaults(text, lineAt));
  if (faults.length > 0) return { tree: undefined, lineOf: () => undefined, faults };
  try {
    const lineOf: Parsed['lineOf'] = (path) => lineOfNode(document.contents, path, lineAt);
    return { tree: document.toJS() ?? undefined, lineOf, faults: [] };
  } catch {
    // The one thing left that can fail: an alias without an anchor, or so many of them that the tree would burst.
    const text = 'an alias ("*name") has no anchor ("&name") before it, or there are too many of them';
    return { tree: undefined, lineOf: () => undefined, faults: [{ line: undefined, text }] };
  }
};

/** Follows the path as far as it goes. A line is that of the key, not of its value. */
const lineOfNode = (root: Node | null, path: readonly PropertyKey[], lineAt: (offset: number) => number) => {
  let node: unknown = root;
  let line: number | undefined;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === String(step));
      if (pair === undefined) break;
      line = isScalar(pair.key) && pair.key.range ? lineAt(pair.key.range[0]) : line;
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(step)] as Node | undefined;
      if (item === undefined) break;
      line = item?.range ? lineAt(item.range[0]) : line;
      node = item;
    } else break;
    if (isAlias(node)) break;
  }
  return line;
};

const wordsFor = ({ code, pos }: YAMLError, { text, isJson }: { text: string; isJson: boolean }): string => {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'a tab indents this line; YAML takes blanks only';
    case 'BAD_INDENT':
      return 'this line is not indented like its neighbours, or a bracket before it is still open';
    case 'DUPLICATE_KEY':
      return `"${shownName(/^["']?([^"':\s]*)/.exec(text.slice(pos[0]))?.[1] ?? '')}" stands here a second time`;
    case 'MISSING_CHAR':
      return 'a quote, bracket, comma or colon is missing here or before';
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'a value that holds ": " needs quotes around it';
    case 'MULTILINE_IMPLICIT_KEY':
      return 'a key needs a colon and a blank behind it';
    case 'BAD_SCALAR_START':
      return 'a value that starts with this character needs quotes around it';
    case 'BAD_DQ_ESCAPE':
      return 'a backslash in double quotes starts an escape that does not exist; double it, or use single quotes';
    case 'MULTIPLE_DOCS':
      return 'a second document ("---") starts here; only one belongs into the file';
    case 'NON_STRING_KEY':
      return 'a key has to be text';
    case 'TAG_RESOLVE_FAILED':
      return isJson ? NOT_JSON : 'a tag ("!name") means nothing here';
    case 'BAD_DIRECTIVE':
      return 'a directive ("%NAME") means nothing here';
    default:
      return isJson ? NOT_JSON : 'this is not YAML';
  }
};

/** What YAML allows and JSON does not. Only some of what JSON.parse says names a place. */
const jsonFaults = (text: string, lineAt: (offset: number) => number): Parsed['faults'] => {
  if (text.trim() === '') return [];
  try {
    JSON.parse(text);
    return [];
  } catch (error) {
    const offset = /at position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    return [{ line: offset === undefined ? undefined : lineAt(Number(offset)), text: NOT_JSON }];
  }
};

const NOT_JSON =
  'this is not JSON: text and keys need double quotes, and comments and commas at the end are not known to it';
