import { errorAt, type Found } from './finding.ts';
import type { ReadIds } from './inputs.ts';

/**
 * Transforms that feed each other in a circle, one finding for each circle that closes. Vector refuses one that a sink reads, and
 * overflows its stack over any other. Pure.
 */
export const circleFindings = (readers: ReadIds): Found[] => {
  const done = new Set<string>();
  const findings: Found[] = [];
  for (const start of readers.keys()) {
    // A way through thousands of transforms would overflow the stack of a function that calls itself.
    const way: { id: string; left: string[] }[] = [];
    const open = new Set<string>();
    const enter = (id: string): void => {
      open.add(id);
      way.push({ id, left: [...(readers.get(id) ?? [])] });
    };
    if (!done.has(start)) enter(start);
    for (let last = way.at(-1); last !== undefined; last = way.at(-1)) {
      const next = last.left.pop();
      if (next === undefined) {
        way.pop();
        open.delete(last.id);
        done.add(last.id);
      } else if (open.has(next)) {
        const ids = way.map(({ id }) => id);
        const circle = [...ids.slice(ids.indexOf(next)), next].reverse();
        findings.push(errorAt(['transforms', last.id, 'inputs'], `closes a circle: ${circle.join(' -> ')}`));
      } else if (!done.has(next) && readers.has(next)) enter(next);
    }
  }
  return findings;
};
