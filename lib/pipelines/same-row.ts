import type { Row } from './row.ts';

/** Whether two rows say the same; a table's are as wide as its widest, with empty cells at their ends. Pure. */
export const isSameRow = (one: Row, other: Row): boolean =>
  one === other ||
  (one.stem === other.stem &&
    one.pipeline === other.pipeline &&
    one.about === other.about &&
    one.mark === other.mark &&
    isSameSkip(one.skip, other.skip) &&
    isSameCells(one.cells, other.cells));

const isSameSkip = (one: Row['skip'], other: Row['skip']): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);

const isSameCells = (one: Row['cells'], other: Row['cells']): boolean => {
  if (one === other) return true;
  for (let at = 0; at < one.length || at < other.length; at += 1)
    if ((one[at] ?? '') !== (other[at] ?? '')) return false;
  return true;
};
