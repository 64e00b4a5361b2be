import { NvlError } from '../../../errors.ts';
import { nearest } from '../../../nearest.ts';
import type { Site } from './site.ts';
import type { TemplateSource } from './template.ts';

type Ast = hbs.AST.Program;
type Call = {
  path: hbs.AST.Expression;
  params: hbs.AST.Expression[];
  hash?: hbs.AST.Hash;
  loc: hbs.AST.SourceLocation;
};
type Rewrite = {
  ast: Ast;
  source: TemplateSource;
  /** Grows by one site for each value. */
  sites: Site[];
  /** Helpers that a template may call. */
  known: ReadonlySet<string>;
  /** Grows by the helpers that it does call. */
  called: Set<string>;
  /** Names of the file partials, and of all inline ones. */
  partials: ReadonlySet<string>;
  /** Grows by the names of the partials that the template calls; by `anyPartial` where a value chooses one. */
  calls: Set<string>;
  rawAllowed: boolean;
  putName: string;
};
/** No name of a partial. */
export const anyPartial = '\0any';

type Scope = { given: Rewrite; locals: ReadonlySet<string> };

/**
 * Makes each `{{value}}` a call of the helper `putName` with the value and the number of its site; checks the names
 * of helpers and partials on the way.
 */
export const rewriteTemplate = (given: Rewrite): void => visitProgram(given.ast, { given, locals: new Set() });

/** Names of a template's inline partials, which hold in the partials that it calls as well. */
export const inlineNames = (program: Ast | undefined): string[] =>
  (program?.body ?? []).flatMap((statement) => {
    const { type, program: inner, inverse, params } = statement as hbs.AST.BlockStatement;
    const own =
      type === ('DecoratorBlock' as string) ? [String((params[0] as hbs.AST.StringLiteral | undefined)?.value)] : [];
    return [...own, ...inlineNames(inner), ...inlineNames(inverse)];
  });

const visitProgram = (program: Ast | undefined, scope: Scope): void => {
  if (!program) return;
  const locals = program.blockParams?.length ? new Set([...scope.locals, ...program.blockParams]) : scope.locals;
  for (const statement of program.body) visitStatement(statement, { ...scope, locals });
};

const visitStatement = (statement: hbs.AST.Statement, scope: Scope): void => {
  const { type } = statement;
  if (type === 'MustacheStatement') visitMustache(statement as hbs.AST.MustacheStatement, scope);
  else if (type === 'BlockStatement') visitBlock(statement as hbs.AST.BlockStatement, scope);
  else if (type.startsWith('Partial')) visitPartial(statement as hbs.AST.PartialBlockStatement, scope);
  else if (type.startsWith('Decorator')) visitDecorator(statement as hbs.AST.DecoratorBlock, scope);
};

const visitBlock = (block: hbs.AST.BlockStatement, scope: Scope): void => {
  checkCall(block as unknown as Call, scope);
  visitProgram(block.program, scope);
  visitProgram(block.inverse, scope);
};

const visitPartial = (partial: hbs.AST.PartialBlockStatement, scope: Scope): void => {
  checkArguments(partial as unknown as Call, scope);
  checkPartial(partial, scope);
  visitProgram(partial.program, scope);
};

const visitDecorator = ({ path, loc, program }: hbs.AST.DecoratorBlock, scope: Scope): void => {
  const name = nameOf(path);
  if (name !== 'inline')
    throw fault(scope, loc, `no decorator is named ${name}`, 'Handlebars has only {{#*inline "name"}}');
  visitProgram(program, scope);
};

const visitMustache = (statement: hbs.AST.MustacheStatement, scope: Scope): void => {
  const { source, sites, putName } = scope.given;
  const call = statement as unknown as Call;
  checkCall(call, scope);
  const { start, end } = statement.loc;
  const value = expressionOf(call, scope);
  const site = { type: 'NumberLiteral', value: sites.length, original: sites.length, loc: statement.loc };
  sites.push({
    template: source.name,
    line: start.line,
    column: start.column + 1,
    expression: textOf(source.text, start, end),
  });
  Object.assign(statement, {
    path: simplePath(putName, statement.loc),
    params: [value, site],
    hash: undefined,
    escaped: false,
  });
};

