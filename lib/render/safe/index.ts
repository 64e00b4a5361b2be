import { NvlError } from '../../errors.ts';
import { findCulprits, refusedSkeleton, refusedValue } from './check/blame.ts';
import type { Refusal } from './check/refusal.ts';
import { findFault } from './check/verify.ts';
import type { Places } from './place/place.ts';
import { places as allPlaces } from './places.ts';
import { LimitFault, type Limits } from './run/budget.ts';
import { createCollector } from './run/collector.ts';
import { type Site, siteOf } from './run/site.ts';
import { compileTemplate, type Helper, HelperFault, type TemplateSource } from './run/template.ts';
import { createShapes } from './shapes.ts';
import { createSkeletons } from './skeletons.ts';
import { fill, isSettled } from './write/fill.ts';

export type { Refusal } from './check/refusal.ts';
export type { Places } from './place/place.ts';
export { places } from './places.ts';
export type { Limits } from './run/budget.ts';
export type { Site } from './run/site.ts';
export { foreignFaults, type Helper, lengthFault, parseTemplate, type TemplateSource } from './run/template.ts';

export type SafeSource = {
  text: string;
  /** The template's path, for people. */
  name: string;
  /** By the name that `{{> name}}` calls. */
  partials?: Readonly<Record<string, TemplateSource>>;
  /** For values and sub-expressions; a block helper would see placeholders. */
  helpers?: Readonly<Record<string, Helper>>;
  /** Whether `{{raw value}}` may put text as it is. */
  rawAllowed?: boolean;
  /** How much one rendering may do. */
  limits?: Limits;
  /** The rules; another table is for tests of the rules alone. */
  places?: Places;
};

/**
 * `shape`: the same object for texts of one template that differ only in plain values, so that what depends on the
 * shape alone is looked at once for all of them; undefined where a value is not plain. Ids and inputs are of the
 * shape too: they may differ only in what is the context's own `id` and `input`; so are yes and no.
 */
export type Rendered = { ok: true; text: string; shape: object | undefined } | { ok: false; refusals: Refusal[] };
export type SafeTemplate = { render: (context: object) => Rendered };

/** For what is no template of a task. */
const generous: Limits = { steps: 100_000, characters: 4_194_304 };

/**
 * Compiles a template in which `{{value}}` comes out exactly as it went in, wherever in TOML and VRL it stands, or is
 * refused with its reason. Pure: equal input gives equal bytes.
 *
 * @throws NvlError `templateInvalid` for a template that its author has to mend.
 */
export const compileSafe = (source: SafeSource): SafeTemplate => {
  const { text, name, partials = {}, helpers = {}, rawAllowed = false, limits = generous, places = allPlaces } = source;
  const main = { name, text };
  const sources = [main, ...Object.values(partials)];
  const { put, collect } = createCollector(sources.map((each) => each.text));
  const template = compileOrExplain({ main, partials, helpers, rawAllowed, put, limits });
  const skeletons = createSkeletons(places);
  const shapes = createShapes();

  const render = (context: object): Rendered => {
    const { skeleton, run } = collect(() => runTemplate(template, context));
    const { values, marks } = run;
    const known = skeletons.find(skeleton, marks, values);
    if ('faults' in known) {
      return { ok: false, refusals: refusedSkeleton({ run, skeleton, faults: known.faults, sources }) };
    }
    const { plan } = known;
    const filled = fill(plan, values);
    if (filled.refused.length > 0) {
      const refusals = filled.refused.map(({ slot, reason }) =>
        refusedValue(run, slot, reason.message, reason.instead),
      );
      return { ok: false, refusals };
    }
    if (known.isVerified && isSettled(plan, values)) {
      return { ok: true, text: filled.text, shape: shapes.of(plan, values, context) };
    }
    const fault = findFault({ plan, values, text: filled.text, marks });
    if (fault !== undefined) {
      return { ok: false, refusals: findCulprits(plan, run).map((slot) => refusedValue(run, slot, fault)) };
    }
    known.isVerified = true;
    return { ok: true, text: filled.text, shape: undefined };
  };

  return {
    render: (context) => {
      try {
        return render(context);
      } catch (error) {
        if (!(error instanceof TemplateFault)) throw error;
        return {
          ok: false,
          refusals: [{ site: siteOfFault(error, name), place: 'template', value: '', why: error.message }],
        };
      }
    },
  };
};

/**
 * Something went wrong while Handlebars ran: a helper that throws, a partial that no one has, or that calls itself for
 * ever. The template's fault, not nvl's.
 */
class TemplateFault extends Error {
  constructor(cause: unknown) {
    super(wordsOf(cause), { cause });
    this.name = 'TemplateFault';
  }
}

const wordsOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause);
  if (cause instanceof RangeError && /call stack/.test(cause.message)) return 'its blocks are nested too deep';
  const partial = /^The partial (.*) could not be found$/.exec(cause.message)?.[1];
  return partial === undefined ? cause.message : `no partial is named ${partial}`;
};

const compileOrExplain = (parts: Parameters<typeof compileTemplate>[0]): ReturnType<typeof compileTemplate> => {
  try {
    return compileTemplate(parts);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new NvlError('templateInvalid', {
      message: 'its blocks are nested too deep',
      facts: { at: parts.main.name },
      advice: 'part it into partials, or into fewer blocks',
      cause: error,
    });
  }
};

/** Where that was, as far as it is known; at least in which template. */
const siteOfFault = ({ cause }: TemplateFault, name: string): Site => {
  if (cause instanceof HelperFault) return cause.site;
  const site = siteOf(cause instanceof LimitFault ? cause.loc : undefined, '');
  return site.template === '' ? { ...site, template: name } : site;
};

const runTemplate = (template: (context: object) => string, context: object): string => {
  try {
    return template(context);
  } catch (error) {
    throw new TemplateFault(error);
  }
};
