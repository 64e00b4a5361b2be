import { basename } from 'node:path';
import { createEngine, type Engine, type EngineStep } from '../engine/engine.ts';
import type { EngineEvent } from '../engine/event.ts';
import type { ReadProgram } from '../engine/transform.ts';
import { NvlError } from '../errors.ts';
import { type LogStream, linkName } from '../link-name.ts';
import { assembleFile } from '../render/file.ts';
import type { Rendered } from '../render/render.ts';
import { vectorTableFiles } from '../render/vector-tables.ts';
import type { Vrl } from '../vrl/vrl.ts';

/** The pipeline of one task, run in Node: what the task writes goes in, and its events come out. */
export type TaskPipeline = {
  push(bytes: Buffer): Promise<PipelineStep>;
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

/**
 * Opens the pipeline of a rendered task. Throws what keeps it from running: `vrlRefused` with what the compiler prints, or `notRunnable`.
 * A program that fails while it runs, as one that takes too long, rejects the step.
 */
export const openTaskPipeline = async ({
  rendered: { blocks, rows },
  stem,
  stream,
  linksDir,
  vrl,
  readProgram,
}: {
  rendered: Pick<Rendered, 'blocks' | 'rows'>;
  /** Of the task. */
  stem: string;
  stream: LogStream;
  linksDir: string;
  vrl: Vrl;
  readProgram: ReadProgram;
}): Promise<TaskPipeline> => {
  const pipeline = rows.find((row) => row.stem === stem)?.pipeline ?? stem;
  const text = assembleFile({ blocks: blocks.filter(({ key }) => key === pipeline), templates: [], linksDir });
  const engine = createEngine({ text, tables: vectorTableFiles({ text, rows, linksDir }), vrl, readProgram });
  await throwIfRefused({ engine, pipeline });
  const path = `${linksDir}/${pipeline}/${linkName({ stem, stream, index: 0 })}`;
  const stepOf = ({ outputs, dropped, failed }: EngineStep): PipelineStep => {
    const [fault] = failed;
    if (fault !== undefined) throw fault.error;
    return {
      events: outputs.get(`${pipeline}_out`) ?? [],
      way: [...outputs]
        .filter(([id, events]) => isOf(id, pipeline) && events.length > 0)
        .map(([id, events]) => ({ component: shortId(id, pipeline), events })),
      dropped: dropped
        .filter(({ component }) => isOf(component, pipeline))
        .map((one) => ({ ...one, component: shortId(one.component, pipeline) })),
    };
  };
  return {
    push: async (bytes) => stepOf(await engine.push([{ path, bytes }])),
    take: async (events) => stepOf(await engine.take(pipeline, events.map(inFolder(`${linksDir}/${pipeline}`)))),
    release: async () => stepOf(await engine.release()),
    end: async () => stepOf(await engine.end([path])),
  };
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
