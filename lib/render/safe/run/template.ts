import type HandlebarsTypes from 'handlebars';
import { NvlError } from '../../../errors.ts';
import { type Budget, createBudget, type Limits, sizeOf } from './budget.ts';
import { givenNames } from './foreign.ts';
import { Handlebars } from './handlebars.ts';
import { countBuiltIns, countedHelper, type Helper, type HelperOptions, raw, type Watch } from './helpers.ts';
import { foreignFaults, lengthFault, type ParsedSource } from './parse.ts';
import { ANY_PARTIAL, blockKey, rewriteTemplate } from './rewrite.ts';
import type { Site } from './site.ts';
import { nestedTooDeep, TemplateFault } from './template-fault.ts';
import type { Trace } from './trace.ts';
import { inlineNames } from './visitor.ts';

/** Called for each value in the order of the text; returns what stands for it. */
type PutValue = (value: unknown, site: Site, frame: string) => string;

/** What a template is compiled from. `main` is the template itself; `rawAllowed`: it may call the helper `raw`. */
export type TemplateParts = {
  main: ParsedSource;
  partials: Readonly<Record<string, ParsedSource>>;
  helpers: Readonly<Record<string, Helper>>;
  rawAllowed: boolean;
  put: PutValue;
  limits: Limits;
  /** Notes what each run decides. */
  trace: Trace;
};

/** What `{{value}}` calls; no template can write this name. */
const PUT_NAME = 'put a value';

/** Said outright, or Handlebars writes a warning to the console for each name it refuses. */
const ACCESS = { allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false };

/**
 * Compiles a template in a Handlebars of its own, where each `{{value}}` and `{{{value}}}` asks `put` for its text
 * and everything else sees raw values. What it returns throws `TemplateFault`.
 *
 * @throws NvlError `templateInvalid` for what its author can fix, with the place.
 */
export const compileTemplate = (parts: TemplateParts): ((context: object) => string) => {
  const { name } = parts.main;
  const { trace } = parts;
  const budget = createBudget(parts.limits);
  const run = compileAll(parts, budget);
  return (context) => {
    budget.begin();
    trace.begin(context);
    try {
      const text = run(context, ACCESS);
      budget.write(text.length);
      return text;
    } catch (error) {
      throw new TemplateFault(error, name);
    }
  };
};

const compileAll = (parts: TemplateParts, budget: Budget): HandlebarsTypes.TemplateDelegate => {
  const { main, partials, helpers, rawAllowed, put, trace } = parts;
  const sites: Site[] = [];
  const blocks = new Map<string, string>();
  const nameOf: Watch['nameOf'] = (loc) => loc && blocks.get(blockKey(loc));
  const watch = { budget, trace, nameOf };
  const engine = createEngine({ helpers: { ...helpers, ...(rawAllowed && { raw }) }, watch, put, sites });
  const known = new Set(Object.keys(engine.helpers).filter((name) => name !== PUT_NAME));
  const called = new Set<string>();
  try {
    const compiler = { engine, parts, known, called, sites, blocks, names: partialNames(parts) };
    const { run, calls } = compileOne(compiler, main);
    registerPartials({
      compiler,
      calls,
      given: givenNames([main, ...Object.values(partials)].map(({ text }) => text)),
    });
    // Handlebars wraps each helper it has at every call of a template: those that none of the texts calls are let go.
    for (const name of known) if (!called.has(name) && !NEEDED_HELPERS.has(name)) engine.unregisterHelper(name);
    return run;
  } catch (error) {
    throw error instanceof RangeError ? nestedTooDeep(main.name, error) : error;
  }
};

/** Handlebars' own code calls these: for sections, `unless`, and names that are not there. */
const NEEDED_HELPERS = new Set(['if', 'each', 'helperMissing', 'blockHelperMissing']);

const createEngine = ({
  helpers,
  watch,
  put,
  sites,
}: {
  helpers: Readonly<Record<string, Helper>>;
  watch: Watch;
  put: PutValue;
  sites: readonly Site[];
}): typeof Handlebars => {
  const { budget } = watch;
  const engine = Handlebars.create();
  engine.unregisterHelper('log');
  countBuiltIns(engine, watch);
  for (const [name, helper] of Object.entries(helpers)) {
    engine.registerHelper(name, countedHelper(name, helper, watch));
  }
  engine.registerHelper(PUT_NAME, (value: unknown, site: number, { loc }: HelperOptions) => {
    budget.step(loc);
    budget.write(sizeOf(value));
    return put(value, sites[site] as Site, watch.trace.frame());
  });
  return engine;
};

type Compiler = {
  engine: typeof Handlebars;
  parts: TemplateParts;
  known: ReadonlySet<string>;
  /** They grow with each template that is compiled. */
  called: Set<string>;
  sites: Site[];
  blocks: Map<string, string>;
  /** Of all partials, the inline ones too. */
  names: ReadonlySet<string>;
};

type Compiled = { run: HandlebarsTypes.TemplateDelegate; calls: Set<string> };

/** `given`: of a partial, the names that its callers give it. */
const compileOne = (
  { engine, parts: { limits, rawAllowed }, known, called, sites, blocks, names }: Compiler,
  source: ParsedSource,
  given?: ReadonlySet<string>,
): Compiled => {
  const fault = lengthFault(source, limits) ?? foreignFaults(source, given)[0];
  if (fault !== undefined) throw fault;
  const calls = new Set<string>();
  const rewrite = {
    source,
    helpers: known,
    partials: names,
    rawAllowed,
    putName: PUT_NAME,
    sites,
    blocks,
    called,
    calls,
  };
  const tree = rewriteTemplate(source.tree(), rewrite);
  const knownHelpers = Object.fromEntries(Object.keys(engine.helpers).map((name) => [name, true]));
  return { run: engine.compile(tree, { noEscape: true, knownHelpers, knownHelpersOnly: true }), calls };
};

/** Compiles what the template calls, and what that calls; `calls` grows by it. */
const registerPartials = ({
  compiler,
  calls,
  given,
}: {
  compiler: Compiler;
  calls: Set<string>;
  given: ReadonlySet<string>;
}): void => {
  const { engine, parts } = compiler;
  const register = (name: string, source: ParsedSource): void => {
    const partial = compileOne(compiler, source, given);
    engine.registerPartial(name, partial.run);
    for (const further of partial.calls) calls.add(further);
  };
  // A partial's fault is only that of the templates that call it, by whatever way; the set grows as it is walked.
  for (const name of calls) {
    const source = parts.partials[name];
    if (source) register(name, source);
  }
  if (!calls.has(ANY_PARTIAL)) return;
  for (const [name, source] of Object.entries(parts.partials)) {
    // One that a value might choose is not there where it is faulty.
    if (!calls.has(name)) withoutFault(() => register(name, source));
  }
};

const partialNames = ({ main, partials }: TemplateParts): Set<string> =>
  new Set([...Object.keys(partials), ...[main, ...Object.values(partials)].flatMap(inlineNamesIn)]);

const inlineNamesIn = (source: ParsedSource): string[] =>
  // Most templates define no partial of their own, and parsing is what compiling mostly costs.
  source.text.includes('#*') ? (withoutFault(() => inlineNames(source.tree())) ?? []) : [];

const withoutFault = <T>(make: () => T): T | undefined => {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof NvlError)) throw error;
    return undefined;
  }
};
