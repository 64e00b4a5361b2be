import { findCulprits, refusedSkeleton, refusedValue } from './check/blame.ts';
import type { Refusal } from './check/refusal.ts';
import { verdictKey } from './check/verdict-key.ts';
import { findFault } from './check/verify.ts';
import { createMemo, type Verdict } from './memo.ts';
import type { Places } from './place/place.ts';
import { places as allPlaces } from './places.ts';
import type { Limits } from './run/budget.ts';
import { createCollector } from './run/collector.ts';
import type { Helper } from './run/helpers.ts';
import { type ParsedSource, parseOnce, type TemplateSource } from './run/parse.ts';
import { compileTemplate } from './run/template.ts';
import { TemplateFault } from './run/template-fault.ts';
import { fill, isSettled } from './write/fill.ts';

export type { Refusal } from './check/refusal.ts';
export type { Verdict } from './memo.ts';
export type { Places } from './place/place.ts';
export { places } from './places.ts';
export type { Limits } from './run/budget.ts';
export type { Helper } from './run/helpers.ts';
export { foreignFaults, lengthFault, type ParsedSource, parseOnce, type TemplateSource } from './run/parse.ts';
export type { Site } from './run/site.ts';

/** A template to compile, and what it may use. */
export type SafeSource = (TemplateSource | ParsedSource) & {
  /** By the name that `{{> name}}` calls. */
  partials?: Readonly<Record<string, TemplateSource | ParsedSource>>;
  /** For values and sub-expressions; a block helper would see placeholders. */
  helpers?: Readonly<Record<string, Helper>>;
  /** Whether `{{raw value}}` may put text as it is. */
  rawAllowed?: boolean;
  /** How much one rendering may do. */
  limits?: Limits;
  /** The rules; another table is for tests of the rules alone. */
  places?: Places;
};

/** Says whether a rendered text may be used; it must answer the same for texts that differ in plain values alone. */
export type Judge<V extends Verdict> = (rendered: { text: string; context: object }) => V;

/** One rendering: the text with the judge's verdict on it, or every reason why there is none. */
export type SafelyRendered<V extends Verdict> =
  | { ok: true; text: string; verdict: V }
  | { ok: false; refusals: Refusal[] };
/** A compiled template. */
export type SafeTemplate<V extends Verdict = Verdict> = { render: (context: object) => SafelyRendered<V> };

/** For what is no template of a task. */
const GENEROUS: Limits = { steps: 100_000, characters: 4_194_304 };

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
  const { partials = {}, helpers = {}, rawAllowed = false, limits = GENEROUS, places = allPlaces } = source;
  // Without their trees: a refusal asks for their lines alone.
  const sources = [source, ...Object.values(partials)].map(({ name, text }) => ({ name, text }));
  const { put, collect } = createCollector(sources.map(({ text }) => text));
  const template = compileTemplate({
    main: parseOnce(source),
    partials: Object.fromEntries(Object.entries(partials).map(([name, partial]) => [name, parseOnce(partial)])),
    helpers,
    rawAllowed,
    put,
    limits,
  });
  const memo = createMemo<V>(places);

  const render = (context: object): SafelyRendered<V> => {
    const { skeleton, run } = collect(() => template(context));
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
        return { ok: false, refusals: [{ site: error.site, place: 'template', value: '', why: error.message }] };
      }
    },
  };
};
