import type { Run } from './collector.ts';
import { fill } from './fill.ts';
import { locate } from './locate.ts';
import type { Fault, Plan, Slot } from './plan.ts';
import { type Refusal, type Site, showValue } from './refusal.ts';
import type { TemplateSource } from './template.ts';
import { isPlain } from './value.ts';
import { findFault } from './verify.ts';

/** A value that its place does not take. */
export const refusedValue = ({ values, sites }: Run, slot: Slot, why: string, instead?: string): Refusal => ({
  site: sites[slot.put] as Site,
  place: (slot.inner ?? slot.outer)?.name ?? 'template',
  value: showValue(values[slot.put]),
  why,
  ...(instead !== undefined && { instead }),
});

/** What of the skeleton can carry no values, by value or by its place in the text. */
export const refusedSkeleton = ({
  run,
  skeleton,
  faults,
  sources,
}: {
  run: Run;
  skeleton: string;
  faults: readonly Fault[];
  sources: readonly TemplateSource[];
}): Refusal[] =>
  faults.map(({ place, why, instead, put, at = 0 }) => {
    const where =
      put === undefined
        ? locate({ text: skeleton, at, marks: run.marks, sites: run.sites, sources })
        : { site: run.sites[put] as Site };
    const value = put === undefined ? '' : showValue(run.values[put]);
    return { ...where, place, value, why, ...(instead !== undefined && { instead }) };
  });

/**
 * Of a text that does not read back: the values without which it does; where no single one is to blame, all that are
 * not plain.
 */
export const findCulprits = (plan: Plan, { values, marks }: Run): Slot[] => {
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
