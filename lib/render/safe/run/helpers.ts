import type HandlebarsTypes from 'handlebars';
import { messageOf } from '../../../errors.ts';
import { type Budget, LimitFault, sizeOf } from './budget.ts';
import type { Handlebars } from './handlebars.ts';
import { type Site, siteOf } from './site.ts';
import type { Trace } from './trace.ts';

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

/** What counts the steps of a rendering, and notes what it decides. `nameOf`: how a block is called in the notes. */
export type Watch = {
  budget: Budget;
  trace: Trace;
  nameOf: (loc: hbs.AST.SourceLocation | undefined) => string | undefined;
};

/**
 * The helper, with each call counted by the budget, and what it throws as `HelperFault`, with the place of the call. Called
 * as a block, what it makes is text that no value stands for, and so a decision.
 */
export const countedHelper = (name: string, helper: Helper, { budget, trace, nameOf }: Watch): Helper =>
  function (this: unknown, ...args: unknown[]): unknown {
    const { loc, fn } = args.at(-1) as HelperOptions & { fn?: unknown };
    try {
      budget.step(loc);
      for (const arg of args.slice(0, -1)) budget.handle(sizeOf(arg));
      const made = helper.apply(this, args);
      if (typeof made === 'string') budget.handle(made.length);
      if (fn !== undefined) trace.decide(nameOf(loc) ?? name, String(made));
      return made;
    } catch (error) {
      if (error instanceof LimitFault) throw error;
      const site = siteOf(loc, `{{${name} …}}`);
      throw new HelperFault(site, messageOf(error), error);
    }
  };

/** Has each of Handlebars' own helpers, each round of `#each` and each partial count as a step, and notes what they decide. */
export const countBuiltIns = (engine: typeof Handlebars, watch: Watch): void => {
  const { budget, trace } = watch;
  for (const [name, helper] of Object.entries(engine.helpers)) {
    engine.registerHelper(name, function (this: unknown, ...args: unknown[]): unknown {
      const options = args.at(-1) as BlockOptions;
      budget.step(options.loc);
      const given = WATCHED.has(name)
        ? [...args.slice(0, -1), watchedBlock({ name, value: args[0], options, watch })]
        : args;
      return (helper as Helper).apply(this, given);
    });
  }
  const { VM } = engine as unknown as { VM: { invokePartial: Helper; resolvePartial: Helper } };
  const resolvePartial = function (this: unknown, ...args: unknown[]): unknown {
    // Of a partial that a value chooses, Handlebars has the name alone here.
    if (typeof args[0] === 'string' && (args[2] as { name?: string }).name === undefined) trace.decide('>', args[0]);
    return VM.resolvePartial.apply(this, args);
  };
  const invokePartial = function (this: unknown, ...args: unknown[]): unknown {
    const { name } = args[2] as { name: string };
    budget.step(undefined);
    budget.enter(name);
    const text = trace.inFrame({ name: `> ${name}`, given: args[1] }, () => VM.invokePartial.apply(this, args));
    budget.leave();
    budget.handle(typeof text === 'string' ? text.length : 0);
    return text;
  };
  // Its own copy: the object is shared by all instances of Handlebars.
  Object.assign(engine, { VM: { ...VM, invokePartial, resolvePartial } });
};

/** Blocks that decide; `blockHelperMissing` is what `{{#x}}` calls. */
const WATCHED: ReadonlySet<string> = new Set(['if', 'unless', 'with', 'each', 'blockHelperMissing']);

type BlockOptions = HandlebarsTypes.HelperOptions & HelperOptions;

/** The options of a block whose insides count as steps and text, stand in frames of their own, and tell which of them ran. */
const watchedBlock = ({
  name,
  value,
  options,
  watch: { budget, trace, nameOf },
}: {
  name: string;
  value: unknown;
  options: BlockOptions;
  watch: Watch;
}): HandlebarsTypes.HelperOptions => {
  // Blocks that call each other hand on what is watched already.
  const shown = nameOf(options.loc);
  const walks = name === 'each' || (name === 'blockHelperMissing' && Array.isArray(value));
  if (walks && shown !== undefined) trace.decide(shown, walkedIn(value));
  const decide = (isTrue: boolean): void => {
    if (!walks && shown !== undefined) trace.decide(shown, isTrue);
  };
  const isRound = name === 'each';
  const { blockParams = 0 } = options.fn as { blockParams?: number };
  const hasFrame = name !== 'if' && name !== 'unless';
  return {
    ...options,
    fn: (...args) => {
      decide(true);
      if (isRound) budget.step(options.loc);
      const frame = { name: shown ?? name, given: args[0], hasNames: blockParams > 0 };
      const text = hasFrame ? trace.inFrame(frame, () => options.fn(...args)) : options.fn(...args);
      if (isRound) budget.handle(text.length);
      return text;
    },
    inverse: (...args) => {
      decide(false);
      return options.inverse(...args);
    },
  };
};

/** How many `#each` walks, of an object its keys. */
const walkedIn = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.length;
  return typeof value === 'object' && value !== null ? Object.keys(value) : 0;
};
