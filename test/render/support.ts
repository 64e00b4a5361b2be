import { parse } from 'smol-toml';
import { nodeContext, type TaskContext } from '../../lib/context/context.ts';
import type { NvlError } from '../../lib/errors.ts';
import type { Row } from '../../lib/pipelines/row.ts';
import { rowsOf, tableText } from '../../lib/pipelines/table.ts';
import { type Block, blocksOf } from '../../lib/render/file.ts';
import type { LastGood } from '../../lib/render/last-good.ts';
import { type Rendered, renderNode } from '../../lib/render/render.ts';
import type { Templates } from '../../lib/render/templates.ts';
import { aNode, LINKS, someTemplates } from '../support/builders.ts';

/** Renders with what a node would have: the shipped templates, and nothing live. */
export const renderOf = async ({
  templates,
  tasks = [],
  live = { text: '', rows: [] },
  carried = [],
  idle = [],
  former = [],
  quarantined = [],
  hasSinks = true,
  linksDir = LINKS,
  mayShare = true,
  isMeasured = false,
  lastGood,
  containers,
}: {
  templates?: Templates;
  tasks?: readonly TaskContext[];
  live?: Pick<Rendered, 'text' | 'rows'>;
  carried?: readonly string[];
  idle?: readonly string[];
  former?: readonly Row[];
  quarantined?: readonly { block: Block; error: NvlError }[];
  hasSinks?: boolean;
  linksDir?: string;
  mayShare?: boolean;
  isMeasured?: boolean;
  lastGood?: LastGood;
  containers?: Parameters<typeof renderNode>[0]['containers'];
} = {}): Promise<Rendered> => {
  const texts = new Map<string, Map<string, NvlError>>();
  for (const { block, error } of quarantined)
    texts.set(block.key, (texts.get(block.key) ?? new Map()).set(block.text, error));
  return renderNode({
    templates: templates ?? (await someTemplates()),
    tasks,
    node: nodeContext(aNode()),
    hasSinks,
    linksDir,
    mayShare: () => mayShare,
    isMeasured,
    live: blocksOf(live.text),
    // As they come back from the disk.
    seats: new Map(rowsOf(tableText(live.rows)).map((row) => [row.stem, row])),
    carried: new Set(carried),
    idle: new Set(idle),
    former,
    quarantined: texts,
    containers,
    ...(lastGood === undefined ? {} : { lastGood }),
  });
};

export type Component = { type: string; inputs?: string[]; [option: string]: unknown };
export type Components = Record<'sources' | 'transforms' | 'sinks', Record<string, Component>>;

export const componentsIn = (text: string): Components => ({ sources: {}, transforms: {}, sinks: {}, ...parse(text) });

/** The row of a task. */
export const rowOf = ({ rows }: Rendered, { id }: TaskContext): Row | undefined => rows.find(({ stem }) => stem === id);

/** The id of the pipeline that reads a task; empty where none does. */
export const pipelineOf = (rendered: Rendered, task: TaskContext): string => rowOf(rendered, task)?.pipeline ?? '';

/** The block of a task's pipeline, as it stands in the file. */
export const blockOf = (rendered: Rendered, task: TaskContext): Block => {
  const block = blocksOf(rendered.text).get(pipelineOf(rendered, task));
  if (block === undefined) throw new Error(`no pipeline reads ${task.id}`);
  return block;
};

/** What a task's lines pass through, from the labels back to the source, by what stands in the ids behind the pipeline's. */
export const wayOf = (rendered: Rendered, task: TaskContext): string[] => {
  const { transforms } = componentsIn(rendered.text);
  const id = pipelineOf(rendered, task);
  const from = (name: string): string[] => [name, ...(transforms[name]?.inputs ?? []).flatMap(from)];
  return from(`${id}_out`).map((name) => name.slice(id.length));
};

/** The words that nvl puts into each line of a task that does not ship as its job asks. */
export const markOf = (rendered: Rendered, task: TaskContext): string | undefined =>
  rowOf(rendered, task)?.mark || undefined;

/** Whoever was left out, and why. */
export const refusedIn = ({ refused }: Rendered) =>
  refused.map(({ key, instead, errors }) => ({ key, instead, why: errors.map(({ message }) => message) }));
