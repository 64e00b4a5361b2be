import { type Expression, expressionOf, isTaskList, type Scope } from './expression.ts';
import { argumentOf, handlebarsOf, literalText } from './handlebars.ts';
import type { GoBranch, GoNode } from './template.ts';

/**
 * A template as a text that can be read as TOML or YAML: what Go would put in stands there as a word of letters and digits, or as a
 * comment where it is a line by itself.
 */
export type Skeleton = {
  text: string;
  /** The line of the template on which each line of the text begins. */
  lines: readonly number[];
  words: ReadonlyMap<string, Word>;
  faults: readonly { line: number; text: string }[];
};

export type Word = {
  /** What a template of nvl's has in its place. */
  handlebars: string;
  /** What stands for it in the name of a component: names of the same shape are the same for each task. */
  shape: string;
};

/** Words are numbered on through all parts of a file; no text of the file holds their beginning. */
export type Words = { prefix: string; count: number };

export const wordsFor = (text: string): Words => {
  let prefix = 'nvlword';
  while (text.includes(prefix)) prefix += 'x';
  return { prefix, count: 0 };
};

/** Pure, but for the numbers it takes of `words`. */
export const skeletonOf = ({
  nodes,
  scope,
  words,
}: {
  nodes: readonly GoNode[];
  scope: Scope;
  words: Words;
}): Skeleton => {
  const made: Making = { text: '', lines: [nodes[0]?.line ?? 1], words: new Map(), faults: [], numbers: words };
  writeNodes({ nodes, scope, made });
  return made;
};

type Making = {
  text: string;
  lines: number[];
  words: Map<string, Word>;
  faults: { line: number; text: string }[];
  numbers: Words;
};

const writeNodes = ({ nodes, scope, made }: { nodes: readonly GoNode[]; scope: Scope; made: Making }): void => {
  for (const [index, node] of nodes.entries()) {
    switch (node.kind) {
      case 'text':
        writeText({ text: node.text, line: node.line, made });
        break;
      case 'value':
        writeValue({ node, scope, made, after: textAfter(nodes[index + 1]) });
        break;
      case 'if':
        writeIf({ node, scope, made });
        break;
      case 'range':
        writeNames({ node, scope, made });
        break;
      case 'other':
        leaveOut({ line: node.line, why: `{{ ${node.word} }} has no counterpart here`, made });
    }
  }
};

const textAfter = (node: GoNode | undefined): string => (node?.kind === 'text' ? node.text : '');

const writeText = ({ text, line, made }: { text: string; line: number; made: Making }): void => {
  if (made.text === '' || made.text.endsWith('\n')) made.lines[made.lines.length - 1] = line;
  made.text += text;
  for (let at = 1; at < text.split('\n').length; at += 1) made.lines.push(line + at);
};

/** Puts a word that stands for what a template of nvl's has there. */
const putWord = ({ word, made, isLine = false }: { word: Word; made: Making; isLine?: boolean }): void => {
  made.numbers.count += 1;
  const name = `${made.numbers.prefix}${made.numbers.count}q`;
  const written = isLine ? `#${name}` : name;
  made.words.set(written, word);
  made.text += written;
};

/** A comment stands in its place, for whoever does it by hand. */
const leaveOut = ({ line, why, made }: { line: number; why: string; made: Making }): void => {
  made.faults.push({ line, text: why });
  putWord({ word: { handlebars: `{{!-- by hand: ${why} --}}`, shape: '<…>' }, made });
};

const writeValue = ({
  node: { action, line },
  scope,
  made,
  after,
}: {
  node: Extract<GoNode, { kind: 'value' }>;
  scope: Scope;
  made: Making;
  after: string;
}): void => {
  const expression = expressionOf({ action, scope });
  if ('fault' in expression) {
    leaveOut({ line, why: expression.fault, made });
    return;
  }
  if (expression.kind === 'literal') {
    const text = String(expression.value);
    if (!text.includes('{{')) writeText({ text, line, made });
    else putWord({ word: { handlebars: literalText(text), shape: text }, made });
    return;
  }
  const isQuoted = isWithinText(made.text);
  const handlebars = handlebarsOf({ expression, isQuoted });
  if (typeof handlebars !== 'string') {
    leaveOut({ line, why: handlebars.fault, made });
    return;
  }
  if (isQuoted && (made.text.endsWith('{') || after.startsWith('}')))
    made.faults.push({ line, text: 'a value in a text right beside a brace: nvl writes a blank between them' });
  putWord({ word: { handlebars: apart({ handlebars, before: made.text, after }), shape: shapeOf(expression) }, made });
};

