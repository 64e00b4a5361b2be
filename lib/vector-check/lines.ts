import { parse } from 'smol-toml';
import { parseYaml } from '../config/parse-yaml.ts';
import { tomlLines } from '../config/toml-lines.ts';
import type { VectorFile } from './read-config.ts';

/** The line of a text, from 1, where a path of its configuration stands, or as much of it as is there. */
export type LineOf = (path: readonly PropertyKey[]) => number | undefined;

/**
 * Finds lines in a file that has been read. All lines of a text are dear to find, and a generated one has thousands of components: so a
 * component is looked for by its head, and its lines are found alone. Pure.
 */
export const linesOf = ({ text, format = 'toml', component }: VectorFile): LineOf => {
  const inFile: LineOf =
    format === 'toml' ? tomlLinesOf(text) : lazily(() => parseYaml(text, { isJson: format === 'json' }).lineOf);
  if (component === undefined) return inFile;
  return ([, , ...within]) => inFile(within);
};

const lazily = (make: () => LineOf): LineOf => {
  let made: LineOf | undefined;
  return (path) => {
    made ??= make();
    return made(path);
  };
};

const tomlLinesOf = (text: string): LineOf => {
  const whole = lazily(() => tomlLines(text));
  let sections: Map<string, Section> | undefined;
  const found = new Map<string, LineOf | undefined>();
  return (path) => {
    const [table, id] = path;
    if (id === undefined) return whole(path);
    const key = `${String(table)}.${String(id)}`;
    sections ??= sectionsIn(text);
    if (!found.has(key)) found.set(key, sectionLines(text, sections.get(key)));
    return (found.get(key) ?? whole)(path);
  };
};

/** What stands from the head of a component to that of the next one; `line` is that of its head, from 0. */
type Section = { start: number; end: number; line: number };

const sectionsIn = (text: string): Map<string, Section> => {
  const sections = new Map<string, Section>();
  let last: { key: string; section: Section } | undefined;
  let line = 0;
  let counted = 0;
  for (const { index, 0: head, 1: key = '' } of text.matchAll(HEADS)) {
    // Tables of a component are of its section.
    if (key === last?.key) continue;
    for (let at = text.indexOf('\n', counted); at !== -1 && at < index; at = text.indexOf('\n', at + 1)) line += 1;
    counted = index;
    if (last !== undefined) last.section.end = index;
    last = { key, section: { start: index, end: text.length, line } };
    if (head.endsWith(']') && !sections.has(key)) sections.set(key, last.section);
  }
  return sections;
};

const HEADS = /^\[((?:sources|transforms|sinks|enrichment_tables)\.[\w-]+)(?:\]|\.)/gm;

const sectionLines = (text: string, section: Section | undefined): LineOf | undefined => {
  if (section === undefined) return undefined;
  const { start, end, line: before } = section;
  const own = text.slice(start, end);
  try {
    // What looks like a head may stand in a text of several lines.
    parse(own);
  } catch {
    return undefined;
  }
  const within = tomlLines(own);
  return (path) => {
    const line = within(path);
    return line === undefined ? undefined : line + before;
  };
};
