import { CELLS_ID, CONTAINERS_ID } from '../ids.ts';
import { STREAMS } from '../link-name.ts';
import { csvLine } from '../pipelines/csv.ts';
import type { Row } from '../pipelines/row.ts';
import { columnsIn } from '../pipelines/table.ts';
import { CONTAINER_COLUMN } from './containers/container-logs.ts';
import { containerPipelinesIn } from './containers/container-source.ts';
import { CONTAINER_COLUMNS } from './containers/shared-text.ts';
import { STREAM_COLUMN } from './labels/label-object.ts';
import { isByStream, type LabelTable, labelTablesIn } from './labels/label-tables.ts';
import { TASK_COLUMN } from './labels/lookup.ts';
import { vectorTablePath } from './tables.ts';

/**
 * The tables that Vector reads, as CSV by their ids: all rows of a table, each in one of them, but in both while an edit is loaded. A task without a mark whose
 * labels are one object has it in the table of such labels, ready to go into an event, once or for each stream; any other has a row of values. `text`: the
 * generated file whose pipelines look them up. What was made of the same is not made again. Pure.
 */
export const vectorTables = ({ text, rows }: { text: string; rows: readonly Row[] }): ReadonlyMap<string, string> => {
  const known = MADE.get(rows);
  if (known?.text === text) return known.tables;
  const tables = new Map([
    ...tablesOf({ of: labelTablesIn(text), rows }),
    ...(text.includes(`\n[enrichment_tables.${CONTAINERS_ID}]\n`)
      ? [[CONTAINERS_ID, containersText({ pipelines: containerPipelinesIn(text), rows })] as const]
      : []),
  ]);
  MADE.set(rows, { text, tables });
  return tables;
};

/** A column of rows that a program reads value by value which is about to be replaced by one that does not. */
export const BY_VALUE = 'c_by_value';

/** The same by the files that the text names. */
export const vectorTableFiles = ({
  linksDir,
  ...of
}: {
  text: string;
  rows: readonly Row[];
  linksDir: string;
}): ReadonlyMap<string, string> =>
  new Map([...vectorTables(of)].map(([id, text]) => [vectorTablePath({ linksDir, id }), text]));

/** What rows are in a table is nothing to a proof. */
export const emptyTables = (of: { text: string; linksDir: string }): ReadonlyMap<string, string> =>
  vectorTableFiles({ ...of, rows: [] });

const MADE = new WeakMap<readonly Row[], { text: string; tables: ReadonlyMap<string, string> }>();

const tablesOf = ({
  of,
  rows,
}: {
  of: ReadonlyMap<string, LabelTable>;
  rows: readonly Row[];
}): ReadonlyMap<string, string> => {
  const labels = new Map<string, string[]>();
  for (const table of of.values()) labels.set(table.id, [headerOf(table)]);
  const others: Row[] = [];
  for (const row of rows) {
    const table = row.mark === '' && row.skip === undefined ? of.get(row.pipeline) : undefined;
    if (table === undefined || row.cells[BY_VALUE] !== undefined) others.push(row);
    if (table !== undefined) labels.get(table.id)?.push(linesOf({ row, table }));
  }
  return new Map([
    [CELLS_ID, cellsText(others)],
    ...[...labels].map(([id, lines]): [string, string] => [id, `${lines.join('\n')}\n`]),
  ]);
};

const headerOf = ({ columns }: LabelTable): string => [TASK_COLUMN, ...columns.map(({ key }) => key)].join(',');

/** One more task is a line or two more: those of thousands of others are not made again. */
const LINES = new WeakMap<Row, { id: string; text: string }>();

const linesOf = ({ row, table: { id, columns } }: { row: Row; table: LabelTable }): string => {
  const known = LINES.get(row);
  if (known?.id === id) return known.text;
  const task = `${row.pipeline}/${row.stem}`;
  const keyed: { key: string; cells: Row['cells'] }[] = isByStream(columns)
    ? STREAMS.map((stream) => ({ key: `${task}.${stream}`, cells: { ...row.cells, [STREAM_COLUMN]: stream } }))
    : [{ key: task, cells: row.cells }];
  const text = keyed
    .map(({ key, cells }) => csvLine([key, ...columns.map(({ column }) => cells[column] ?? '')]))
    .join('\n');
  LINES.set(row, { id, text });
  return text;
};

/** Two of one name would find no row, and no line of either: never another's. */
const containersText = ({
  pipelines,
  rows,
}: {
  /** Which read containers. */
  pipelines: ReadonlySet<string>;
  rows: readonly Row[];
}): string => {
  const lines = rows.flatMap(({ stem, pipeline, cells }) => {
    const name = cells[CONTAINER_COLUMN] ?? '';
    if (name === '') return [];
    return [csvLine(pipelines.has(pipeline) ? [name, pipeline, `${pipeline}/${stem}`] : [name, '', ''])];
  });
  return `${[CONTAINER_COLUMNS.join(','), ...lines].join('\n')}\n`;
};

const cellsText = (rows: readonly Row[]): string => {
  const columns = columnsIn(rows);
  const lines = rows.map(({ stem, pipeline, mark, skip, cells }) =>
    csvLine([
      stem,
      pipeline,
      mark,
      skip === undefined ? '' : JSON.stringify(skip),
      ...columns.map((column) => cells[column] ?? ''),
    ]),
  );
  return `${[['task', 'pipeline', 'mark', 'skip', ...columns].join(','), ...lines].join('\n')}\n`;
};
