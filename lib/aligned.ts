/** Rows as lines, their cells below each other with `gap` between them and no blanks at a line's end. Pure. */
export const alignedRows = ({ rows, gap }: { rows: readonly (readonly string[])[]; gap: string }): string[] => {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(gap)
      .trimEnd(),
  );
};
