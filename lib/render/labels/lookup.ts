import { CELLS_ID } from '../../ids.ts';
import { BYTES_BEHIND_STEM, BYTES_BEHIND_STREAM } from '../../link-name.ts';
import type { Offset, ReadFields } from '../read-fields.ts';
import { type ColumnMeaning, columnName } from './columns.ts';
import type { LabelObject } from './label-object.ts';
import { isByStream, labelTable } from './label-tables.ts';

/** What a row is looked up for: the columns that a pipeline's labels read. */
export type Lookup = ReadFields & {
  cells: readonly ColumnMeaning[];
  /** The pipeline's id. */
  pipeline: string;
  /** Of a pipeline that is one task's; else the file's name begins with it. */
  stem?: string;
  /** What is behind it asks for the stream. Vector warns of a variable that nothing reads. */
  usesStream: boolean;
  /** Where most tasks' labels are found as one object; undefined where they are made value by value. */
  object?: { labels: LabelObject; linksDir: string } | undefined;
};

/** What stands in an event whose row is missing, as `.nvl.profile_error`. */
export const NO_ROW = 'no row for this task';

/**
 * Where the row stands: in the event's metadata, out of a line's reach. Of a field of an event or its metadata Vector reads
 * just that, of one of a variable it copies the whole variable first.
 */
export const ROW_PATH = '%nvl.row';

/**
 * The VRL that looks a task's row up once, by the name of the file that a line is from (`<stem>.<stdout|stderr>.<index>`):
 * `%nvl.row` is the row, `stream` the stream. It cannot fail. Without a row, the labels get what the stem says.
 */
export const lookupProgram = (lookup: Lookup): string => lookupByName({ ...lookup, name: NAME_OF_FILE });

/** The same again behind a transform that has dropped what was noted: KEEP_NAME keeps the file's name still. */
export const lookupAgain = (lookup: Omit<Lookup, 'usesStream' | 'object' | keyof ReadFields>): string =>
  lookupByName({ ...lookup, offset: undefined, usesStream: true, name: `string(get_secret("${FILE_SECRET}")) ?? ""` });

/** The only secret that nvl's own programs read. */
export const FILE_SECRET = 'nvl_file';

/**
 * Has an event keep the name of its file where `reduce` leaves it: of all metadata that keeps nothing but the secrets (Vector
 * 0.57). Its result goes somewhere, since Vector takes the call for one without an effect, and warns.
 */
export const KEEP_NAME = `%nvl.kept = set_secret("${FILE_SECRET}", nvl_name)`;

const NAME_OF_FILE = 'string(basename(string(.file) ?? "") ?? "") ?? ""';

const lookupByName = ({
  cells,
  pipeline,
  offset,
  stem,
  usesStream,
  name,
}: Omit<Lookup, 'hasHost' | 'object'> & { name: string }): string =>
  `nvl_name = ${name}
${usesStream ? 'stream = if contains(nvl_name, ".stderr.") { "stderr" } else { "stdout" }\n' : ''}${ROW_PATH}, nvl_error = get_enrichment_table_record("${CELLS_ID}", { "task": ${stem === undefined ? STEM_OF_NAME : literal(stem)}, "pipeline": ${literal(pipeline)} })
if nvl_error != null {${missingRow({ cells, stem })}
}${offset === undefined ? '' : `\n${skipProgram(offset)}`}`;

/** What the file source says of itself is of use to nobody: the path is that of nvl's own link, the host is the node. */
export const dropReadFields = ({ offset, hasHost }: ReadFields): string =>
  [...(offset?.isOwn ? [offset.field] : []), '.file', ...(hasHost ? ['.host'] : []), '.source_type']
    .map((field) => `del(${field})`)
    .join('\n');

/**
 * The VRL that looks a task's labels up as one object, and puts them where `target` says. `nvl_error` is null then; it is not
 * for a task without such a row, as one with a mark is: what `otherwise` says finds what to say of that. It cannot fail.
 */
