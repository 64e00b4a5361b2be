import { NvlError } from '../../../errors.ts';
import { nearest } from '../../../nearest.ts';
import type { TemplateSource } from './parse.ts';
import type { Site } from './site.ts';
import { type Call, hasArguments, type PartialCall, TemplateVisitor } from './visitor.ts';

type Rewrite = {
  source: TemplateSource;
  /** Helpers that a template may call. */
  helpers: ReadonlySet<string>;
  /** Names of the file partials, and of all inline ones. */
  partials: ReadonlySet<string>;
  rawAllowed: boolean;
  /** The helper that each `{{value}}` becomes a call of. */
  putName: string;
  /** Grows by one site for each value. */
  sites: Site[];
  /** Grows by what each block is called in the notes on a run, by its `blockKey`. */
  blocks: Map<string, string>;
  /** Grows by the helpers that the template calls. */
  called: Set<string>;
  /** Grows by the names of the partials that the template calls; by `anyPartial` where a value chooses one. */
  calls: Set<string>;
};

/**
 * Stands among the partials that a template calls for one that a value chooses: `{{> (lookup …)}}`. No partial has this
 * name.
 */
export const ANY_PARTIAL = '\0any';

/**
 * The tree with each `{{value}}` as a call of the helper `putName`, with the value and the number of its site: `{{upper x}}`
 * as `{{put (upper x) 7}}`. The tree that is given stays as it is.
 *
 * @throws NvlError `templateInvalid` for a name of a helper or partial that is not known.
 */
export const rewriteTemplate = (tree: hbs.AST.Program, rewrite: Rewrite): hbs.AST.Program =>
  new Rewriter(rewrite).accept(tree) as hbs.AST.Program;

class Rewriter extends TemplateVisitor {
  /** Handlebars then puts what a method returns in the place of its node. */
  readonly mutating = true;
  private readonly rewrite: Rewrite;

  constructor(rewrite: Rewrite) {
    super(rewrite);
    this.rewrite = rewrite;
  }

  override accept(node: hbs.AST.Node | undefined): hbs.AST.Node {
    return super.accept((node && copyOf(node)) as hbs.AST.Node) as unknown as hbs.AST.Node;
  }

  override Program(program: hbs.AST.Program): void {
    const names = (program.blockParams ?? []).map((name) => [name, undefined] as const);
    this.withLocals(names, () => super.Program(program));
  }

  override MustacheStatement(statement: hbs.AST.MustacheStatement): hbs.AST.MustacheStatement {
    const { source, sites, putName } = this.rewrite;
    this.checkCall(statement);
    super.MustacheStatement(statement);
    const { path, params, hash, loc } = statement;
    const isCall = params.length > 0 || hash !== undefined || this.isHelper(path);
    const value = isCall ? { type: 'SubExpression', path, params, hash, loc } : path;
    const site = { type: 'NumberLiteral', value: sites.length, original: sites.length, loc };
    sites.push(siteIn(source.text, source.name, loc));
    return {
      ...statement,
      path: simplePath(putName, loc),
      params: [value, site],
      hash: undefined as unknown as hbs.AST.Hash,
      escaped: false,
    };
  }

  override SubExpression(expression: hbs.AST.SubExpression): void {
    this.checkCall(expression);
    super.SubExpression(expression);
  }

  override BlockStatement(block: hbs.AST.BlockStatement): void {
    this.checkCall(block);
    this.rewrite.blocks.set(blockKey(block.loc), this.shown(block));
    super.BlockStatement(block);
  }

  override PartialStatement(partial: PartialCall): void {
    super.PartialStatement(partial as hbs.AST.PartialStatement);
    this.checkPartial(partial);
  }

  override PartialBlockStatement(partial: hbs.AST.PartialBlockStatement): void {
    this.PartialStatement(partial);
    this.acceptKey(partial, 'program');
  }

  override Decorator(decorator: hbs.AST.Decorator): void {
    this.checkDecorator(decorator);
  }

