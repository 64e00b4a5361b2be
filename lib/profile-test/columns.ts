/**
 * A table of texts as lines of at most `width` characters: what does not fit into a column goes on in the next line of the same
 * cell. The last columns share what the first one leaves. Pure.
 */
export const toColumns = ({
  head,
  rows,
  width,
}: {
  head: readonly string[];
  rows: readonly (readonly string[])[];
  width: number;
}): string[] => {
  const all = [head, ...rows];
  const natural = head.map((_, column) => Math.max(...all.map((row) => lengthOf(row[column] ?? ''))));
  const widths = fitWidths({ natural, room: width - GAP.length * (head.length - 1) });
  return all.flatMap((row) => rowLines({ row, widths }));
};

const GAP = '  ';
/** Enough of a word to be told by. */
const LEAST = 8;

const fitWidths = ({ natural, room }: { natural: readonly number[]; room: number }): number[] => {
  const [first = 0, ...rest] = natural;
  const own = Math.max(LEAST, Math.min(first, Math.floor(room / 3)));
  const shared = Math.max(LEAST, Math.floor((room - own) / Math.max(1, rest.length)));
  // A narrow column leaves the others what it does not need.
  const spare = rest.reduce((sum, wanted) => sum + Math.max(0, shared - wanted), 0);
  return [own, ...rest.map((wanted) => Math.min(wanted, wanted > shared ? shared + spare : shared))];
};

const rowLines = ({ row, widths }: { row: readonly string[]; widths: readonly number[] }): string[] => {
  const cells = widths.map((width, column) => chunksOf({ text: row[column] ?? '', width }));
  const height = Math.max(1, ...cells.map((cell) => cell.length));
  return Array.from({ length: height }, (_, line) =>
    widths
      .map((width, column) => (cells[column]?.[line] ?? '').padEnd(width))
      .join(GAP)
      .trimEnd(),
  );
};

const lengthOf = (text: string): number => [...text].length;

const chunksOf = ({ text, width }: { text: string; width: number }): string[] => {
  const characters = [...text];
  return Array.from({ length: Math.ceil(characters.length / width) }, (_, index) =>
    characters.slice(index * width, (index + 1) * width).join(''),
  );
};
