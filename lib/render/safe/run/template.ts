import type HandlebarsTypes from 'handlebars';
import { NvlError } from '../../../errors.ts';
import { type Budget, createBudget, LimitFault, type Limits, sizeOf } from './budget.ts';
import { findForeign, givenNames } from './foreign.ts';
import { Handlebars } from './handlebars.ts';
import { anyPartial, inlineNames, rewriteTemplate } from './rewrite.ts';
import { showValue } from './show-value.ts';
import { type Site, siteOf } from './site.ts';
import { explainSyntaxError } from './syntax-error.ts';

/** A template's text, and its path as people know it. */
/** `given`: of a partial, the names that its callers give it. */
export type TemplateSource = { name: string; text: string; given?: ReadonlySet<string> };
export type Helper = (...args: unknown[]) => unknown;

/** What a helper returns to have its text put as it is. */
export class Raw {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What a helper threw, with the place of its call. */
export class HelperFault extends Error {
  readonly site: Site;

  constructor(site: Site, message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'HelperFault';
    this.site = site;
  }
}

export type TemplateParts = {
  main: TemplateSource;
  partials: Readonly<Record<string, TemplateSource>>;
  helpers: Readonly<Record<string, Helper>>;
  rawAllowed: boolean;
  /** Called for each value in the order of the text; returns what stands for it. */
  put: (value: unknown, site: Site) => string;
  limits: Limits;
};

/** What `{{value}}` calls; no template can write this name. */
const putName = 'put a value';

/**
 * Compiles a template in a Handlebars of its own, where each `{{value}}` and `{{{value}}}` asks `put` for its text
 * and everything else sees raw values.
 *
 * @throws NvlError `templateInvalid` for what its author can fix, with the place.
 */
export const compileTemplate = ({
  main,
  partials,
  helpers,
  rawAllowed,
  put,
  limits,
}: TemplateParts): ((context: object) => string) => {
  const budget = createBudget(limits);
  const engine = Handlebars.create();
  engine.unregisterHelper('log');
  const own: Record<string, Helper> = { ...helpers, ...(rawAllowed && { raw }) };
  countBuiltIns(engine, budget);
  for (const [name, helper] of Object.entries(own)) engine.registerHelper(name, located(name, helper, budget));
  const sites: Site[] = [];
  engine.registerHelper(putName, (value: unknown, site: number, { loc }: HelperOptions) => {
    budget.step(loc);
    budget.write(sizeOf(value));
    return put(value, sites[site] as Site);
  });

  const known = new Set(Object.keys(engine.helpers).filter((name) => name !== putName));
  const called = new Set<string>();
  const all = [main, ...Object.values(partials)];
  const names = new Set([...Object.keys(partials), ...all.flatMap((source) => inlineNames(parseQuietly(source)))]);
  const compile = (source: TemplateSource): { run: HandlebarsTypes.TemplateDelegate; calls: Set<string> } => {
    const tooLong = lengthFault(source, limits);
    if (tooLong !== undefined) throw tooLong;
    const ast = parseTemplate(source);
    const calls = new Set<string>();
    rewriteTemplate({ ast, source, sites, known, called, partials: names, calls, rawAllowed, putName });
    return {
      run: engine.compile(ast, { noEscape: true, knownHelpers: knownOf(engine), knownHelpersOnly: true }),
      calls,
    };
  };
  const given = givenNames(all.map(({ text }) => text));
  const { run, calls } = compile(main);
  const register = (name: string, source: TemplateSource): void => {
    const partial = compile(source);
    engine.registerPartial(name, partial.run);
    for (const further of partial.calls) calls.add(further);
  };
  // A partial's fault is only that of the templates that call it, by whatever way; the set grows as it is walked.
  for (const name of calls) {
    const source = partials[name];
    if (source) register(name, { ...source, given });
  }
  if (calls.has(anyPartial)) {
    for (const [name, source] of Object.entries(partials))
      if (!calls.has(name)) ignoreFault(() => register(name, { ...source, given }));
  }
  // Handlebars wraps each helper it has at every call of a template: those that none of the texts calls are let go.
  for (const name of known) if (!called.has(name) && !isNeeded.has(name)) engine.unregisterHelper(name);
  // Said outright, or Handlebars writes a warning to the console for each name it refuses.
  const access = { allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false };
  return (context) => {
    budget.begin();
    const text = run(context, access);
    budget.write(text.length);
    return text;
  };
};

/** Has each of Handlebars' own helpers, each round of `#each` and each partial count as a step. */
const countBuiltIns = (engine: typeof Handlebars, budget: Budget): void => {
  const rounds = (options: HandlebarsTypes.HelperOptions & HelperOptions): HandlebarsTypes.HelperOptions => ({
    ...options,
    fn: (...args) => {
      budget.step(options.loc);
      const text = options.fn(...args);
      budget.handle(text.length);
      return text;
    },
  });
  for (const [name, helper] of Object.entries(engine.helpers)) {
    engine.registerHelper(name, function (this: unknown, ...args: unknown[]): unknown {
      const options = args.at(-1) as HandlebarsTypes.HelperOptions & HelperOptions;
      budget.step(options.loc);
      const given = name === 'each' ? [...args.slice(0, -1), rounds(options)] : args;
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

/** Of a text that would take long to compile. */
export const lengthFault = ({ name, text }: TemplateSource, { characters }: Limits): NvlError | undefined =>
  text.length <= characters
    ? undefined
    : new NvlError('templateInvalid', {
        message: `it is ${text.length.toLocaleString('en')} characters long, and a template may be ${characters.toLocaleString('en')}`,
        facts: { at: name },
        advice: 'put large tables into a file that Vector reads, such as an enrichment table',
      });

/** What a template says in another language than Handlebars, each with its place and line. */
export const foreignFaults = ({ name, text, given }: TemplateSource): NvlError[] =>
  findForeign(text, given).map(
    ({ line, column, message, advice }) =>
      new NvlError('templateInvalid', {
        message,
        facts: { at: `${name}:${line}:${column}`, line: showValue(text.split('\n')[line - 1]?.trim()) },
        advice,
      }),
  );

/** Parses a template. @throws NvlError `templateInvalid`, with the place. */
export const parseTemplate = (source: TemplateSource): hbs.AST.Program => {
  const { name, text } = source;
  const [foreign] = foreignFaults(source);
  if (foreign !== undefined) throw foreign;
  try {
    return Handlebars.parse(text, { srcName: name } as HandlebarsTypes.ParseOptions & { srcName: string });
  } catch (error) {
    const { message, line, column, advice } = explainSyntaxError(text, error as Error);
    const at = column === undefined ? `${name}:${line}` : `${name}:${line}:${column}`;
    throw new NvlError('templateInvalid', { message, facts: { at }, advice, cause: error });
  }
};

/** Handlebars' own code calls these: for sections, `unless`, and names that are not there. */
const isNeeded = new Set(['if', 'each', 'helperMissing', 'blockHelperMissing']);

/** A partial that a value might choose is not there where it is faulty. */
const ignoreFault = (compile: () => void): void => {
  try {
    compile();
  } catch (error) {
    if (!(error instanceof NvlError)) throw error;
  }
};

const parseQuietly = ({ text }: TemplateSource): hbs.AST.Program | undefined => {
  // Most templates define no partial of their own, and parsing is what compiling mostly costs.
  if (!text.includes('#*')) return undefined;
  try {
    return Handlebars.parse(text);
  } catch {
    return undefined;
  }
};

const raw: Helper = (value) => new Raw(value === undefined || value === null ? '' : String(value));

const knownOf = (engine: typeof Handlebars): Record<string, boolean> =>
  Object.fromEntries(Object.keys(engine.helpers).map((name) => [name, true]));

type HelperOptions = { loc?: hbs.AST.SourceLocation };

const located = (name: string, helper: Helper, budget: Budget): Helper =>
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
      throw new HelperFault(site, error instanceof Error ? error.message : String(error), error);
    }
  };
