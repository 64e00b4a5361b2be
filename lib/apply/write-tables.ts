import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TABLE_ID_PATTERN } from '../ids.ts';
import { vectorTableName } from '../render/tables.ts';
import { readOwnFile } from './own.ts';
import type { RootPaths } from './paths.ts';
import { writeTable } from './write-table.ts';

/**
 * Puts the table of all rows in its place at once, behind those that Vector reads: it says what stands in them.
 * `times`: of what was written last, by its name; it is kept up.
 */
export const writeTables = async ({
  paths,
  text,
  tables,
  times,
}: {
  paths: RootPaths;
  text: string;
  /** Those that Vector reads, by their ids. */
  tables: ReadonlyMap<string, string>;
  times: Map<string, number>;
}): Promise<void> => {
  await writeVectorTables({ paths, tables, times });
  await writeTable({ paths, text });
};

/** Puts the tables that Vector reads in their places, where they are not there as they should be. */
export const writeVectorTables = async ({
  paths,
  tables,
  times,
}: {
  paths: RootPaths;
  tables: ReadonlyMap<string, string>;
  times: Map<string, number>;
}): Promise<void> => {
  for (const [id, text] of tables) {
    if (await isThere({ paths, id, text })) continue;
    const laterThanMs = times.get(id) ?? 0;
    times.set(id, await writeTable({ paths, file: join(paths.rows, vectorTableName(id)), text, laterThanMs }));
  }
};

/** Whether each of these tables is there as it should be. */
export const hasVectorTables = async ({
  paths,
  tables,
}: {
  paths: RootPaths;
  tables: ReadonlyMap<string, string>;
}): Promise<boolean> => {
  for (const [id, text] of tables) if (!(await isThere({ paths, id, text }))) return false;
  return true;
};

const isThere = async ({ paths, id, text }: { paths: RootPaths; id: string; text: string }): Promise<boolean> =>
  (await readOwnFile(join(paths.rows, vectorTableName(id))))?.toString('utf8') === text;

/** Removes the tables of labels that nobody reads any more. */
export const removeOldTables = async ({
  paths: { rows },
  keep,
}: {
  paths: RootPaths;
  keep: ReadonlySet<string>;
}): Promise<void> => {
  const kept = new Set([...keep].map(vectorTableName));
  const old = (await readdir(rows)).filter((name) => VECTOR_TABLE.test(name) && !kept.has(name));
  await Promise.all(old.map((name) => rm(join(rows, name), { recursive: true, force: true })));
};

const VECTOR_TABLE = new RegExp(`^(?:${TABLE_ID_PATTERN})\\.csv$`);
