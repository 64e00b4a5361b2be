import type { Field } from '../context/schema.ts';
import { type Names, nearestKnown, type PathFault, type Type, typeOfPath } from './path-types.ts';
import type { ParsedSource } from './safe/index.ts';
import { type Call, hasArguments, inlineName, type PartialCall, TemplateVisitor } from './safe/run/visitor.ts';

/** One wrong name in a template, at its place: 1-based line and column. */
export type NameFault = { template: string; line: number; column: number } & PathFault;

/**
 * Checks every path of a template against the schema of its context before anything is rendered: an unknown name, or a
 * volatile field where it would restart a source, is the author's fault and is told with its place, once, instead of
 * coming out empty for every task. A path whose type cannot be known (behind `lookup` or a helper) passes. The partials that
 * the template calls must be such that Handlebars can read them.
 */
export const checkNames = ({
  template,
  partials,
  helpers,
  schema,
  allowsVolatile,
}: {
  template: ParsedSource;
  partials: Readonly<Record<string, ParsedSource>>;
  helpers: ReadonlySet<string>;
  schema: Field;
  allowsVolatile: boolean;
}): NameFault[] => {
  const faults = new Map<string, NameFault>();
  const check: Check = {
    root: schema,
    helpers,
    partials: new Map(Object.entries(partials)),
    allowsVolatile,
    active: [],
    visited: new Map(),
    report: (fault) => {
      faults.set(`${fault.template}:${fault.line}:${fault.column}:${fault.message}`, fault);
    },
  };
  const scope: Scope = { template: template.name, self: schema, locals: new Map(), inlines: new Set() };
  new NameChecker(check, scope).accept(template.tree());
  return [...faults.values()];
};

/** One check of a template and all that it calls. */
type Check = {
  root: Field;
  helpers: ReadonlySet<string>;
  partials: ReadonlyMap<string, ParsedSource>;
  allowsVolatile: boolean;
  /** Partials being visited, outermost first: a cycle would never end. */
  active: string[];
  /** Calls of partials that were visited, by what `this` was in them. */
  visited: Map<Type, Set<string>>;
  report: (fault: NameFault) => void;
};

/** What a template is given by whatever calls it. */
type Scope = {
  template: string;
  /** `this` */
  self: Type;
  locals: ReadonlyMap<string, Type>;
  /** Names of inline partials; grows by the template's own. */
  inlines: Set<string>;
};

class NameChecker extends TemplateVisitor<Type> {
  private readonly check: Check;
  private readonly template: string;
  private readonly inlines: Set<string>;
  private scopes: readonly Type[];

  constructor(check: Check, { template, self, locals, inlines }: Scope) {
    super({ helpers: check.helpers, locals });
    this.check = check;
    this.template = template;
    this.inlines = inlines;
    this.scopes = [self];
  }

  override Program(program: hbs.AST.Program): void {
    // Handlebars knows an inline partial in the whole of its block, also before it.
    for (const statement of program.body) {
      const name = statement.type === 'DecoratorBlock' ? inlineName(statement as hbs.AST.DecoratorBlock) : undefined;
      if (name !== undefined) this.inlines.add(name);
    }
    super.Program(program);
  }

  override MustacheStatement(statement: hbs.AST.MustacheStatement): void {
    this.visitCall(statement);
  }

  override SubExpression(expression: hbs.AST.SubExpression): void {
    this.visitCall(expression);
  }

  override PathExpression(path: hbs.AST.PathExpression): void {
    if (!this.isHelper(path)) this.typeOf(path);
  }

  override BlockStatement(block: hbs.AST.BlockStatement): void {
    if (this.isHelper(block.path) || block.params.length > 0) this.visitCall(block);
    this.reportText(block);
    const [subject] = block.params;
    const inside = this.insideOf(block, subject && this.quietTypeOf(subject));
    const names = (block.program?.blockParams ?? []).map(
      (name, position) => [name, position === 0 ? inside.type : undefined] as const,
    );
    const outer = this.scopes;
    if (inside.enters) this.scopes = [...outer, inside.type];
    this.withLocals(names, () => this.accept(block.program));
    this.scopes = outer;
    this.accept(block.inverse);
  }

  override DecoratorBlock(block: hbs.AST.DecoratorBlock): void {
    this.accept(block.program);
  }

  override Decorator(): void {}

  override PartialStatement(partial: hbs.AST.PartialStatement): void {
    this.visitArguments(partial);
    this.visitPartial(partial, undefined);
  }

  override PartialBlockStatement(partial: hbs.AST.PartialBlockStatement): void {
    this.visitArguments(partial);
    this.accept(partial.program);
    this.visitPartial(partial, partial.program);
  }

  private visitArguments({ params, hash }: Call | PartialCall): void {
    this.acceptArray(params);
    this.accept(hash);
  }