/** Whether a text of TOML or VRL is open before a value: a quote of this line is, or it touches one, a letter or the like. */
const isWithinText = (before: string): boolean =>
  /[^\s=(,:[{+]$/.test(before) || before.slice(before.lastIndexOf('\n') + 1).split('"').length % 2 === 0;

/** Three braces in a row mean something else, and so does a backslash before a value. */
const apart = ({ handlebars, before, after }: { handlebars: string; before: string; after: string }): string =>
  `${before.endsWith('\\') ? '\\' : ''}${before.endsWith('{') ? ' ' : ''}${handlebars}${after.startsWith('}') ? ' ' : ''}`;

const shapeOf = (expression: Expression): string => {
  if (expression.kind !== 'field') return '<…>';
  return expression.field.name === 'Key' ? 'nomad_alloc_<ID>_<Task>' : `<${expression.field.name}>`;
};

/** One within a statement: of a program, say. */
const writeIf = ({
  node,
  scope,
  made,
}: {
  node: Extract<GoNode, { kind: 'if' }>;
  scope: Scope;
  made: Making;
}): void => {
  for (const [index, branch] of node.branches.entries()) {
    const head = headOf({ branch, isFirst: index === 0, scope });
    if (typeof head !== 'string') {
      leaveOut({ line: branch.line, why: head.fault, made });
      return;
    }
    putWord({ word: { handlebars: head, shape: '' }, made, isLine: standsAlone(made.text, branch.body) });
    writeNodes({ nodes: branch.body, scope, made });
  }
  putWord({ word: { handlebars: '{{/if}}', shape: '' }, made, isLine: /(?:^|\n)[ \t]*$/.test(made.text) });
};

const standsAlone = (before: string, body: readonly GoNode[]): boolean =>
  /(?:^|\n)[ \t]*$/.test(before) && /^[ \t]*\n/.test(textAfter(body[0]));

const headOf = ({
  branch: { condition },
  isFirst,
  scope,
}: {
  branch: GoBranch;
  isFirst: boolean;
  scope: Scope;
}): string | { fault: string } => {
  if (condition === undefined) return '{{else}}';
  const made = conditionOf({ condition, scope });
  return typeof made === 'string' ? `{{${isFirst ? '#if' : 'else if'} ${made}}}` : made;
};

/** A condition of Go's as `#if` takes it. Pure. */
export const conditionOf = ({
  condition,
  scope,
}: {
  condition: NonNullable<GoBranch['condition']>;
  scope: Scope;
}): string | { fault: string } => {
  const expression = expressionOf({ action: condition, scope });
  return 'fault' in expression ? expression : argumentOf(expression);
};

/** A `range` within a list, which names a component of each task: `"transform_{{ .Key }}",` */
const writeNames = ({
  node: { action, body, line },
  scope,
  made,
}: {
  node: Extract<GoNode, { kind: 'range' }>;
  scope: Scope;
  made: Making;
}): void => {
  const inner = scopeOf({ action, scope });
  const names = inner === undefined ? [] : quotedNames({ body, scope: inner, numbers: made.numbers });
  if (names.length === 0) {
    leaveOut({ line, why: 'this {{ range }} has no counterpart here', made });
    return;
  }
  for (const [index, { text, words }] of names.entries()) {
    for (const [name, word] of words) made.words.set(name, word);
    made.text += `${index === 0 ? '' : ', '}"${text}"`;
  }
  made.text += ', ';
};

/** Within `range $index, $value := .`, what the names stand for; undefined where it goes over anything but the tasks. */
export const scopeOf = ({
  action,
  scope,
}: {
  action: Extract<GoNode, { kind: 'range' }>['action'];
  scope: Scope;
}): Scope | undefined => {
  if (!isTaskList(action, scope)) return undefined;
  const [first, second] = action.declares;
  const value = second ?? first;
  return { isDotTask: true, tasks: new Set([...scope.tasks, ...(value === undefined ? [] : [value])]) };
};

/** What stands in quotes, each a name; what is around it is commas. */
const quotedNames = ({
  body,
  scope,
  numbers,
}: {
  body: readonly GoNode[];
  scope: Scope;
  numbers: Words;
}): Skeleton[] => {
  const plain = body.filter((node) => node.kind === 'text' || node.kind === 'value');
  const { text, words, faults } = skeletonOf({ nodes: plain, scope, words: numbers });
  if (faults.length > 0) return [];
  return [...text.matchAll(/"([^"\n]+)"/g)].map(([, name = '']) => ({ text: name, lines: [], words, faults: [] }));
};
