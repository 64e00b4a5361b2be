import { createHash } from 'node:crypto';
import type { Row } from '../pipelines/row.ts';
import { rowsOf } from '../pipelines/table.ts';
import type { Rendered } from '../render/render.ts';
import { type Changes, changesBetween } from './changes.ts';
import { nextTable } from './next-table.ts';

/**
 * What Vector reads of nvl's: the generated file and the table of rows. Undefined: it is not there. `rows`: the table's, in its
 * order, where somebody has read them already.
 */
export type LiveSet = { text: string | undefined; table: string | undefined; rows?: readonly Row[] };

/**
 * What a cycle will do, decided before anything is done. Pure.
 * `swap`: the bytes of the generated file differ on disk. `write`: those of the table do. `prove`: Vector is to load another
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
  const next = nextTable({ rows, former, live: { text: live.table, rows: before }, isEdited });
  const { text: table, own } = next;
  const tableDigest = digestOf(table);
  return {
    text,
    table,
    rows: next.all,
    digest,
    tableDigest,
    swap,
    write: table !== live.table,
    prove: isEdited,
    taskCount: rows.length,
    reload: !isLoaded || tableDigest !== loaded?.table,
    changes: changesBetween({
      before: { text: live.text ?? '', rows: before },
      after: { text, rows: own },
    }),
  };
};

/** Since when Vector runs what is live; undefined unless it has confirmed that file. */
export const loadedSince = ({
  live,
  loaded,
}: {
  live: string | undefined;
  loaded: { digest: string; at: number } | undefined;
}): number | undefined => (live !== undefined && loaded?.digest === digestOf(live) ? loaded.at : undefined);

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
