import type { Fault, SkeletonPlan, Slot } from '../place/plan.ts';
import type { Run } from '../run/collector.ts';
import type { TemplateSource } from '../run/parse.ts';
import { showValue } from '../run/show-value.ts';
import type { Site } from '../run/site.ts';
import { fill } from '../write/fill.ts';
import { isPlain } from '../write/value.ts';
import { locate } from './locate.ts';
import type { Refusal } from './refusal.ts';
import { findFault } from './verify.ts';

/** The refusal of one value that its place does not take, with the place in the template where it is written. */
export const refusedValue = ({ values, sites }: Run, slot: Slot, why: string, instead?: string): Refusal => ({
  site: sites[slot.valueIndex] as Site,
  place: (slot.inner ?? slot.outer)?.name ?? 'template',
  value: showValue(values[slot.valueIndex]),
  why,
  ...(instead !== undefined && { instead }),
});

/**
 * The refusals of a skeleton (the rendered text with placeholders) that cannot carry values: each fault with the place in
 * the template of the value it is about, else of the line.
 */
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
  faults.map(({ place, why, instead, valueIndex, at = 0 }) => {
    const where =
      valueIndex === undefined
        ? locate({ text: skeleton, at, marks: run.marks, sites: run.sites, sources })
        : { site: run.sites[valueIndex] as Site };
    const value = valueIndex === undefined ? '' : showValue(run.values[valueIndex]);
    return { ...where, place, value, why, ...(instead !== undefined && { instead }) };
  });

/**
 * The values to blame for a text that does not read back as it should: those without which it does; where no single one is
 * to blame, those that are not plain. At most the first 10. A template may hold thousands of values, and each try reads the
 * whole text, so they are tried by halves: where the text does not read back without all of a half, it does not without one
 * of that half.
 */
export const findCulprits = (plan: SkeletonPlan, { values, marks }: Run): Slot[] => {
  const slots = plan.parts.filter((part) => typeof part !== 'string');
  const plain = values.map((_, index) => `x${index}`);
  // What takes numbers alone, or yes and no, keeps its own value.
  const stubborn = new Set(fill(plan, plain).refused.map(({ slot }) => slot.valueIndex));
  const found: Slot[] = [];
  const readsWithout = (part: readonly Slot[]): boolean => {
    const others = [...values];
    for (const { valueIndex } of part) others[valueIndex] = plain[valueIndex];
    const { text, refused } = fill(plan, others);
    return refused.length === 0 && findFault({ plan, values: others, text, marks }) === undefined;
  };
  const search = (part: readonly Slot[]): void => {
    if (found.length === MOST_CULPRITS || part.length === 0 || !readsWithout(part)) return;
    const [first] = part;
    if (part.length === 1 && first !== undefined) found.push(first);
    if (part.length === 1) return;
    const middle = Math.ceil(part.length / 2);
    search(part.slice(0, middle));
    search(part.slice(middle));
  };
  search(slots.filter(({ valueIndex }) => !stubborn.has(valueIndex)));
  if (found.length > 0) return found;
  const notPlain = slots.filter(
    (slot) => !isPlain(values[slot.valueIndex], slot.isGlob) || values[slot.valueIndex] === '',
  );
  return (notPlain.length > 0 ? notPlain : slots).slice(0, MOST_CULPRITS);
};

const MOST_CULPRITS = 10;
