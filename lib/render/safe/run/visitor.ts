import { Handlebars } from './handlebars.ts';

/** What calls a helper or names a value: `{{x}}`, `(x)`, `{{#x}}`. */
export type Call = hbs.AST.MustacheStatement | hbs.AST.SubExpression | hbs.AST.BlockStatement;
/** `{{> x}}` and `{{#> x}}`. */
export type PartialCall = hbs.AST.PartialStatement | hbs.AST.PartialBlockStatement;

/**
 * Walks the tree of a template in the order of its text, and knows what a name is where it stands: a helper, or what a
 * block around it gives. Whatever looks at templates extends it with a method for each kind of node it cares for.
 */
export class TemplateVisitor<Local = undefined> extends Handlebars.Visitor {
  protected readonly helpers: ReadonlySet<string>;
  /** By their names, what the blocks around give: `item` and `key` in `{{#each list as |item key|}}`. */
  protected locals: ReadonlyMap<string, Local>;

  constructor({ helpers, locals = new Map() }: { helpers: ReadonlySet<string>; locals?: ReadonlyMap<string, Local> }) {
    super();
    this.helpers = helpers;
    this.locals = locals;
  }

  /** Visits the inside of a block that gives these names. */
  protected withLocals(given: readonly (readonly [string, Local])[], visit: () => void): void {
    const outer = this.locals;
    if (given.length > 0) this.locals = new Map([...outer, ...given]);
    visit();
    this.locals = outer;
  }

  /** A single name that is neither a field's (`this.x`, `./x`), nor data (`@index`), nor given by a block. */
  protected isSimple(path: hbs.AST.Expression): path is hbs.AST.PathExpression {
    const { type, data, depth, parts, original } = path as hbs.AST.PathExpression;
    return (
      type === 'PathExpression' &&
      !data &&
      depth === 0 &&
      parts.length === 1 &&
      !/^(?:\.|this\b)/.test(original) &&
      !this.locals.has(original)
    );
  }

  protected isHelper(path: hbs.AST.Expression): boolean {
    return this.isSimple(path) && this.helpers.has(path.original);
  }
}

/** True for `{{x a}}` and `{{x a=1}}`, which only a helper can be. */
export const hasArguments = ({ params, hash }: Call): boolean => params.length > 0 || (hash?.pairs.length ?? 0) > 0;

/** The names of the inline partials that a template defines, wherever in it; they hold in the partials that it calls as well. */
export const inlineNames = (tree: hbs.AST.Program): string[] => {
  const names: string[] = [];
  class InlineVisitor extends Handlebars.Visitor {
    override DecoratorBlock(block: hbs.AST.DecoratorBlock): void {
      const name = inlineName(block);
      if (name !== undefined) names.push(name);
      super.DecoratorBlock(block);
    }
  }
  new InlineVisitor().accept(tree);
  return names;
};

/** The name in `{{#*inline "name"}}`. */
export const inlineName = ({ params: [name] }: hbs.AST.DecoratorBlock): string | undefined =>
  name?.type === 'StringLiteral' ? (name as hbs.AST.StringLiteral).value : undefined;
