import type { Field } from '../context/schema.ts';
import { nearest as nearestOf } from '../nearest.ts';
import { Handlebars } from './safe/run/handlebars.ts';

/** One wrong name in a template, at its place: 1-based line and column. */
export type NameFault = { template: string; line: number; column: number; message: string; advice?: string };

export type CheckedTemplate = { name: string; ast: hbs.AST.Program };

/**
 * Checks every path of a template against the schema of its context before anything is rendered: an unknown name, or a
 * volatile field where it would restart a source, is the author's fault and is told with its place, once, instead of
 * coming out empty for every task. A path whose type cannot be known (behind `lookup` or a helper) passes.
 */
export const checkNames = ({
  template,
  partials,
  helpers,
  schema,
  allowsVolatile,
}: {
  template: CheckedTemplate;
  partials: ReadonlyMap<string, CheckedTemplate>;
  helpers: ReadonlySet<string>;
  schema: Field;
  allowsVolatile: boolean;
}): NameFault[] => {
  const faults = new Map<string, NameFault>();
  const walk: Walk = {
    root: schema,
    helpers,
    partials,
    allowsVolatile,
    active: [],
    visited: new Map(),
    report: (at, fault) => {
      const whole = { template: at.template, line: at.loc.start.line, column: at.loc.start.column + 1, ...fault };
      faults.set(`${whole.template}:${whole.line}:${whole.column}:${whole.message}`, whole);
    },
  };
  visitProgram(
    template.ast,
    { scopes: [schema], locals: new Map(), inlines: new Set(), template: template.name },
    walk,
  );
  return [...faults.values()];
};

/** What a path may stand for: a field of the schema, or undefined where that cannot be told. */
type Type = Field | undefined;
type Scope = { scopes: readonly Type[]; locals: ReadonlyMap<string, Type>; inlines: Set<string>; template: string };
type Located = { template: string; loc: hbs.AST.SourceLocation };
type Walk = {
  root: Field;
  helpers: ReadonlySet<string>;
  partials: ReadonlyMap<string, CheckedTemplate>;
  allowsVolatile: boolean;
  /** Partials being visited, outermost first: a cycle would never end. */
  active: string[];
  /** Calls of partials that were walked, by what `this` was in them. */
  visited: Map<Type, Set<string>>;
  report: (at: Located, fault: { message: string; advice?: string }) => void;
};

const visitProgram = (program: hbs.AST.Program | undefined, scope: Scope, walk: Walk): void => {
  // Handlebars knows an inline partial in the whole of its block, also before it.
  for (const statement of program?.body ?? []) {
    const name = statement.type === 'DecoratorBlock' ? (statement as hbs.AST.BlockStatement).params[0] : undefined;
    if (name?.type === 'StringLiteral') scope.inlines.add((name as hbs.AST.StringLiteral).value);
  }
  for (const statement of program?.body ?? []) visitStatement(statement, scope, walk);
};

const visitStatement = (statement: hbs.AST.Statement, scope: Scope, walk: Walk): void => {
  switch (statement.type) {
    case 'MustacheStatement':
      visitCall(statement as hbs.AST.MustacheStatement, scope, walk);
      return;
    case 'BlockStatement':
      visitBlock(statement as hbs.AST.BlockStatement, scope, walk);
      return;
    case 'PartialStatement':
    case 'PartialBlockStatement':
      visitPartial(statement as hbs.AST.PartialStatement | hbs.AST.PartialBlockStatement, scope, walk);
      return;
    case 'DecoratorBlock':
      visitProgram((statement as hbs.AST.BlockStatement).program, scope, walk);
      return;
    default:
  }
};

