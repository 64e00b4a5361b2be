import type { Row } from './row.ts';

/** Whether two rows say the same; a cell that is empty and one that is not there are the same in a table. Pure. */
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

const isSameCells = (one: Row['cells'], other: Row['cells']): boolean =>
  one === other || (saysAllOf(one, other) && saysAllOf(other, one));

const saysAllOf = (one: Row['cells'], other: Row['cells']): boolean => {
  for (const column in other) if ((one[column] ?? '') !== other[column]) return false;
  return true;
};
