import type HandlebarsTypes from 'handlebars';
import { messageOf } from '../../../errors.ts';
import { type Budget, LimitFault, sizeOf } from './budget.ts';
import type { Handlebars } from './handlebars.ts';
import { type Site, siteOf } from './site.ts';

/** A function that templates call by its name: `{{upper job.name}}`, `(upper job.name)`. */
export type Helper = (...args: unknown[]) => unknown;

/** What Handlebars gives each helper last; `loc` is where it was called. */
export type HelperOptions = { loc?: hbs.AST.SourceLocation };

/** What a helper returns to have its text stand in the configuration as it is. */
export class Raw {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** The helper `raw`: `{{raw value}}` puts a value's text as it is. */
export const raw: Helper = (value) => new Raw(value === undefined || value === null ? '' : String(value));

/** What a helper threw, with the place of its call. */
export class HelperFault extends Error {
  readonly site: Site;

  constructor(site: Site, message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'HelperFault';
    this.site = site;
  }
}

/** The helper, with each call counted by the budget, and what it throws as `HelperFault`, with the place of the call. */
export const countedHelper = (name: string, helper: Helper, budget: Budget): Helper =>
  function (this: unknown, ...args: unknown[]): unknown {
    const { loc } = args.at(-1) as HelperOptions;
    try {
      budget.step(loc);
      for (const arg of args.slice(0, -1)) budget.handle(sizeOf(arg));
      const made = helper.apply(this, args);
      if (typeof made === 'string') budget.handle(made.length);
      return made;
    } catch (error) {
      if (error instanceof LimitFault) throw error;
      const site = siteOf(loc, `{{${name} …}}`);
      throw new HelperFault(site, messageOf(error), error);
    }
  };

/** Has each of Handlebars' own helpers, each round of `#each` and each partial count as a step. */
export const countBuiltIns = (engine: typeof Handlebars, budget: Budget): void => {
  for (const [name, helper] of Object.entries(engine.helpers)) {
    engine.registerHelper(name, function (this: unknown, ...args: unknown[]): unknown {
      const options = args.at(-1) as BlockOptions;
      budget.step(options.loc);
      const given = name === 'each' ? [...args.slice(0, -1), countedRounds(options, budget)] : args;
      return (helper as Helper).apply(this, given);
    });
  }
  const { VM } = engine as unknown as { VM: { invokePartial: Helper } };
  const invokePartial = function (this: unknown, ...args: unknown[]): unknown {
    const { name } = args[2] as { name: string };
    budget.step(undefined);
    budget.enter(name);
    const text = VM.invokePartial.apply(this, args);
    budget.leave();
    budget.handle(typeof text === 'string' ? text.length : 0);
    return text;
  };
  // Its own copy: the object is shared by all instances of Handlebars.
  Object.assign(engine, { VM: { ...VM, invokePartial } });
};

type BlockOptions = HandlebarsTypes.HelperOptions & HelperOptions;

const countedRounds = (options: BlockOptions, budget: Budget): HandlebarsTypes.HelperOptions => ({
  ...options,
  fn: (...args) => {
    budget.step(options.loc);
    const text = options.fn(...args);
    budget.handle(text.length);
    return text;
  },
});