/** `{{path}}`, `{{helper a b=c}}` and sub-expressions; returns the type of what is put. */
const visitCall = (
  call: hbs.AST.MustacheStatement | hbs.AST.SubExpression | hbs.AST.BlockStatement,
  scope: Scope,
  walk: Walk,
): Type => {
  for (const param of call.params) visitExpression(param, scope, walk);
  for (const pair of call.hash?.pairs ?? []) visitExpression(pair.value, scope, walk);
  const path = call.path as hbs.AST.PathExpression;
  if (path.type !== 'PathExpression') return undefined;
  if (isHelper(path, walk)) return undefined;
  if (call.params.length > 0 || (call.hash?.pairs.length ?? 0) > 0) {
    walk.report(
      { template: scope.template, loc: path.loc },
      { message: `no helper is named ${path.original}`, ...nearest(path.original, walk.helpers) },
    );
    return undefined;
  }
  return typeOf(path, scope, walk);
};

const visitExpression = (expression: hbs.AST.Expression, scope: Scope, walk: Walk): Type => {
  if (expression.type === 'SubExpression') return visitCall(expression as hbs.AST.SubExpression, scope, walk);
  if (expression.type === 'PathExpression') {
    const path = expression as hbs.AST.PathExpression;
    return isHelper(path, walk) && path.parts.length === 1 ? undefined : typeOf(path, scope, walk);
  }
  return undefined;
};

const isHelper = (path: hbs.AST.PathExpression, walk: Walk): boolean =>
  !path.data && path.depth === 0 && path.parts.length === 1 && walk.helpers.has(path.original);

const visitBlock = (block: hbs.AST.BlockStatement, scope: Scope, walk: Walk): void => {
  const name = block.path.original;
  visitCallParams(block, scope, walk);
  reportText(block, scope, walk);
  const subject = block.params[0] === undefined ? undefined : quietTypeOf(block.params[0], scope, walk);
  const inner = innerType({ name, subject, block, scope, walk });
  const params = block.program?.blockParams ?? [];
  const locals = new Map(scope.locals);
  params.forEach((param, position) => {
    locals.set(param, position === 0 ? inner.type : undefined);
  });
  const scopes = inner.enters ? [...scope.scopes, inner.type] : scope.scopes;
  visitProgram(block.program, { ...scope, scopes, locals }, walk);
  visitProgram(block.inverse, scope, walk);
};

/** `{{#if "job.name"}}` is always so, and `{{#each "tags"}}` never: the text itself is asked, not the value of that name. */
const reportText = (block: hbs.AST.BlockStatement, scope: Scope, walk: Walk): void => {
  const [subject] = block.params;
  if (!builtInBlocks.has(block.path.original) || subject?.type !== 'StringLiteral') return;
  // `{{#with "text" as |name|}}` gives a text a name, as it says.
  if ((block.program?.blockParams ?? []).length > 0) return;
  const { value } = subject as hbs.AST.StringLiteral;
  walk.report(
    { template: scope.template, loc: subject.loc },
    {
      message: `{{#${block.path.original} ${JSON.stringify(value)}}} asks a literal, which is no field of that name`,
      advice: `write {{#${block.path.original} ${value}}}, without quotes`,
    },
  );
};

const builtInBlocks: ReadonlySet<string> = new Set(['if', 'unless', 'each', 'with']);

const visitCallParams = (block: hbs.AST.BlockStatement, scope: Scope, walk: Walk): void => {
  if (isHelper(block.path, walk) || block.params.length > 0) {
    visitCall(block, scope, walk);
  }
};

/** What `this` is inside a block. `#if` and `#unless` keep the scope; `#each`, `#with` and `{{#list}}` enter one. */
const innerType = ({
  name,
  subject,
  block,
  scope,
  walk,
}: {
  name: string;
  subject: Type;
  block: hbs.AST.BlockStatement;
  scope: Scope;
  walk: Walk;
}): { enters: boolean; type: Type } => {
  if (name === 'if' || name === 'unless') return { enters: false, type: undefined };
  if (name === 'each') return { enters: true, type: subject?.of };
  if (name === 'with') return { enters: true, type: subject };
  if (isHelper(block.path, walk)) return { enters: true, type: undefined };
  const type = typeOf(block.path, scope, walk);
  if (type?.type === 'list') return { enters: true, type: type.of };
  return { enters: type?.type === 'object' || type?.type === 'map', type };
};

