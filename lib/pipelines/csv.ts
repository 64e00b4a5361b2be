/**
 * A line of CSV whose cells are all quoted, so that Vector's reader changes nothing.
 *
 * @throws RangeError for half a surrogate pair, which no UTF-8 text can hold.
 */
export const csvLine = (cells: readonly string[]): string => cells.map(quoted).join(',');

const quoted = (text: string): string => {
  if (!text.isWellFormed()) throw new RangeError('a cell holds half of a surrogate pair, which no UTF-8 text can hold');
  return `"${text.replaceAll('"', '""')}"`;
};