  override DecoratorBlock(decorator: hbs.AST.DecoratorBlock): void {
    this.checkDecorator(decorator);
    this.acceptKey(decorator, 'program');
  }

  /** A block as it is written, without its place: `#each list`, `#if (eq a b)`. */
  private shown({ path, params, hash }: hbs.AST.BlockStatement): string {
    const { text } = this.rewrite.source;
    const said = [path, ...params, ...(hash?.pairs ?? [])].map(({ loc }) => textOf(text, loc.start, loc.end));
    return `#${said.join(' ')}`;
  }

  private checkCall(call: Call): void {
    const { rawAllowed, called } = this.rewrite;
    const { path, loc } = call;
    const name = nameOf(path);
    if (path.type.endsWith('Literal')) {
      const literal = JSON.stringify((path as hbs.AST.StringLiteral).original);
      throw this.fault(
        loc,
        `${literal} is a literal, and no name of a helper or a value`,
        `write ${name} without quotes`,
      );
    }
    if (this.isSimple(path) && name === 'raw' && !rawAllowed) {
      const advice = 'allow it in the settings of the profile, or put the value without it';
      throw this.fault(loc, 'the helper raw is not allowed here', advice);
    }
    // Of a name that is itself a sub-expression, that is looked at.
    if (path.type === ('SubExpression' as string)) return;
    const mustBeHelper = call.type === 'SubExpression' || hasArguments(call);
    if (this.isHelper(path)) called.add(name);
    else if (mustBeHelper) throw this.fault(loc, `no helper is named ${name}`, nearestOf(name, this.helpers));
  }

  private checkPartial({ name, type, loc }: PartialCall): void {
    const { partials, calls } = this.rewrite;
    if (name.type === 'SubExpression') {
      calls.add(ANY_PARTIAL);
      return;
    }
    const partial = nameOf(name);
    calls.add(partial);
    if (type === 'PartialBlockStatement' || partial === '@partial-block' || partials.has(partial)) return;
    throw this.fault(loc, `no partial is named ${partial}`, nearestOf(partial, partials));
  }

  private checkDecorator({ path, loc }: hbs.AST.Decorator | hbs.AST.DecoratorBlock): void {
    const name = nameOf(path);
    if (name !== 'inline')
      throw this.fault(loc, `no decorator is named ${name}`, 'Handlebars has only {{#*inline "name"}}');
  }

  private fault({ start }: hbs.AST.SourceLocation, message: string, advice: string): NvlError {
    const at = `${this.rewrite.source.name}:${start.line}:${start.column + 1}`;
    return new NvlError('templateInvalid', { message, facts: { at }, advice });
  }
}

/** By which a block is known when it runs. */
export const blockKey = ({ source, start }: hbs.AST.SourceLocation): string =>
  `${source ?? ''}:${start.line}:${start.column}`;

/** A node with lists of its own; what is in them is copied when it is visited. */
const copyOf = (node: hbs.AST.Node): hbs.AST.Node =>
  Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, Array.isArray(value) ? [...value] : value]),
  ) as hbs.AST.Node & Record<string, unknown>;

const simplePath = (name: string, loc: hbs.AST.SourceLocation): hbs.AST.PathExpression => ({
  type: 'PathExpression',
  data: false,
  depth: 0,
  parts: [name],
  original: name,
  loc,
});

const nameOf = (path: hbs.AST.Expression): string => String((path as hbs.AST.PathExpression).original);

const nearestOf = (name: string, known: ReadonlySet<string>): string => {
  const names = [...known].filter((one) => !one.endsWith('Missing')).sort();
  const near = nearest(name, names);
  if (near) return `did you mean ${near}?`;
  return names.length > 0 ? `known: ${names.join(', ')}` : 'there are none';
};

const siteIn = (text: string, template: string, { start, end }: hbs.AST.SourceLocation): Site => ({
  template,
  line: start.line,
  column: start.column + 1,
  expression: textOf(text, start, end),
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