const visitPartial = (
  partial: hbs.AST.PartialStatement | hbs.AST.PartialBlockStatement,
  scope: Scope,
  walk: Walk,
): void => {
  for (const param of partial.params) visitExpression(param, scope, walk);
  for (const pair of partial.hash?.pairs ?? []) visitExpression(pair.value, scope, walk);
  const fallback = 'program' in partial ? partial.program : undefined;
  visitProgram(fallback, scope, walk);
  if (partial.name.type === 'SubExpression') return;
  const name = String((partial.name as hbs.AST.PathExpression).original);
  const found = walk.partials.get(name);
  if (name === '@partial-block' || scope.inlines.has(name)) return;
  const at = { template: scope.template, loc: partial.loc };
  if (found === undefined) {
    if (fallback !== undefined) return;
    const advice = nearest(name, new Set(walk.partials.keys())).advice ?? `write partials/${name}.hbs`;
    walk.report(at, { message: `no partial is named ${name}`, advice });
    return;
  }
  const given = partial.params[0];
  const own = given === undefined ? scope.scopes.at(-1) : quietTypeOf(given, scope, walk);
  if (walk.active.includes(name)) {
    const circle = [...walk.active.slice(walk.active.indexOf(name)), name].join(' → ');
    walk.report(at, { message: `partials call each other in a circle: ${circle}` });
    return;
  }
  const locals = new Map((partial.hash?.pairs ?? []).map((pair) => [pair.key, undefined] as const));
  if (isVisited({ name, own, locals, inlines: scope.inlines, walk })) return;
  walk.active.push(name);
  visitProgram(found.ast, { scopes: [own], locals, inlines: new Set(scope.inlines), template: found.name }, walk);
  walk.active.pop();
};

/** A partial that calls others twice each would be walked thousands of times; with the same scope once is enough. */
const isVisited = ({
  name,
  own,
  locals,
  inlines,
  walk,
}: {
  name: string;
  own: Type;
  locals: ReadonlyMap<string, Type>;
  inlines: ReadonlySet<string>;
  walk: Walk;
}): boolean => {
  const scope = JSON.stringify([name, [...locals.keys()].sort(), [...inlines].sort()]);
  const visited = walk.visited.get(own) ?? new Set();
  walk.visited.set(own, visited);
  if (visited.has(scope)) return true;
  visited.add(scope);
  return false;
};

/** The type of an expression that was already visited, without telling its faults twice. */
const quietTypeOf = (expression: hbs.AST.Expression, scope: Scope, walk: Walk): Type =>
  expression.type === 'PathExpression'
    ? typeOf(expression as hbs.AST.PathExpression, scope, { ...walk, report: () => {} })
    : undefined;

const typeOf = (path: hbs.AST.PathExpression, scope: Scope, walk: Walk): Type => {
  const parts = path.parts as string[];
  const at = { template: scope.template, loc: path.loc };
  if (path.data) return parts[0] === 'root' ? follow(walk.root, parts.slice(1), path, at, walk) : undefined;
  const [first] = parts;
  const isScoped = /^(this\b|\.)/.test(path.original);
  if (first !== undefined && path.depth === 0 && !isScoped && scope.locals.has(first)) {
    return follow(scope.locals.get(first), parts.slice(1), path, at, walk);
  }
  return follow(scope.scopes.at(-1 - path.depth), parts, path, at, walk);
};

const follow = (from: Type, parts: readonly string[], path: hbs.AST.PathExpression, at: Located, walk: Walk): Type => {
  let type = from;
  for (const [position, part] of parts.entries()) {
    if (type === undefined) return undefined;
    const next = step(type, part);
    if (next === 'unknown') {
      const key = keyWithDots({ path, parts, from, position });
      if (key !== undefined) {
        walk.report(at, { message: `${path.original} is not known`, advice: `a key with dots is written {{${key}}}` });
        return undefined;
      }
      walk.report(at, unknownName({ type, part, path, isFirst: position === 0 && type === walk.root, walk }));
      return undefined;
    }
    type = next;
    if (type?.volatile !== undefined && !walk.allowsVolatile) {
      walk.report(at, {
        message: `${path.original} must not be used here: ${type.volatile}, and each change would restart what is rendered from it`,
        advice: 'use a stable field, or put it into a sink; nvl context shows both kinds',
      });
      return undefined;
    }
  }
  return type;
};

