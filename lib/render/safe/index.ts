import { findCulprits, refusedSkeleton, refusedValue } from './check/blame.ts';
import { type ReadValue, readsOf } from './check/reads.ts';
import type { Refusal } from './check/refusal.ts';
import { verdictKey } from './check/verdict-key.ts';
import { findFault } from './check/verify.ts';
import { createMemo, type Known, type Verdict } from './memo.ts';
import type { Places } from './place/place.ts';
import { places as allPlaces } from './places.ts';
import type { Limits } from './run/budget.ts';
import { createCollector, type Run } from './run/collector.ts';
import type { Helper } from './run/helpers.ts';
import { type ParsedSource, parseOnce, type TemplateSource } from './run/parse.ts';
import { compileTemplate } from './run/template.ts';
import { TemplateFault } from './run/template-fault.ts';
import { createTrace, type TemplateDecision } from './run/trace.ts';
import { type Cell, withCells } from './write/cells.ts';
import { fill, isSettled } from './write/fill.ts';

export type { ReadValue } from './check/reads.ts';
export type { Refusal } from './check/refusal.ts';
export type { Verdict } from './memo.ts';
export type { Places } from './place/place.ts';
export { places } from './places.ts';
export type { Limits } from './run/budget.ts';
export type { Helper } from './run/helpers.ts';
export { foreignFaults, lengthFault, type ParsedSource, parseOnce, type TemplateSource } from './run/parse.ts';
export type { Site } from './run/site.ts';
export type { TemplateDecision } from './run/trace.ts';
export type { Cell } from './write/cells.ts';

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

/**
 * What a text is made of: `reads` are the values that stand in it as literals, except the context's own `id`, `input` and
 * `logs.include`; `decisions` is what blocks decided on the way. Two texts of one template with equal reads and decisions,
 * the same own values and the same columns are equal.
 */
export type MadeOf = { reads: readonly ReadValue[]; decisions: readonly TemplateDecision[] };
/**
 * One rendering: the text with the judge's verdict on it, or every reason why there is none. `cells`: the values that are
 * columns in it, by the number in their variable's name; none unless the caller asked for columns.
 */
export type SafelyRendered<V extends Verdict> =
  | (MadeOf & { ok: true; text: string; verdict: V; cells: readonly Cell[] })
  | (MadeOf & { ok: false; refusals: Refusal[] });
/**
 * A compiled template. `hasColumns`: a value in the program of the labels (`transforms.<id>_out.source`) stands there as a
 * variable, `nvl_c0` or `\{{ nvl_c0 }}`, where VRL may learn it when an event comes; what defines the variables is the
 * caller's to write.
 */
export type SafeTemplate<V extends Verdict = Verdict> = {
  render: (context: object, options?: { hasColumns?: boolean }) => SafelyRendered<V>;
};

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
  const trace = createTrace();
  const { put, collect, lastRun } = createCollector(sources.map(({ text }) => text));
  const template = compileTemplate({
    main: parseOnce(source),
    partials: Object.fromEntries(Object.entries(partials).map(([name, partial]) => [name, parseOnce(partial)])),
    helpers,
    rawAllowed,
    put,
    limits,
    trace,
  });
  const memo = createMemo<V>(places);

  const render = (context: object, hasColumns: boolean): SafelyRendered<V> => {
    const { skeleton, run } = collect(() => template(context));
    const decisions = trace.decisions();
    const refused = (refusals: Refusal[]): SafelyRendered<V> => ({
      ok: false,
      refusals,
      reads: readsOf(run),
      decisions,
    });
    const known = memo.find(skeleton, run);
    if ('faults' in known) return refused(refusedSkeleton({ run, skeleton, faults: known.faults, sources }));
    const { plan } = known;
    const written = writeValues({ known, run, hasColumns });
    if ('refusals' in written) return refused(written.refusals);
    const { text, values, cells } = written;
    const ask = (): V => judge({ text, context });
    const verdict = isSettled(plan, values)
      ? memo.verdictOf({ known, key: verdictKey({ plan, values, context }), ask })
      : ask();
    const reads = readsOf(run, { plan: hasColumns ? plan : undefined, values });
    return { ok: true, text, verdict, cells, reads, decisions };
  };

  return {
    render: (context, { hasColumns = false } = {}) => {
      try {
        return render(context, hasColumns);
      } catch (error) {
        if (!(error instanceof TemplateFault)) throw error;
        const refusals = [{ site: error.site, place: 'template', value: '', why: error.message }];
        return { ok: false, refusals, reads: readsOf(lastRun()), decisions: trace.decisions() };
      }
    },
  };
};

type Given<V extends Verdict> = { known: Known<V>; run: Run; hasColumns: boolean };

/** The text with its values, and what of them are columns; or why some can't stand there. */
const writeValues = <V extends Verdict>({
  known,
  run,
  hasColumns,
}: Given<V>): { refusals: Refusal[] } | { text: string; values: readonly unknown[]; cells: Cell[] } => {
  const { plan } = known;
  // What no text can hold no table may bring in either, so the values are looked at as literals in each case.
  const { text, refused } = fill(plan, run.values);
  if (refused.length > 0)
    return { refusals: refused.map(({ slot, reason }) => refusedValue(run, slot, reason.message, reason.instead)) };
  const refusals = misreadValues({ known, run, values: run.values, text, hasColumns: false });
  if (refusals !== undefined) return { refusals };
  if (!hasColumns) return { text, values: run.values, cells: [] };
  const { values, cells } = withCells(plan, run);
  if (cells.length === 0) return { text, values: run.values, cells };
  const columned = fill(plan, values).text;
  const more = misreadValues({ known, run, values, text: columned, hasColumns: true });
  return more === undefined ? { text: columned, values, cells } : { refusals: more };
};

type Filled<V extends Verdict> = Given<V> & { values: readonly unknown[]; text: string };

/** Why a text does not read back; undefined where it does, or a like one did. */
const misreadValues = <V extends Verdict>({
  known,
  run,
  values,
  text,
  hasColumns,
}: Filled<V>): Refusal[] | undefined => {
  const { plan } = known;
  const memory = hasColumns ? 'hasVerifiedColumns' : 'isVerified';
  if (known[memory] && isSettled(plan, values)) return undefined;
  const fault = findFault({ plan, values, text, marks: run.marks });
  if (fault === undefined) {
    known[memory] = true;
    return undefined;
  }
  return findCulprits(plan, { ...run, values: [...values] }).map((slot) => refusedValue(run, slot, fault));
};