export const objectProgram = ({
  object: { labels, linksDir },
  target,
  otherwise,
}: {
  object: NonNullable<Lookup['object']>;
  /** A path, as `.nomad`. */
  target: string;
  otherwise: string;
}): string =>
  `${target}, nvl_error = get_enrichment_table_record("${labelTable(labels.columns).id}", { "${TASK_COLUMN}": ${keyIn({ linksDir, columns: labels.columns })} })
if nvl_error == null {
${indented([`del(${target}.${TASK_COLUMN})`, ...labels.others.map(({ key, value }) => `${target}."${key}" = ${value}`)].join('\n'))}
} else {
${indented(otherwise)} }`;

/** The column of a table of labels by which a row is found: `<pipeline>/<stem>`, with `.<stream>` where rows are by stream. */
export const TASK_COLUMN = 'nvl_task';

/** VRL that cuts this key out of the path of a line's file. */
const keyIn = ({ linksDir, columns }: { linksDir: string; columns: LabelObject['columns'] }): string =>
  `slice(string(.file) ?? "", ${Buffer.byteLength(linksDir) + 1}, -${isByStream(columns) ? BYTES_BEHIND_STREAM : BYTES_BEHIND_STEM}) ?? ""`;

/** Indents a program, but not what a template wrote in it, whose lines `nvl explain` finds again. */
export const indented = (program: string): string =>
  program
    .split('\n')
    .map((line) => (line === '' || line === LABELS ? line : `  ${line}`))
    .join('\n');

/** Stands for a template's labels in a program of nvl's, which holds it nowhere else. */
export const LABELS = '\0';

/** A line that another pipeline has delivered is not sent again; one in many rows says so, so the question must cost little. */
const skipProgram = ({ field }: Offset): string =>
  `if ${ROW_PATH}.skip != "" && ${ROW_PATH}.skip != null {
  nvl_skip = object(parse_json(string(${ROW_PATH}.skip) ?? "") ?? {}) ?? {}
  nvl_file = slice(nvl_name, -${BYTES_BEHIND_STEM - 1}) ?? ""
  if (to_int(${field}) ?? 0) < (to_int(get(nvl_skip, [nvl_file]) ?? 0) ?? 0) { abort }
}`;

const STEM_OF_NAME = `slice(nvl_name, 0, -${BYTES_BEHIND_STEM}) ?? ""`;

const missingRow = ({ cells, stem }: { cells: Lookup['cells']; stem: string | undefined }): string => {
  const fields = cells.map((cell) => `"${columnName(cell)}": ${fromStem(cell.expression)}`);
  const own = stem === undefined ? STEM_OF_NAME : literal(stem);
  // Vector warns of a variable that nothing reads.
  const isAsked = fields.some((field) => field.includes('nvl_stem'));
  const isNone =
    stem === undefined ? `\n  if !match(nvl_stem, r'^nvl_[0-9a-f]{8}_.+_[0-9a-f]{8}\\z') { nvl_stem = "" }` : '';
  return `${isAsked ? `\n  nvl_stem = ${own}${isNone}` : ''}\n  ${ROW_PATH} = { ${[`"mark": "${NO_ROW}"`, ...fields].join(', ')} }`;
};

/** A stem is `nvl_<8 of the allocation's id>_<slug of the task>_<8 hex>`. */
const FROM_STEM: Readonly<Record<string, string>> = {
  'alloc.id': 'slice(nvl_stem, 4, 12) ?? ""',
  'alloc.shortId': 'slice(nvl_stem, 4, 12) ?? ""',
  'task.name': 'slice(nvl_stem, 13, -9) ?? ""',
};

const fromStem = (expression: string): string => {
  const name = expression.replaceAll(/[{}~\s]/g, '');
  return Object.hasOwn(FROM_STEM, name) ? (FROM_STEM[name] as string) : '""';
};

/** A stem holds nothing that a string of VRL would read otherwise. */
const literal = (stem: string): string => {
  if (!/^\w+$/.test(stem)) throw new RangeError(`${stem} is no stem of a task`);
  return `"${stem}"`;
};
