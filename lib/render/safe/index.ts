import { fill, isSettled } from './fill.ts';
import { Glob } from './glob.ts';
import { locate } from './locate.ts';
import { createMarks, type Marks } from './marks.ts';
import { places as allPlaces, type Places } from './places.ts';
import type { Fault, Plan, Slot } from './plan.ts';
import { type Refusal, type Site, showValue } from './refusal.ts';
import { createShapes } from './shapes.ts';
import { createSkeletons } from './skeletons.ts';
import { compileTemplate, type Helper, HelperFault, Raw, type TemplateSource } from './template.ts';
import { isPlain } from './value.ts';
import { findFault, hasSameReferences } from './verify.ts';

export { escapeGlob } from './escape.ts';
export { type Places, places } from './places.ts';
export type { Refusal, Site } from './refusal.ts';
export { type Helper, parseTemplate, type TemplateSource } from './template.ts';
export { Glob };

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
  /** The rules; another table is for tests of the rules alone. */
  places?: Places;
};

/**
 * `shape`: the same object for texts of one template that differ only in plain values, so that what depends on the shape
 * alone is looked at once for all of them; undefined where a value is not plain. Ids and inputs are of the shape too: they
 * may differ only in what is the context's own `id` and `input`; so are yes and no.
 */
export type Rendered = { ok: true; text: string; shape: object | undefined } | { ok: false; refusals: Refusal[] };
export type SafeTemplate = { render: (context: object) => Rendered };

type Run = { values: unknown[]; sites: Site[]; marks: Marks; hasClash: boolean };

/**
 * Compiles a template in which `{{value}}` comes out exactly as it went in, wherever in TOML and VRL it stands, or is refused with its reason.
 * Pure: equal input gives equal bytes.
 *
 * @throws NvlError `templateInvalid` for a template that its author has to mend.
 */
export const compileSafe = ({
  text,
  name,
  partials = {},
  helpers = {},
  rawAllowed = false,
  places = allPlaces,
}: SafeSource): SafeTemplate => {
  const main = { name, text };
  const sources = [main, ...Object.values(partials)];
  const texts = sources.map((source) => source.text);
  const salted: Marks[] = [];
  const marksOf = (salt: number): Marks => (salted[salt] ??= createMarks(texts, salt));
  const skeletons = createSkeletons(places);
  const shapes = createShapes();
  let run: Run = startRun(marksOf(0));

  const put = (value: unknown, site: Site): string => {
    if (holdsNonce(value, run.marks.nonce)) run.hasClash = true;
    if (value instanceof Raw) return value.text;
    run.values.push(value === undefined ? '' : value);
    run.sites.push(site);
    return run.marks.of(run.values.length - 1);
  };
  const template = compileTemplate({ main, partials, helpers, rawAllowed, put });

  const refuseFaults = (skeleton: string, faults: readonly Fault[]): Rendered => ({
    ok: false,
    refusals: faults.map(({ place, why, instead, put: which, at = 0 }) => {
      const value = which === undefined ? '' : showValue(run.values[which]);
      const where =
        which === undefined
          ? locate({ text: skeleton, at, marks: run.marks, sites: run.sites, sources })
          : { site: run.sites[which] as Site };
      return { ...where, place, value, why, ...(instead !== undefined && { instead }) };
    }),
  });

  /** A helper that throws, a partial that no one has, a partial that calls itself for ever: the template's faults, not nvl's. */
  const runTemplate = (context: object): string | Refusal => {
    try {
      return template(context);
    } catch (error) {
      const site = error instanceof HelperFault ? error.site : { template: name, line: 1, column: 1, expression: '' };
      return { site, place: 'template', value: '', why: error instanceof Error ? error.message : String(error) };
    }
  };

  const renderWith = (context: object, salt: number): Rendered => {
    run = startRun(marksOf(salt));
    const skeleton = runTemplate(context);
    if (typeof skeleton !== 'string') return { ok: false, refusals: [skeleton] };
    if (run.hasClash) return renderWith(context, salt + 1);
    const { values, sites, marks } = run;
    const known = skeletons.find(skeleton, marks, values);
    if ('faults' in known) return refuseFaults(skeleton, known.faults);
    const { plan } = known;
    const { text: filled, refused } = fill(plan, values);
    if (refused.length > 0) {
      const refusals = refused.map(({ slot, reason }) =>
        refusalOf({ slot, values, sites, why: reason.message, instead: reason.instead }),
      );
      return { ok: false, refusals };
    }
    if (known.isVerified && isSettled(plan, values) && hasSameReferences(plan, filled))
      return { ok: true, text: filled, shape: shapes.of(plan, values, context) };
    const fault = findFault({ plan, values, text: filled, marks });
    if (fault !== undefined)
      return {
        ok: false,
        refusals: culprits(plan, values, marks).map((slot) => refusalOf({ slot, values, sites, why: fault })),
      };
    known.isVerified = true;
    return { ok: true, text: filled, shape: undefined };
  };

  return {
    render: (context) => {
      const rendered = renderWith(context, 0);
      run = startRun(marksOf(0));
      return rendered;
    },
  };
};

const startRun = (marks: Marks): Run => ({ values: [], sites: [], marks, hasClash: false });

/** A value that holds the placeholders' own digits asks for others. */
const holdsNonce = (value: unknown, nonce: string): boolean => {
  if (typeof value === 'string') return value.length >= nonce.length && value.includes(nonce);
  if (typeof value === 'boolean' || value === undefined || value === null) return false;
  if (typeof value === 'number') return Math.abs(value) > 1e10 && String(value).includes(nonce);
  if (Array.isArray(value)) return value.some((item) => holdsNonce(item, nonce));
  if (value instanceof Glob) return value.text.includes(nonce);
  return value instanceof Raw ? value.text.includes(nonce) : textOf(value).includes(nonce);
};

const textOf = (value: unknown): string => {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
};

type RefusalParts = {
  slot: Slot;
  values: readonly unknown[];
  sites: readonly Site[];
  why: string;
  instead?: string | undefined;
};

const refusalOf = ({ slot, values, sites, why, instead }: RefusalParts): Refusal => {
  const place = (slot.inner ?? slot.outer)?.name ?? 'template';
  return {
    site: sites[slot.put] as Site,
    place,
    value: showValue(values[slot.put]),
    why,
    ...(instead !== undefined && { instead }),
  };
};

/** Of a text that does not read back: the values without which it does; where no single one is to blame, all that are not plain. */
const culprits = (plan: Plan, values: readonly unknown[], marks: Marks): Slot[] => {
  const slots = plan.parts.filter((part) => typeof part !== 'string');
  const isHarmlessWithout = ({ put }: Slot): boolean => {
    const others = values.map((value, index) => (index === put ? `x${index}` : value));
    const { text, refused } = fill(plan, others);
    return refused.length === 0 && findFault({ plan, values: others, text, marks }) === undefined;
  };
  const found = slots.filter(isHarmlessWithout);
  if (found.length > 0) return found;
  const notPlain = slots.filter((slot) => !isPlain(values[slot.put], slot.isGlob) || values[slot.put] === '');
  return notPlain.length > 0 ? notPlain : slots;
};
