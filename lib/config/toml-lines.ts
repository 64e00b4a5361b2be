import { parse } from 'smol-toml';

/**
 * The line on which a TOML text first says something of a path, or of as much of the path as it has. The parser tells no
 * places, so the text is read once more, statement by statement, each alone. Only for a text that parses as a whole.
 */
export const tomlLines = (text: string): ((path: readonly PropertyKey[]) => number | undefined) => {
  const root: Seen = { line: undefined, inside: new Map() };
  const tables = createTables();
  let prefix: readonly PropertyKey[] = [];
  for (const { line, tree, isHeader } of tomlStatements(text)) {
    if (!isHeader) {
      note(stepInto(root, prefix, line), tree, line);
      continue;
    }
    prefix = tables.enter(tree);
    stepInto(root, prefix, line);
  }
  return (path) => {
    let at: Seen = root;
    for (const step of path) {
      const next = at.inside.get(String(step));
      if (next === undefined) break;
      at = next;
    }
    return at.line;
  };
};

/** What the text says of a path, and from which line on. */
type Seen = { line: number | undefined; inside: Map<string, Seen> };

const stepInto = (from: Seen, path: readonly PropertyKey[], line: number): Seen =>
  path.reduce<Seen>((at, step) => {
    const next = at.inside.get(String(step)) ?? { line, inside: new Map() };
    at.inside.set(String(step), next);
    return next;
  }, from);

const note = (at: Seen, value: unknown, line: number): void => {
  if (typeof value !== 'object' || value === null || value instanceof Date) return;
  for (const [key, inner] of Object.entries(value)) note(stepInto(at, [key], line), inner, line);
};

/** One `[header]` or `key = value`, alone, with the lines (from 1) that it begins and ends on. */
export type TomlStatement = { line: number; lastLine: number; tree: unknown; isHeader: boolean };

/** Statements of several lines are tried at each line that may end them, and given up after so many. */
const MOST_TRIES = 500;

/** The statements of a TOML text in its order, up to the first that cannot be read; lines of blanks and comments are statements of nothing. */
export const tomlStatements = function* (text: string): Generator<TomlStatement> {
  const lines = text.split('\n');
  let start = 0;
  while (start < lines.length) {
    const first = lines[start] ?? '';
    const isHeader = /^\s*\[/.test(first);
    const end = isHeader ? start : endOf(lines, start);
    if (end === undefined) return;
    const tree = read(lines.slice(start, end + 1).join('\n'));
    if (tree === undefined) return;
    yield { line: start + 1, lastLine: end + 1, tree, isHeader };
    start = end + 1;
  }
};

/** The last line of the statement that begins here. */
const endOf = (lines: readonly string[], start: number): number | undefined => {
  if (read(lines[start] ?? '') !== undefined) return start;
  const closing = closingOf(lines[start] ?? '');
  let tries = 0;
  for (let end = start + 1; end < lines.length && tries < MOST_TRIES; end += 1) {
    if (!closing.test(lines[end] ?? '')) continue;
    tries += 1;
    if (read(lines.slice(start, end + 1).join('\n')) !== undefined) return end;
  }
  return undefined;
};

const closingOf = (line: string): RegExp => {
  const opened = /^[^#={[]*=\s*('''|""")/.exec(line)?.[1];
  return opened === undefined ? /[\]}]|'''|"""/ : new RegExp(opened);
};

const read = (text: string): unknown => {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
};

/** Paths of headers: one of `[[list]]` is of its next item, and what is below it belongs to its last. */
const createTables = () => {
  const counts = new Map<string, number>();
  return {
    enter: (tree: unknown): readonly PropertyKey[] => {
      const path: PropertyKey[] = [];
      let at = tree;
      for (;;) {
        const key = JSON.stringify(path);
        if (Array.isArray(at)) {
          const index = counts.get(key) ?? 0;
          counts.set(key, index + 1);
          return [...path, index];
        }
        const count = counts.get(key);
        if (count !== undefined) path.push(count - 1);
        const [entry] = Object.entries(at as object);
        if (entry === undefined) return path;
        path.push(entry[0]);
        at = entry[1];
      }
    },
  };
};
