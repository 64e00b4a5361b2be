import type { TaskContext } from '../context/context.ts';
import type { EngineStep } from '../engine/engine.ts';
import type { EngineEvent } from '../engine/event.ts';
import type { LogStream } from '../link-name.ts';
import { type PipelineStep, taskPipeline } from '../preview/task-pipeline.ts';
import type { TailPipeline } from './tail-pipeline.ts';

/** Runs what a task writes through its pipeline, one step after the other. What comes out is handed on in its order, and waited for. */
export type TaskEngine = {
  push(chunk: LogChunk): Promise<void>;
  /** The task is over: a last line without its end is one, and nothing waits any more. */
  end(): Promise<void>;
  /** Nothing comes any more. */
  close(): void;
};

/** What a log has more. `index`: of its file. */
type LogChunk = { stream: LogStream; index: number; bytes: Buffer };

/** What it is made of, and whom it tells. */
export type TaskEngineParts = {
  context: TaskContext;
  pipeline: TailPipeline;
  linksDir: string;
  emit: (events: readonly EngineEvent[]) => Promise<void>;
  /** A part of the pipeline lost what it had got. */
  onFailed: (failed: EngineStep['failed']) => void;
  /** What a step that nobody waits for threw. */
  onBug: (error: unknown) => void;
  /** After so long without new lines, what waits for more of them is let go. */
  quietMs?: number;
};

export const createTaskEngine = ({
  context,
  pipeline: { engine, id },
  linksDir,
  emit,
  onFailed,
  onBug,
  quietMs = 1_000,
}: TaskEngineParts): TaskEngine => {
  const pipeline = taskPipeline({ engine, id, stem: context.id, linksDir, onFailed });
  const inTurn = createTurn();
  let timer: NodeJS.Timeout | undefined;
  let held = 0;

  const passOn = async (step: Promise<PipelineStep>): Promise<void> => {
    const { events } = await step;
    if (events.length > 0) await emit(events);
  };
  const release = (): Promise<void> => {
    held = 0;
    return passOn(pipeline.release());
  };
  const wait = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => inTurn(release).catch(onBug), quietMs);
  };
  const push = async (chunk: LogChunk): Promise<void> => {
    clearTimeout(timer);
    await passOn(pipeline.push(chunk));
    held += chunk.bytes.length;
    // So that lines that never end their event do not fill the memory.
    if (held > MOST_HELD_BYTES) await release();
    wait();
  };
  return {
    push: (chunk) => inTurn(() => push(chunk)),
    end: () =>
      inTurn(async () => {
        clearTimeout(timer);
        await passOn(pipeline.release());
        await passOn(pipeline.end());
        await release();
      }),
    close: () => clearTimeout(timer),
  };
};

/** Does one step after the other, whatever becomes of each. */
const createTurn = (): ((step: () => Promise<void>) => Promise<void>) => {
  let last: Promise<void> = Promise.resolve();
  return (step) => {
    const next = last.then(step);
    last = next.catch(() => {});
    return next;
  };
};

const MOST_HELD_BYTES = 8_388_608;
