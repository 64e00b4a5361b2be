import { hash } from 'node:crypto';
import { LABELS_ID } from '../../ids.ts';
import { type LabelObject, STREAM_COLUMN } from './label-object.ts';

/** A table whose rows are labels as they go into an event: its id, and which column of a row is the value of which key. */
export type LabelTable = { id: string; columns: LabelObject['columns'] };

/** The table of all pipelines that make the same labels of the same columns. */
export const labelTable = (columns: LabelObject['columns']): LabelTable => ({
  id: `${LABELS_ID}_${hash('sha256', JSON.stringify(columns.map(({ key, column }) => [key, column])), 'hex').slice(0, 8)}`,
  columns,
});

/** A table with the stream among its labels has two rows a task; another has one, which both streams find. */
export const isByStream = (columns: LabelObject['columns']): boolean =>
  columns.some(({ column }) => column === STREAM_COLUMN);

/** A line of a pipeline's block that says in which table its rows are. */
export const labelTableComment = ({ id, columns }: LabelTable): string =>
  `# Rows: ${id} ${columns.map(({ key, column }) => `${key}=${column}`).join(' ')}`;

/** The tables that a generated text names, by the pipelines that read them. */
export const labelTablesIn = (text: string): ReadonlyMap<string, LabelTable> => {
  const found = new Map<string, LabelTable>();
  for (const [, pipeline = '', id = '', list = ''] of text.matchAll(HEADS))
    found.set(pipeline, { id, columns: list.split(' ').map(columnIn) });
  return found;
};

/** Right behind the head of a block alone: a template may hold such a line too. */
const HEADS = new RegExp(`^# nvl:(\\S+) .*\\n# Columns: .*\\n# Rows: (${LABELS_ID}_[0-9a-f]{8}) (.+)$`, 'gm');

const columnIn = (shown: string): { key: string; column: string } => {
  const at = shown.indexOf('=');
  return { key: shown.slice(0, at), column: shown.slice(at + 1) };
};
