import { type TomlStatement, tomlLines, tomlStatements } from '../../config/toml-lines.ts';
import { isTable, type Table } from '../../table.ts';
import { readInputs, SECTIONS, sectionOf, type VectorSection, type WrittenComponent } from './component.ts';
import { treeComponents } from './tree-components.ts';
import { writeToml } from './write-toml.ts';

/**
 * The components of a TOML text that parses as `tree`, each with its own lines as they were written, comments among them.
 * `lineAt` says on which line of the file a line of the text stands. Pure.
 */
export const tomlComponents = ({
  file,
  text,
  tree,
  lineAt,
}: {
  file: string;
  text: string;
  tree: Table;
  lineAt: (line: number) => number;
}): WrittenComponent[] => {
  const rows = text.split('\n');
  const found = new Map<string, Own>();
  let prefix: readonly string[] = [];
  let from = 1;
  for (const statement of tomlStatements(text)) {
    if (isNothing(statement)) continue;
    const path = pathOf(statement.tree);
    if (statement.isHeader) prefix = path;
    const whole = statement.isHeader ? path : [...prefix, ...path];
    const lines = rows.slice(from - 1, statement.lastLine);
    from = statement.lastLine + 1;
    // `[sinks]` alone begins nothing yet.
    if (statement.isHeader && whole.length < 2 && SECTIONS.some((section) => section === whole[0])) continue;
    for (const own of ownersOf({ whole, tree, found, line: statement.line }))
      own.parts.push({ path: whole, isHeader: statement.isHeader, line: statement.line, text: lines.join('\n') });
  }
  // What stands behind a statement that could not be told apart must not be lost: then all is written anew.
  if (rows.slice(from - 1).some((row) => /^[ \t]*[^ \t\r#]/.test(row))) {
    const lineOf = tomlLines(text);
    return treeComponents({ file, tree, lineOf: (path) => lineAt(lineOf(path) ?? 1) });
  }
  return [...found.values()].map((own) => componentOf({ file, own, tree, lineAt }));
};

type TextPart = { path: readonly string[]; isHeader: boolean; line: number; text: string };
type Own = { section: VectorSection; id: string; parts: TextPart[] };

const isNothing = ({ tree, isHeader }: TomlStatement): boolean =>
  !isHeader && isTable(tree) && Object.keys(tree).length === 0;

/** The keys of a statement down to its value, or to the table that a header names. */
const pathOf = (tree: unknown): string[] => {
  const path: string[] = [];
  for (let at = tree; isTable(at); ) {
    const entries = Object.entries(at);
    const [entry] = entries;
    if (entry === undefined || entries.length > 1) return path;
    path.push(entry[0]);
    at = entry[1];
  }
  return path;
};

/** The component that a statement belongs to; several where one statement holds a whole section. */
const ownersOf = ({
  whole,
  tree,
  found,
}: {
  whole: readonly string[];
  tree: Table;
  found: Map<string, Own>;
  line: number;
}): Own[] => {
  const section = sectionOf(whole[0] ?? '');
  const held = section === 'other' ? undefined : tree[section];
  const ids =
    section === 'other'
      ? [whole[0] ?? '']
      : whole[1] === undefined
        ? Object.keys(isTable(held) ? held : {})
        : [whole[1]];
  return ids.map((id) => {
    const key = JSON.stringify([section, id]);
    const own = found.get(key) ?? { section, id, parts: [] };
    found.set(key, own);
    return own;
  });
};

const componentOf = ({
  file,
  own: { section, id, parts },
  tree,
  lineAt,
}: {
  file: string;
  own: Own;
  tree: Table;
  lineAt: (line: number) => number;
}): WrittenComponent => {
  const held = section === 'other' ? tree : tree[section];
  const value = isTable(held) ? held[id] : undefined;
  const options = isTable(value) ? value : {};
  const line = lineAt(parts[0]?.line ?? 1);
  const first = parts[0];
  // Under a header of its own, its text can stay; `[sinks] x = { … }` and dotted keys are written anew.
  const isApart = first?.isHeader === true && first.path.length >= 2;
  return {
    file,
    line,
    section,
    id,
    inputs: readInputs(options),
    options,
    write: (as) => {
      if (section === 'other') return parts.map(({ text }) => text).join('\n');
      if (!isApart)
        return writeToml({
          path: [section, as.id ?? id],
          options: as.inputs === undefined ? options : { ...options, inputs: as.inputs },
        });
      return parts.map((part) => rewritten({ part, id, as })).join('\n');
    },
    lineOf: (path) => lineAt(lineWithin({ parts, path: section === 'other' ? [id, ...path] : [section, id, ...path] })),
  };
};

/** The part that says most of a path. */
const lineWithin = ({ parts, path }: { parts: readonly TextPart[]; path: readonly string[] }): number => {
  const common = (part: TextPart): number => {
    const end = part.path.findIndex((step, index) => step !== path[index]);
    return end === -1 ? part.path.length : end;
  };
  const most = Math.max(0, ...parts.map(common));
  return parts.find((part) => common(part) === most)?.line ?? 1;
};

const rewritten = ({
  part: { path, isHeader, text },
  id,
  as,
}: {
  part: TextPart;
  id: string;
  as: { id?: string; inputs?: readonly string[] };
}): string => {
  if (isHeader) return as.id === undefined ? text : withName({ text, id, name: as.id });
  if (path.length !== 3 || path[2] !== 'inputs' || as.inputs === undefined) return text;
  const at = /^(?:[ \t]*(?:#[^\n]*)?\n)*/.exec(text)?.[0].length ?? 0;
  return `${text.slice(0, at)}inputs = ${inputsText(as.inputs)}`;
};

const inputsText = (inputs: readonly string[]): string =>
  `[${inputs.map((input) => JSON.stringify(input)).join(', ')}]`;

/** In the last line, which is the header; a quoted name loses its quotes. */
const withName = ({ text, id, name }: { text: string; id: string; name: string }): string => {
  const start = text.lastIndexOf('[', text.lastIndexOf(id));
  const header = text.slice(start);
  const quoted = [`"${id}"`, `'${id}'`].find((one) => header.includes(one));
  return `${text.slice(0, start)}${header.replace(quoted ?? id, () => name)}`;
};
