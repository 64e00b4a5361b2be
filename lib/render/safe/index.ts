import { NvlError } from '../../errors.ts';
import { findCulprits, refusedSkeleton, refusedValue } from './check/blame.ts';
import type { Refusal } from './check/refusal.ts';
import { verdictKey } from './check/verdict-key.ts';
import { findFault } from './check/verify.ts';
import { createMemo, type Verdict } from './memo.ts';
import type { Places } from './place/place.ts';
import { places as allPlaces } from './places.ts';
import { LimitFault, type Limits } from './run/budget.ts';
import { createCollector } from './run/collector.ts';
import { type Site, siteOf } from './run/site.ts';
import { compileTemplate, type Helper, HelperFault, type TemplateSource } from './run/template.ts';
import { fill, isSettled } from './write/fill.ts';

export type { Refusal } from './check/refusal.ts';
export type { Verdict } from './memo.ts';
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

export type Judge<V extends Verdict> = (rendered: { text: string; context: object }) => V;

export type Rendered<V extends Verdict> = { ok: true; text: string; verdict: V } | { ok: false; refusals: Refusal[] };
export type SafeTemplate<V extends Verdict = Verdict> = { render: (context: object) => Rendered<V> };

/** For what is no template of a task. */
const generous: Limits = { steps: 100_000, characters: 4_194_304 };

const acceptAll: Judge<Verdict> = () => ({ isSound: true });

/**
 * Compiles a template in which `{{value}}` comes out exactly as it went in, wherever in TOML and VRL it stands, or is
 * refused with its reason. Pure: equal input gives equal bytes.
 *
 * A rendering passes four steps, each a folder here: `run` puts a placeholder for each value, `place` finds out what each
 * placeholder stands in, `write` puts the values there, `check` reads the text back. `judge` is asked last; a sound verdict
 * is remembered, and given to further texts that differ in plain values alone (none in an id, an input, a source, or a yes
 * or no, other than the context's own `id`, `input` and `logs.include`).
 *
 * @throws NvlError `templateInvalid` for a template that its author has to fix.
 */
export const compileSafe = <V extends Verdict = Verdict>(
  source: SafeSource,
  { judge = acceptAll as Judge<V> }: { judge?: Judge<V> } = {},
): SafeTemplate<V> => {
  const { text, name, partials = {}, helpers = {}, rawAllowed = false, limits = generous, places = allPlaces } = source;
  const main = { name, text };
  const sources = [main, ...Object.values(partials)];
  const { put, collect } = createCollector(sources.map((each) => each.text));
  const template = compileOrExplain({ main, partials, helpers, rawAllowed, put, limits });
  const memo = createMemo<V>(places);

  const render = (context: object): Rendered<V> => {
    const { skeleton, run } = collect(() => runTemplate(template, context));
    const known = memo.find(skeleton, run);
    if ('faults' in known) {
      return { ok: false, refusals: refusedSkeleton({ run, skeleton, faults: known.faults, sources }) };
    }
    const { plan } = known;
    const { values, marks } = run;
    const filled = fill(plan, values);
    if (filled.refused.length > 0) {
      const refusals = filled.refused.map(({ slot, reason }) =>
        refusedValue(run, slot, reason.message, reason.instead),
      );
      return { ok: false, refusals };
    }
    const isPlain = isSettled(plan, values);
    if (!known.isVerified || !isPlain) {
      const fault = findFault({ plan, values, text: filled.text, marks });
      if (fault !== undefined) {
        return { ok: false, refusals: findCulprits(plan, run).map((slot) => refusedValue(run, slot, fault)) };
      }
      known.isVerified = true;
    }
    const ask = (): V => judge({ text: filled.text, context });
    const verdict = isPlain ? memo.verdictOf({ known, key: verdictKey({ plan, values, context }), ask }) : ask();
    return { ok: true, text: filled.text, verdict };
  };

  return {
    render: (context) => {
      try {
        return render(context);
      } catch (error) {
        if (!(error instanceof TemplateFault)) throw error;
        return { ok: false, refusals: [refusedRun(error, name)] };
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

const refusedRun = (fault: TemplateFault, name: string): Refusal => ({
  site: siteOfFault(fault, name),
  place: 'template',
  value: '',
  why: fault.message,
});

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