/** `meta.my.key` as it has to be written, if a map stands on the way and the rest can be one of its keys. */
const keyWithDots = ({
  path,
  parts,
  from,
  position,
}: {
  path: hbs.AST.PathExpression;
  parts: readonly string[];
  from: Type;
  position: number;
}): string | undefined => {
  if (path.original.includes('[')) return undefined;
  let type = from;
  for (let at = 0; at < position; at += 1) {
    if (type === undefined) return undefined;
    if (type.type === 'map') {
      const start =
        path.original.length -
        path.original
          .split(/[./]/)
          .slice(at - parts.length)
          .join('.').length;
      const inside = type.of;
      // The longest key that leaves a field of what the map holds, else all of it.
      for (let end = parts.length - 1; end > at; end -= 1) {
        if (inside?.type !== 'object' || !leadsTo(inside, parts.slice(end))) continue;
        return `${path.original.slice(0, start)}[${parts.slice(at, end).join('.')}].${parts.slice(end).join('.')}`;
      }
      return `${path.original.slice(0, start)}[${path.original.slice(start)}]`;
    }
    const next = step(type, parts[at] as string);
    if (next === 'unknown') return undefined;
    type = next;
  }
  return undefined;
};

const leadsTo = (from: Field, parts: readonly string[]): boolean => {
  let type: Type = from;
  for (const part of parts) {
    if (type === undefined) return true;
    const next = step(type, part);
    if (next === 'unknown') return false;
    type = next;
  }
  return true;
};

const step = (type: Field, part: string): Type | 'unknown' => {
  if (type.type === 'object') return Object.hasOwn(type.fields ?? {}, part) ? type.fields?.[part] : 'unknown';
  if (type.type === 'map') return type.of;
  if (type.type === 'list' && /^\d+$/.test(part)) return type.of;
  if (type.type === 'list' || type.type === 'string') return part === 'length' ? NUMBER : 'unknown';
  return 'unknown';
};

const NUMBER: Field = { type: 'number', doc: 'a length' };

/** Names that Vector's own events carry: `{{ message }}` in a template is most likely meant for Vector. */
const EVENT_FIELDS = new Set([
  'message',
  'timestamp',
  'host',
  'file',
  'source_type',
  'level',
  'nomad',
  'labels',
  'metadata',
]);

const unknownName = ({
  type,
  part,
  path,
  isFirst,
  walk,
}: {
  type: Field;
  part: string;
  path: hbs.AST.PathExpression;
  isFirst: boolean;
  walk: Walk;
}): { message: string; advice?: string } => {
  if (isFirst && EVENT_FIELDS.has(part)) {
    return {
      message: `${path.original} is not known to nvl; it looks like a field of Vector's events`,
      advice: `write \\{{ ${path.original} }} to leave it to Vector`,
    };
  }
  const usable = Object.entries(type.fields ?? {}).filter(([, { volatile }]) => walk.allowsVolatile || !volatile);
  return { message: `${path.original} is not known`, ...nearest(part, new Set(usable.map(([name]) => name))) };
};

/** The nearest known name, or all of them where they are few. */
const nearest = (name: string, known: ReadonlySet<string>): { advice?: string } => {
  const meant = nearestOf(name, [...known]);
  if (meant !== undefined) return { advice: `did you mean ${meant}?` };
  return known.size === 0 || known.size > 40 ? {} : { advice: `known here: ${[...known].sort().join(', ')}` };
};

/** Parses for the check alone. Syntax errors are told by the compiler of safe values, so here they are undefined. */
export const parseForCheck = (name: string, text: string): CheckedTemplate | undefined => {
  try {
    return { name, ast: Handlebars.parse(text) };
  } catch {
    return undefined;
  }
};
