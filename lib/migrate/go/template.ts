import { type Action, readAction } from './action.ts';

/**
 * A piece of a template of Go's `text/template`, with the line (from 1) that it begins on. White space that a `{{-` or `-}}`
 * takes away is gone from the texts.
 */
export type GoNode =
  | { kind: 'text'; text: string; line: number }
  | { kind: 'value'; action: Action; line: number }
  | { kind: 'if'; branches: GoBranch[]; line: number }
  | { kind: 'range'; action: Action; body: GoNode[]; line: number }
  /** What is read and has no counterpart: `with`, `define`, `template`, an assignment, … */
  | { kind: 'other'; word: string; line: number };

/** An `else` without a condition has none. */
export type GoBranch = { condition: Action | undefined; body: GoNode[]; line: number };

export type GoFault = { line: number; text: string };

/**
 * Reads a template of Go's `text/template` with its standard delimiters. Pure; a template that Go would refuse, too, is a fault.
 *
 * @source https://pkg.go.dev/text/template
 */
export const parseGoTemplate = (text: string): { nodes: GoNode[] } | GoFault => {
  const parts = split(text);
  if (!Array.isArray(parts)) return parts;
  const reader = { parts, at: 0 };
  const nodes = readNodes(reader, 0);
  if (!Array.isArray(nodes)) return nodes;
  const rest = parts[reader.at];
  return rest === undefined ? { nodes } : { line: rest.line, text: `{{ ${rest.text} }} ends nothing` };
};

type Part = { isAction: boolean; text: string; line: number };
type Reader = { parts: readonly Part[]; at: number };

/** Texts and actions in turn. */
const split = (text: string): Part[] | GoFault => {
  const parts: Part[] = [];
  let at = 0;
  let line = 1;
  let trims = false;
  const addText = (raw: string, trimsEnd: boolean): void => {
    const start = trims ? raw.length - raw.trimStart().length : 0;
    const kept = trimsEnd ? raw.slice(start).trimEnd() : raw.slice(start);
    if (kept !== '') parts.push({ isAction: false, text: kept, line: line + newlines(raw.slice(0, start)) });
    line += newlines(raw);
  };
  for (;;) {
    const open = text.indexOf('{{', at);
    if (open === -1) {
      addText(text.slice(at), false);
      return parts;
    }
    const trimsBefore = /^-\s/.test(text.slice(open + 2, open + 4));
    addText(text.slice(at, open), trimsBefore);
    const from = open + 2 + (trimsBefore ? 1 : 0);
    const close = endOfAction(text, from);
    if (close === undefined) return { line, text: 'an action that begins here has no end' };
    const raw = text.slice(from, close);
    trims = /\s-$/.test(raw);
    const inner = (trims ? raw.slice(0, -1) : raw).trim();
    if (!inner.startsWith('/*')) parts.push({ isAction: true, text: inner, line });
    line += newlines(raw);
    at = close + 2;
  }
};

const newlines = (text: string): number => text.split('\n').length - 1;

/** Where the `}}` is that ends an action: one within a text or a comment does not. */
const endOfAction = (text: string, from: number): number | undefined => {
  const pattern = /\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)*'|\}\}/g;
  pattern.lastIndex = from;
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text))
    if (found[0] === '}}') return found.index;
  return undefined;
};

/** Deeper than any person nests; a hostile file may. */
const MOST_DEEP = 100;

/** Up to the `end` or `else` that belongs to what is around, which stays. */
const readNodes = (reader: Reader, depth: number): GoNode[] | GoFault => {
  const nodes: GoNode[] = [];
  for (;;) {
    const part = reader.parts[reader.at];
    if (part === undefined) return nodes;
    if (!part.isAction) {
      nodes.push({ kind: 'text', text: part.text, line: part.line });
      reader.at += 1;
      continue;
    }
    const { word, rest } = wordsOf(part.text);
    if (word === 'end' || word === 'else') return nodes;
    if (depth >= MOST_DEEP) return { line: part.line, text: 'it is nested too deeply' };
    reader.at += 1;
    const node = BLOCKS.has(word) ? readBlock({ reader, word, rest, line: part.line, depth }) : readValue(part);
    if ('text' in node && !('kind' in node)) return node;
    nodes.push(node as GoNode);
  }
};

const BLOCKS = new Set(['if', 'range', 'with', 'define', 'block']);
const LONE = new Set(['template', 'break', 'continue']);

const wordsOf = (text: string): { word: string; rest: string } => {
  const [, word = '', rest = ''] = /^([a-z]*)\b([\s\S]*)$/.exec(text) ?? [];
  return { word, rest: rest.trim() };
};

const readValue = ({ text, line }: Part): GoNode | GoFault => {
  const { word } = wordsOf(text);
  if (LONE.has(word)) return { kind: 'other', word, line };
  const action = readAction(text);
  if ('fault' in action) return { line, text: action.fault };
  return action.declares.length > 0 ? { kind: 'other', word: 'variable', line } : { kind: 'value', action, line };
};

const readBlock = ({
  reader,
  word,
  rest,
  line,
  depth,
}: {
  reader: Reader;
  word: string;
  rest: string;
  line: number;
  depth: number;
}): GoNode | GoFault => {
  const branches: { text: string | undefined; body: GoNode[]; line: number }[] = [];
  let head: { text: string | undefined; line: number } = { text: rest, line };
  for (;;) {
    const body = readNodes(reader, depth + 1);
    if (!Array.isArray(body)) return body;
    branches.push({ ...head, body });
    const part = reader.parts[reader.at];
    if (part === undefined) return { line, text: `{{ ${word} }} has no {{ end }}` };
    reader.at += 1;
    const next = wordsOf(part.text);
    if (next.word === 'end') break;
    head = { text: next.rest === '' ? undefined : next.rest.replace(/^(?:if|with)\s+/, ''), line: part.line };
  }
  if (word !== 'if' && word !== 'range') return { kind: 'other', word, line };
  const actions = branches.map(({ text }) => (text === undefined ? undefined : readAction(text)));
  const fault = actions.find((action) => action !== undefined && 'fault' in action);
  if (fault !== undefined && 'fault' in fault) return { line, text: fault.fault };
  const read = branches.map(({ body, line: at }, index) => ({
    condition: actions[index] as Action | undefined,
    body,
    line: at,
  }));
  if (word === 'if') return { kind: 'if', branches: read, line };
  const [first] = read;
  return read.length > 1 || first?.condition === undefined
    ? { kind: 'other', word: 'range with else', line }
    : { kind: 'range', action: first.condition, body: first.body, line };
};