/** The expression of a `{{value}}`: a helper's call, or a path. */
const expressionOf = ({ path, params, hash, loc }: Call, scope: Scope): object => {
  const isCall = params.length > 0 || hash !== undefined || isHelper(path, scope);
  if (isCall) return { type: 'SubExpression', path, params, hash, loc };
  return path;
};

const simplePath = (name: string, loc: hbs.AST.SourceLocation): object => ({
  type: 'PathExpression',
  data: false,
  depth: 0,
  parts: [name],
  original: name,
  loc,
});

const nameOf = (path: hbs.AST.Expression): string => String((path as hbs.AST.PathExpression).original);

/** A single name that is neither a field's (`this.x`, `./x`), nor data (`@index`), nor a block's own. */
const isSimple = (path: hbs.AST.Expression, { locals }: Scope): boolean => {
  const { type, data, depth, parts, original } = path as hbs.AST.PathExpression;
  return (
    type === 'PathExpression' &&
    !data &&
    depth === 0 &&
    parts.length === 1 &&
    !/^(?:\.|this\b)/.test(original) &&
    !locals.has(original)
  );
};

const isHelper = (path: hbs.AST.Expression, scope: Scope): boolean =>
  isSimple(path, scope) && scope.given.known.has(nameOf(path));

const checkCall = (call: Call, scope: Scope, isExpression = false): void => {
  const { known, called, rawAllowed } = scope.given;
  const name = nameOf(call.path);
  if (call.path.type.endsWith('Literal')) {
    const what = `${JSON.stringify((call.path as hbs.AST.StringLiteral).original)} is a literal, and no name of a helper or a value`;
    throw fault(scope, call.loc, what, `write ${name} without quotes`);
  }
  if (isSimple(call.path, scope) && name === 'raw' && !rawAllowed) {
    throw fault(
      scope,
      call.loc,
      'the helper raw is not allowed here',
      'allow it in the settings of the profile, or put the value without it',
    );
  }
  const mustBeHelper = isExpression || call.params.length > 0 || call.hash !== undefined;
  if (call.path.type === 'SubExpression') checkArguments({ params: [call.path] }, scope);
  else if (isHelper(call.path, scope)) called.add(name);
  else if (mustBeHelper) throw fault(scope, call.loc, `no helper is named ${name}`, nearestOf(name, known));
  checkArguments(call, scope);
};

const checkArguments = ({ params, hash }: Pick<Call, 'params' | 'hash'>, scope: Scope): void => {
  for (const argument of [...params, ...(hash?.pairs ?? []).map((pair) => pair.value)]) {
    if (argument.type === 'SubExpression') checkCall(argument as unknown as Call, scope, true);
  }
};

const checkPartial = ({ name, type, loc }: hbs.AST.PartialBlockStatement, scope: Scope): void => {
  const { partials, calls } = scope.given;
  if (name.type === 'SubExpression') {
    calls.add(anyPartial);
    checkArguments({ params: [name] }, scope);
    return;
  }
  const partial = nameOf(name);
  calls.add(partial);
  if (type === 'PartialBlockStatement' || partial === '@partial-block' || partials.has(partial)) return;
  throw fault(scope, loc, `no partial is named ${partial}`, nearestOf(partial, partials));
};

const nearestOf = (name: string, known: ReadonlySet<string>): string => {
  const names = [...known].filter((one) => !one.endsWith('Missing')).sort();
  const near = nearest(name, names);
  if (near) return `did you mean ${near}?`;
  return names.length > 0 ? `known: ${names.join(', ')}` : 'there are none';
};

const fault = ({ given }: Scope, { start }: hbs.AST.SourceLocation, message: string, advice: string): NvlError =>
  new NvlError('templateInvalid', {
    message,
    facts: { at: `${given.source.name}:${start.line}:${start.column + 1}` },
    advice,
  });

const textOf = (text: string, start: hbs.AST.Position, end: hbs.AST.Position): string => {
  const lines = text.split(/\r?\n/).slice(start.line - 1, end.line);
  if (lines.length === 1) return (lines[0] as string).slice(start.column, end.column);
  return [
    (lines[0] ?? '').slice(start.column),
    ...lines.slice(1, -1).map((line) => line.trim()),
    (lines.at(-1) ?? '').slice(0, end.column).trim(),
  ].join(' ');
};
