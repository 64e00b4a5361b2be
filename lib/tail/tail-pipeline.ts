import { profileTemplates, refusedTemplate } from '../apply/refused-template.ts';
import type { TemplateFiles } from '../config/read-templates.ts';
import type { TaskContext } from '../context/context.ts';
import { programRefusal } from '../engine/check-programs.ts';
import { createEngine, type Engine } from '../engine/engine.ts';
import type { ReadProgram } from '../engine/transform.ts';
import type { NvlError } from '../errors.ts';
import type { Block } from '../render/file.ts';
import type { RefusedBlock } from '../render/refused.ts';
import { type QuarantinedBlocks, type Rendered, renderNode } from '../render/render.ts';
import type { Templates } from '../render/templates.ts';
import { vectorTableFiles } from '../render/vector-tables.ts';
import type { Vrl } from '../vrl/vrl.ts';

/** What a task's pipeline is made of, for all tasks. */
export type PipelineParts = {
  templates: Templates;
  /** What the templates were compiled from. */
  files: TemplateFiles['files'];
  /** A template's path as people know it. */
  shownPath: (path: string) => string;
  /** Below which a node has its links. */
  linksDir: string;
  vrl: Vrl;
  readProgram: ReadProgram;
  now: () => number;
};

/** A task's own pipeline, as a node renders it, and what runs it. */
export type TailPipeline = {
  engine: Engine;
  /** Of the pipeline, which is also the first part of its components' ids. */
  id: string;
  /** Why it is not the one that its profile asks for. */
  refused: readonly RefusedBlock[];
};

/**
 * Renders a task alone. As on a node, a profile that cannot be used costs no line: the task is shown by the default source, unparsed and marked. So is one
 * whose profile does not run without Vector. `id` is undefined where nothing can be used at all.
 */
export const makeTailPipeline = async ({
  context,
  parts,
}: {
  context: TaskContext;
  parts: PipelineParts;
}): Promise<TailPipeline | { id: undefined; refused: readonly RefusedBlock[] }> => {
  let quarantined: QuarantinedBlocks = new Map();
  for (let isLast = false; ; isLast = true) {
    const rendered = renderAlone({ context, parts, quarantined });
    const [block] = rendered.blocks;
    if (block === undefined) return { id: undefined, refused: rendered.refused };
    const { linksDir, vrl, readProgram, now } = parts;
    const tables = vectorTableFiles({ text: rendered.text, rows: rendered.rows, linksDir });
    const hostname = context.alloc.nodeName;
    const engine = createEngine({ text: rendered.text, tables, vrl, readProgram, hostname, now });
    const [fault] = await faultsOf({ engine, block, context, parts });
    if (fault === undefined) return { engine, id: block.key, refused: rendered.refused };
    if (isLast) return { id: undefined, refused: [...rendered.refused, leftOut({ context, fault })] };
    quarantined = new Map([[block.key, new Map([[block.text, fault]])]]);
  }
};

const renderAlone = ({
  context,
  parts: { templates, linksDir },
  quarantined,
}: {
  context: TaskContext;
  parts: PipelineParts;
  quarantined: QuarantinedBlocks;
}): Rendered =>
  renderNode({
    templates,
    tasks: [context],
    node: {},
    hasSinks: false,
    linksDir,
    live: new Map(),
    seats: new Map(),
    carried: new Set(),
    quarantined,
  });

/** What VRL's compiler refuses of it, and what does not run here. */
const faultsOf = async ({
  engine,
  block,
  context,
  parts: { templates, files, shownPath },
}: {
  engine: Engine;
  block: Block;
  context: TaskContext;
  parts: PipelineParts;
}): Promise<NvlError[]> => {
  const refused = await engine.check();
  const own = { ...profileTemplates({ templates, profile: context.profile }), files };
  const refusals = refused.map(programRefusal);
  const errors =
    refusals.length === 0 ? [] : refusedTemplate({ block, refusals, said: undefined, templates: own, shownPath });
  return [...errors, ...engine.notRun.map(({ error }) => error)];
};

const leftOut = ({ context: { id, job, task }, fault }: { context: TaskContext; fault: NvlError }): RefusedBlock => ({
  key: id,
  heading: `${job.id} / ${task.name}`,
  errors: [fault],
  instead: 'nothing',
});
