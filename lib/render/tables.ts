import { posix } from 'node:path';
import { CELLS_ID, CONTAINERS_ID } from '../ids.ts';
import { compare } from '../order.ts';
import { tomlText } from '../toml-text.ts';
import { labelTablesIn } from './labels/label-tables.ts';

/** The folder of tables, beside that of links: as nvl writes it and as Vector reads it. */
export const rowsFolder = (linksDir: string): string => posix.join(posix.dirname(linksDir), 'rows');

/** The table of all rows. */
export const TABLE_NAME = 'tasks.csv';

/** The name of a table that Vector reads. */
export const vectorTableName = (id: string): string => `${id}.csv`;

/** Where such a table lies. */
export const vectorTablePath = ({ linksDir, id }: { linksDir: string; id: string }): string =>
  posix.join(rowsFolder(linksDir), vectorTableName(id));

/** The tables of a generated file, for the blocks of its pipelines. */
export const tablesText = ({
  pipelines,
  hasContainers,
  linksDir,
}: {
  pipelines: string;
  /** Lines of containers are read. */
  hasContainers: boolean;
  linksDir: string;
}): string => {
  const ofLabels = [...labelTablesIn(pipelines).values()].map(({ id }) => id);
  return [
    table({ id: CELLS_ID, linksDir, holds: 'A line for each task whose labels are made value by value.' }),
    ...(hasContainers
      ? [table({ id: CONTAINERS_ID, linksDir, holds: 'A line for each task that has a container.' })]
      : []),
    ...[...new Set(ofLabels)]
      .sort(compare)
      .map((id) => table({ id, linksDir, holds: 'A line for each task and stream: labels as they go into an event.' })),
  ].join('\n\n');
};

const table = ({ id, linksDir, holds }: { id: string; linksDir: string; holds: string }): string =>
  `# ${holds}
[enrichment_tables.${id}]
type = "file"
file.path = ${tomlText(vectorTablePath({ linksDir, id }))}
file.encoding.type = "csv"`;
