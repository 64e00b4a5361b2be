import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/config.ts';
import { planCycle } from '../cycle.ts';
import { openTaskPipeline, type TaskPipeline } from '../preview/task-pipeline.ts';
import { throughGate } from '../render/refused.ts';
import type { Rendered } from '../render/render.ts';
import type { TappedTask } from '../tap/tapped-task.ts';
import type { Io } from './io.ts';
import { type LivePipelines, type LiveRun, sourceIn } from './live-pipelines.ts';
import { type Flags, readOnlyDeps } from './prepare.ts';
import { withNode } from './with-node.ts';

/** Opens a task's pipeline as an edited folder of templates renders it; undefined for a task that would not be collected now. */
export type OpenEdited = (task: TappedTask) => Promise<TaskPipeline | undefined>;

/**
 * Renders the node with another folder of templates, in place of the configuration's; again for a task that is not there yet. Opening rejects with what
 * refuses a template, `vrlRefused`, `notRunnable`, and what asking Nomad throws.
 */
export const editedPipelines = ({
  io,
  flags,
  config,
  templates,
  live,
  run: { paths, vrl, readProgram },
  say,
}: {
  io: Io;
  flags: Flags;
  config: Config;
  /** As it was written. */
  templates: string;
  live: Pick<LivePipelines, 'sourceOf'>;
  run: LiveRun;
  say: (line: string) => void;
}): OpenEdited => {
  const edited = { ...config, templates: resolve(io.cwd, templates) };
  const plan = (): Promise<Rendered> =>
    withNode({ io, flags, config: edited }, async (node) => (await planCycle(await readOnlyDeps(node))).rendered);
  let planned: Rendered | undefined;
  let isTold = false;
  return async (task) => {
    if (planned === undefined || !knows(planned, task)) planned = await plan();
    if (!knows(planned, task)) return undefined;
    const { stem } = task;
    const rendered = throughGate({ rendered: planned, stem });
    const id = rendered.rows.find((row) => row.stem === stem)?.pipeline ?? '';
    const isSourceEdited = !isDeepStrictEqual(sourceIn({ text: rendered.text, id }), await live.sourceOf(task));
    if (isSourceEdited && !isTold) say(SOURCE_WORDS);
    isTold ||= isSourceEdited;
    return openTaskPipeline({ rendered, stem, linksDir: paths.links, vrl, readProgram });
  };
};

const knows = ({ rows, refused }: Pick<Rendered, 'rows' | 'refused'>, { stem }: TappedTask): boolean =>
  rows.some((row) => row.stem === stem) || refused.some(({ key }) => key === stem);

const SOURCE_WORDS =
  'the source differs between what is live and --with: lines are shown as the running one has read and joined them';
