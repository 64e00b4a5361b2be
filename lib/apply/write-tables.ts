import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TABLE_ID_PATTERN } from '../ids.ts';
import { vectorTableName } from '../render/tables.ts';
import { readOwnFile } from './own.ts';
import type { RootPaths } from './paths.ts';
import { syncFolder } from './sync.ts';
import { placeTable, stageTable } from './write-table.ts';

type Given = {
  paths: RootPaths;
  /** Those that Vector reads, by their ids. */
  tables: ReadonlyMap<string, string>;
  /** Of what was written last, by its id; it is kept up. */
  times: Map<string, number>;
};

/**
 * Puts the table of all rows in its place, behind those that Vector reads: it says what stands in them. A row may go from one
 * to another, so all of them are on the disk before the first is in its place.
 */
export const writeTables = async ({ text, ...given }: Given & { text: string }): Promise<void> => {
  const { paths } = given;
  const staged = await stageVectorTables(given);
  await stageTable({ paths, text });
  await placeVectorTables({ ...given, staged });
  await placeTable({ paths, laterThanMs: 0 });
  await syncFolder(paths.rows);
};

/** Puts the tables that Vector reads in their places, where they are not there as they should be. */
export const writeVectorTables = async (given: Given): Promise<void> => {
  await placeVectorTables({ ...given, staged: await stageVectorTables(given) });
  await syncFolder(given.paths.rows);
};

/** The ids of those that are not there as they should be. */
const stageVectorTables = async ({ paths, tables }: Given): Promise<string[]> => {
  const staged: string[] = [];
  for (const [id, text] of tables) {
    if (await isThere({ paths, id, text })) continue;
    await stageTable({ paths, file: fileOf({ paths, id }), text });
    staged.push(id);
  }
  return staged;
};

const placeVectorTables = async ({ paths, times, staged }: Given & { staged: readonly string[] }): Promise<void> => {
  for (const id of staged)
    times.set(id, await placeTable({ paths, file: fileOf({ paths, id }), laterThanMs: times.get(id) ?? 0 }));
};

const fileOf = ({ paths, id }: { paths: RootPaths; id: string }): string => join(paths.rows, vectorTableName(id));

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
  (await readOwnFile(fileOf({ paths, id })))?.toString('utf8') === text;

/** Removes the tables of labels that nobody reads any more. */
export const removeOldTables = async ({
  paths: { rows },
  keep,
}: {
  paths: RootPaths;
  keep: ReadonlySet<string>;
}): Promise<void> => {
  const kept = new Set([...keep].map(vectorTableName));
  // What was left of a write that failed goes too.
  const old = (await readdir(rows)).filter((name) => VECTOR_TABLE.test(name) && !kept.has(name));
  await Promise.all(old.map((name) => rm(join(rows, name), { recursive: true, force: true })));
};

const VECTOR_TABLE = new RegExp(`^(?:${TABLE_ID_PATTERN})\\.csv(?:\\.new)?$`);
