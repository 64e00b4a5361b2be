/**
 * What stands within `{{ }}` of a template of Go's: variables that it declares, and commands joined by `|`. A command is a
 * list of operands, the first of which may be a function.
 */
export type Action = { declares: readonly string[]; commands: readonly Operand[][] };

export type Operand =
  /** `.Job`, `$value.Job`, `$.Job`; `variable` is empty for what stands behind the dot itself. */
  | { kind: 'path'; variable: string; fields: readonly string[] }
  | { kind: 'literal'; value: string | number | boolean }
  | { kind: 'function'; name: string }
  | { kind: 'group'; action: Action; fields: readonly string[] };

/** Reads an action. Pure; what Go would refuse is a fault. */
export const readAction = (text: string): Action | { fault: string } => {
  const tokens = tokensOf(text);
  if (tokens === undefined || tokens.filter((token) => token === '(').length > MOST_GROUPS)
    return { fault: `{{ ${shortened(text)} }} is no action of Go's templates` };
  const reader = { tokens, at: 0 };
  const action = readPipeline(reader);
  return action === undefined || reader.at < tokens.length
    ? { fault: `{{ ${shortened(text)} }} is no action of Go's templates` }
    : action;
};

/** More than any person writes; a hostile file may. */
const MOST_GROUPS = 50;

const shortened = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length <= 60 ? line : `${line.slice(0, 59)}…`;
};

type Reader = { tokens: readonly string[]; at: number };

const TOKEN =
  /\s+|:=|[|(),=]|"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)+'|-?\d[\w.]*|\$\w*(?:\.\w+)*|(?:\.\w+)+|\.|[A-Za-z_]\w*/gy;

const tokensOf = (text: string): string[] | undefined => {
  const tokens: string[] = [];
  let at = 0;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (index !== at) return undefined;
    at += token.length;
    if (token.trim() !== '') tokens.push(token);
  }
  return at === text.length && tokens.length > 0 ? tokens : undefined;
};

const readPipeline = (reader: Reader): Action | undefined => {
  const declares = readDeclares(reader);
  const commands: Operand[][] = [];
  do {
    const command = readCommand(reader);
    if (command === undefined) return undefined;
    commands.push(command);
  } while (take(reader, '|'));
  return { declares, commands };
};

/** `$index, $value :=` and `$value :=` */
const readDeclares = (reader: Reader): string[] => {
  const names: string[] = [];
  let at = reader.at;
  for (;;) {
    const name = reader.tokens[at];
    if (name === undefined || !/^\$\w+$/.test(name)) return [];
    names.push(name.slice(1));
    const next = reader.tokens[at + 1];
    at += 2;
    if (next === ',') continue;
    if (next !== ':=' && next !== '=') return [];
    reader.at = at;
    return names;
  }
};

const take = (reader: Reader, token: string): boolean => {
  if (reader.tokens[reader.at] !== token) return false;
  reader.at += 1;
  return true;
};

const readCommand = (reader: Reader): Operand[] | undefined => {
  const operands: Operand[] = [];
  for (;;) {
    const token = reader.tokens[reader.at];
    if (token === undefined || token === '|' || token === ')') return operands.length === 0 ? undefined : operands;
    const operand = readOperand(reader, token);
    if (operand === undefined) return undefined;
    operands.push(operand);
  }
};

const readOperand = (reader: Reader, token: string): Operand | undefined => {
  reader.at += 1;
  if (token === '(') {
    const action = readPipeline(reader);
    if (action === undefined || !take(reader, ')')) return undefined;
    const behind = reader.tokens[reader.at] ?? '';
    const fields = /^(?:\.\w+)+$/.test(behind) ? fieldsOf(behind) : [];
    if (fields.length > 0) reader.at += 1;
    return { kind: 'group', action, fields };
  }
  if (token === '.') return { kind: 'path', variable: '', fields: [] };
  if (token.startsWith('.')) return { kind: 'path', variable: '', fields: fieldsOf(token) };
  if (token.startsWith('$')) {
    const [variable = '', ...fields] = token.slice(1).split('.');
    return { kind: 'path', variable: variable === '' ? '$' : variable, fields };
  }
  if (token === 'true' || token === 'false') return { kind: 'literal', value: token === 'true' };
  if (/^[A-Za-z_]/.test(token)) return { kind: 'function', name: token };
  const value = literalOf(token);
  return value === undefined ? undefined : { kind: 'literal', value };
};

const fieldsOf = (path: string): string[] => path.split('.').slice(1);

const literalOf = (token: string): string | number | undefined => {
  if (token.startsWith('`')) return token.slice(1, -1);
  if (token.startsWith('"')) {
    try {
      return JSON.parse(token) as string;
    } catch {
      return undefined;
    }
  }
  const number = Number(token);
  return /^-?\d/.test(token) && Number.isFinite(number) ? number : undefined;
};
