import type { Cell } from '../render/safe/index.ts';
import { TABLE_NAME } from './table.ts';

/** What a row is looked up for: the columns that a pipeline's labels read. */
export type Lookup = {
  cells: readonly Pick<Cell, 'expression'>[];
  /** Of a pipeline that is one task's; else the file's name begins with it. */
  stem?: string;
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
 * `%nvl.row` is the row, `stream` the stream. It cannot fail. Without a row, the labels get what the stem says. What else the
 * file source says of itself is of use to nobody: the path is that of nvl's own link, the host is the node.
 */
export const lookupProgram = ({ cells, stem }: Lookup): string =>
  `nvl_name = string(basename(string(.file) ?? "") ?? "") ?? ""
stream = if contains(nvl_name, ".stderr.") { "stderr" } else { "stdout" }
${ROW_PATH}, nvl_error = get_enrichment_table_record("${TABLE_NAME}", { "task": ${stem === undefined ? STEM_OF_NAME : literal(stem)} })
if nvl_error != null {
  nvl_stem = ${stem === undefined ? `string(${STEM_OF_NAME}) ?? ""` : literal(stem)}
  if !match(nvl_stem, r'^nvl_[0-9a-f]{8}_.+_[0-9a-f]{8}\\z') { nvl_stem = "" }
  ${ROW_PATH} = { ${missingRow(cells)} }
}
del(.file)
del(.host)
del(.source_type)`;

const STEM_OF_NAME = 'split(nvl_name, ".")[0]';

const missingRow = (cells: Lookup['cells']): string =>
  [`"mark": "${NO_ROW}"`, ...cells.map(({ expression }, index) => `"c${index}": ${fromStem(expression)}`)].join(', ');

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
