import { createHash } from 'node:crypto';
import type { Row } from '../pipelines/row.ts';
import { rowsOf } from '../pipelines/table.ts';
import { labelTablesIn } from '../render/labels/label-tables.ts';
import type { Rendered } from '../render/render.ts';
import { vectorTables } from '../render/vector-tables.ts';
import { type Changes, changesBetween } from './changes.ts';
import { nextTable } from './next-table.ts';

/**
 * What Vector reads of nvl's: the generated file and the table of rows. Undefined: it is not there. `rows`: the table's, in its
 * order, where somebody has read them already.
 */
export type LiveSet = {
  text: string | undefined;
  table: string | undefined;
  rows?: readonly Row[];
  /** What Vector reads of the table is there too, as nvl wrote it; true where it is not said. */
  hasTables?: boolean;
};

/**
 * What a cycle will do, decided before anything is done. Pure.
 * `swap`: the bytes of the generated file differ on disk. `write`: those of a table do. `prove`: Vector is to load another
 * file. `reload`: Vector has not confirmed to have loaded these bytes, which the disk can't say: a reload that failed is
 * tried again though nothing is written.
 */
export type Plan = {
  text: string;
  table: string;
  /** The table's, in its order. */
  rows: readonly Row[];
  /** Of the text, and of the table. */
  digest: string;
  tableDigest: string;
  swap: boolean;
  write: boolean;
  prove: boolean;
  reload: boolean;
  /** How many tasks have a row. */
  taskCount: number;
  changes: Changes;
};

export const makePlan = ({
  rendered: { text, rows, former },
  live,
  loaded,
}: {
  rendered: Pick<Rendered, 'text' | 'rows' | 'former'>;
  live: LiveSet;
  /** The digests of what Vector confirmed to have loaded. */
  loaded: { digest: string; table?: string | undefined } | undefined;
}): Plan => {
  const before = live.rows ?? rowsOf(live.table);
  const digest = digestOf(text);
  const swap = text !== live.text;
  const isLoaded = digest === loaded?.digest;
  const isEdited = swap || !isLoaded;
  const next = nextTable({
    rows,
    former,
    live: { text: live.table, rows: before },
    isEdited,
    wereByValue: wereByValue({ text, live: live.text }),
  });
  const { text: table, own } = next;
  const tableDigest = digestOf(table);
  const hasTables = live.hasTables !== false;
  return {
    text,
    table,
    rows: next.all,
    digest,
    tableDigest,
    swap,
    write:
      table !== live.table ||
      !hasTables ||
      (swap && !isSame(vectorTables({ text, rows: next.all }), vectorTables({ text: live.text ?? '', rows: before }))),
    prove: isEdited,
    taskCount: rows.length,
    reload: !isLoaded || tableDigest !== loaded?.table || !hasTables,
    changes: changesBetween({
      before: { text: live.text ?? '', rows: before },
      after: { text, rows: own },
    }),
  };
};

/** Pipelines that looked labels up value by value, and look them up as one object now. */
const wereByValue = ({ text, live = '' }: { text: string; live: string | undefined }): ReadonlySet<string> => {
  if (text === live) return new Set();
  const [before, heads] = [labelTablesIn(live), new Set([...live.matchAll(HEAD)].map(([, pipeline]) => pipeline))];
  return new Set([...labelTablesIn(text).keys()].filter((pipeline) => heads.has(pipeline) && !before.has(pipeline)));
};

const HEAD = /^# nvl:(\S+)/gm;

const isSame = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean =>
  one.size === other.size && [...one].every(([id, text]) => other.get(id) === text);

/** Since when Vector runs what is live; undefined unless it has confirmed that file. */
export const loadedSince = ({
  live,
  loaded,
}: {
  live: string | undefined;
  loaded: { digest: string; at: number } | undefined;
}): number | undefined => (live !== undefined && loaded?.digest === digestOf(live) ? loaded.at : undefined);

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