  /** `{{path}}`, `{{helper a b=c}}` and sub-expressions. */
  private visitCall(call: Call): void {
    this.visitArguments(call);
    const { path } = call;
    if (!isPath(path)) return;
    if (hasArguments(call) && !this.isHelper(path)) {
      this.report(path, {
        message: `no helper is named ${path.original}`,
        ...nearestKnown(path.original, this.helpers),
      });
    } else this.PathExpression(path);
  }

  /** `{{#if "job.name"}}` is always so, and `{{#each "tags"}}` never: the text itself is asked, not the value of that name. */
  private reportText({ path: { original: name }, params: [subject], program }: hbs.AST.BlockStatement): void {
    if (!BUILT_IN_BLOCKS.has(name) || subject?.type !== 'StringLiteral') return;
    // `{{#with "text" as |name|}}` gives a text a name, as it says.
    if ((program?.blockParams ?? []).length > 0) return;
    const { value } = subject as hbs.AST.StringLiteral;
    this.report(subject, {
      message: `{{#${name} ${JSON.stringify(value)}}} asks a literal, which is no field of that name`,
      advice: `write {{#${name} ${value}}}, without quotes`,
    });
  }

  /** What `this` is inside a block. `#if` and `#unless` keep the scope; `#each`, `#with` and `{{#list}}` enter one. */
  private insideOf({ path }: hbs.AST.BlockStatement, subject: Type): { enters: boolean; type: Type } {
    const { original: name } = path;
    if (name === 'if' || name === 'unless') return { enters: false, type: undefined };
    if (name === 'each') return { enters: true, type: subject?.of };
    if (name === 'with') return { enters: true, type: subject };
    if (this.isHelper(path)) return { enters: true, type: undefined };
    const type = this.typeOf(path);
    if (type?.type === 'list') return { enters: true, type: type.of };
    return { enters: type?.type === 'object' || type?.type === 'map', type };
  }

  /** `fallback`: what stands in the call's block, for a partial that no one has. */
  private visitPartial(partial: PartialCall, fallback: hbs.AST.Program | undefined): void {
    if (partial.name.type === 'SubExpression') return;
    const { partials, active } = this.check;
    const name = String(partial.name.original);
    const found = partials.get(name);
    if (name === '@partial-block' || this.inlines.has(name)) return;
    if (found === undefined) {
      if (fallback !== undefined) return;
      const advice = nearestKnown(name, new Set(partials.keys())).advice ?? `write partials/${name}.hbs`;
      this.report(partial, { message: `no partial is named ${name}`, advice });
      return;
    }
    if (active.includes(name)) {
      const circle = [...active.slice(active.indexOf(name)), name].join(' → ');
      this.report(partial, { message: `partials call each other in a circle: ${circle}` });
      return;
    }
    const [given] = partial.params;
    const scope: Scope = {
      template: found.name,
      self: given === undefined ? this.scopes.at(-1) : this.quietTypeOf(given),
      locals: new Map((partial.hash?.pairs ?? []).map((pair) => [pair.key, undefined])),
      inlines: new Set(this.inlines),
    };
    if (this.isVisited(name, scope)) return;
    active.push(name);
    new NameChecker(this.check, scope).accept(found.tree());
    active.pop();
  }

  /** A partial that calls others twice each would be visited thousands of times; with the same scope once is enough. */
  private isVisited(name: string, { self, locals, inlines }: Scope): boolean {
    const scope = JSON.stringify([name, [...locals.keys()].sort(), [...inlines].sort()]);
    const visited = this.check.visited.get(self) ?? new Set();
    this.check.visited.set(self, visited);
    if (visited.has(scope)) return true;
    visited.add(scope);
    return false;
  }

  private typeOf(path: hbs.AST.PathExpression): Type {
    const { type, fault } = typeOfPath(path, this.names());
    if (fault !== undefined) this.report(path, fault);
    return type;
  }

  /** The type of an expression that was already visited, without telling its faults twice. */
  private quietTypeOf(expression: hbs.AST.Expression): Type {
    return isPath(expression) ? typeOfPath(expression, this.names()).type : undefined;
  }

  private names(): Names {
    const { root, allowsVolatile } = this.check;
    return { root, scopes: this.scopes, locals: this.locals, allowsVolatile };
  }

  private report({ loc: { start } }: hbs.AST.Node, fault: PathFault): void {
    this.check.report({ template: this.template, line: start.line, column: start.column + 1, ...fault });
  }
}

const BUILT_IN_BLOCKS: ReadonlySet<string> = new Set(['if', 'unless', 'each', 'with']);

const isPath = (expression: hbs.AST.Expression): expression is hbs.AST.PathExpression =>
  expression.type === 'PathExpression';
