import { basename } from 'node:path';
import { createEngine, type Engine, type EngineStep } from '../engine/engine.ts';
import type { EngineEvent } from '../engine/event.ts';
import type { ReadProgram } from '../engine/transform.ts';
import { NvlError } from '../errors.ts';
import { type LogStream, linkName } from '../link-name.ts';
import { asOfFiles } from '../render/containers/container-source.ts';
import { assembleFile } from '../render/file.ts';
import type { Rendered } from '../render/render.ts';
import { vectorTableFiles } from '../render/vector-tables.ts';
import type { Vrl } from '../vrl/vrl.ts';

/** The pipeline of one task, run in Node: what the task writes goes in, and its events come out. */
export type TaskPipeline = {
  /** What a log has more. `index`: of its file, 0 if not said; as another file of a log begins, the one before ends. */
  push(chunk: { stream: LogStream; index?: number; bytes: Buffer }): Promise<PipelineStep>;
  /** What a source elsewhere made of the task's lines, in the place of its own. */
  take(events: readonly EngineEvent[]): Promise<PipelineStep>;
  /** What waits for more lines comes out. */
  release(): Promise<PipelineStep>;
  /** The task writes no more: a last line without its end is one. */
  end(): Promise<PipelineStep>;
};

export type PipelineStep = {
  /** As the sinks get them. */
  events: readonly EngineEvent[];
  /** What each component made on the way, in the order of the way; its id without the pipeline's. */
  way: readonly { component: string; events: readonly EngineEvent[] }[];
  dropped: readonly { component: string; why: string; event: EngineEvent }[];
};

/** The pipeline of a task, run by an engine that has it. What it does not survive goes to `onFailed`, which throws it if not said. */
export const taskPipeline = ({
  engine,
  id,
  stem,
  linksDir,
  onFailed = throwFirst,
}: {
  engine: Engine;
  /** Of the pipeline. */
  id: string;
  /** Of the task. */
  stem: string;
  linksDir: string;
  /** A part of the pipeline lost what it had got. */
  onFailed?: (failed: EngineStep['failed']) => void;
}): TaskPipeline => {
  const folder = `${linksDir}/${id}`;
  /** The file that each log was last read from. */
  const files = new Map<LogStream, string>();
  const stepOf = ({ outputs, dropped, failed }: EngineStep): PipelineStep => {
    if (failed.length > 0) onFailed(failed);
    return {
      events: outputs.get(`${id}_out`) ?? [],
      way: [...outputs]
        .filter(([component, events]) => isOf(component, id) && events.length > 0)
        .map(([component, events]) => ({ component: shortId(component, id), events })),
      dropped: dropped
        .filter(({ component }) => isOf(component, id))
        .map((one) => ({ ...one, component: shortId(one.component, id) })),
    };
  };
  return {
    push: async ({ stream, index = 0, bytes }) => {
      const path = `${folder}/${linkName({ stem, stream, index })}`;
      const former = files.get(stream);
      files.set(stream, path);
      // On a node, too, the files of a log are read apart: what has no end in one has none in the next.
      const ended = former === undefined || former === path ? undefined : stepOf(await engine.end([former]));
      const step = stepOf(await engine.push([{ path, bytes }]));
      return ended === undefined ? step : bothSteps(ended, step);
    },
    take: async (events) => stepOf(await engine.take(id, events.map(inFolder(folder)))),
    release: async () => stepOf(await engine.release()),
    end: async () => {
      const ended = [...files.values()];
      files.clear();
      return stepOf(await engine.end(ended));
    },
  };
};

const throwFirst = ([fault]: EngineStep['failed']): void => {
  if (fault !== undefined) throw fault.error;
};

const bothSteps = (first: PipelineStep, second: PipelineStep): PipelineStep => ({
  events: [...first.events, ...second.events],
  way: [...first.way, ...second.way],
  dropped: [...first.dropped, ...second.dropped],
});

/**
 * Opens the pipeline of a rendered task. Throws what keeps it from running: `vrlRefused` with what the compiler prints, or `notRunnable`.
 * A program that fails while it runs, as one that takes too long, rejects the step.
 */
export const openTaskPipeline = async ({
  rendered: { blocks, rows },
  stem,
  linksDir,
  vrl,
  readProgram,
}: {
  rendered: Pick<Rendered, 'blocks' | 'rows'>;
  /** Of the task. */
  stem: string;
  linksDir: string;
  vrl: Vrl;
  readProgram: ReadProgram;
}): Promise<TaskPipeline> => {
  const id = rows.find((row) => row.stem === stem)?.pipeline ?? stem;
  const own = blocks
    .filter(({ key }) => key === id)
    .map((block) => ({ ...block, text: asOfFiles({ text: block.text, id, linksDir }) }));
  const text = assembleFile({ blocks: own, templates: [], linksDir });
  const engine = createEngine({ text, tables: vectorTableFiles({ text, rows, linksDir }), vrl, readProgram });
  await throwIfRefused({ engine, pipeline: id });
  return taskPipeline({ engine, id, stem, linksDir });
};

/** An event that another pipeline's source read: labels are found by the file's folder, too. */
const inFolder =
  (folder: string) =>
  (one: EngineEvent): EngineEvent => {
    const { file } = one.event;
    return typeof file === 'string' ? { ...one, event: { ...one.event, file: `${folder}/${basename(file)}` } } : one;
  };

const isOf = (id: string, pipeline: string): boolean => id === pipeline || id.startsWith(`${pipeline}_`);

/** `{{id}}_parse` is `parse`; the source has a name of its own. */
const shortId = (id: string, pipeline: string): string => (id === pipeline ? 'source' : id.slice(pipeline.length + 1));

const throwIfRefused = async ({ engine, pipeline }: { engine: Engine; pipeline: string }): Promise<void> => {
  const [refused] = await engine.check();
  if (refused !== undefined)
    throw new NvlError('vrlRefused', {
      message: 'VRL’s compiler refuses what the profile renders to',
      facts: { component: refused.component.replace(pipeline, '{{id}}'), said: refused.text },
      advice: 'nvl test names the line of the template',
    });
  const [notRun] = engine.notRun.filter(({ component }) => isOf(component, pipeline));
  if (notRun !== undefined) throw notRun.error;
};
