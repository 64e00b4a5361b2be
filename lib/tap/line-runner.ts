import type { EngineEvent } from '../engine/event.ts';
import type { PipelineStep, TaskPipeline } from '../preview/task-pipeline.ts';
import type { Outcomes } from './pairing.ts';
import type { TappedTask } from './tapped-task.ts';

/** A line as a source gave it. */
export type SourceLine = { id: string; task: TappedTask; event: EngineEvent };

/** What came of a line; of several, where they were joined, of the first of them. */
export type LineOutcome = { id: string; task: TappedTask; outcomes: Outcomes };

/** Has lines go through pipelines of nvl's own, one for each task. */
export type LineRunner = {
  /** Opens those of these tasks. Rejects as `run` does. */
  prepare(tasks: readonly TappedTask[]): Promise<void>;
  /** Of a line that waits for others, nothing is given. Rejects with what opens a pipeline, or keeps it from running. */
  run(lines: readonly SourceLine[]): Promise<LineOutcome[]>;
  /** What waited for more lines. */
  release(): Promise<LineOutcome[]>;
};

/** `open`: gives undefined for a task without a pipeline here, of which nothing is told then. */
export const createLineRunner = ({
  open,
}: {
  open: (task: TappedTask) => Promise<TaskPipeline | undefined>;
}): LineRunner => {
  const pipelines = new Map<string, { task: TappedTask; opened: Promise<TaskPipeline | undefined> }>();
  const pipelineOf = (task: TappedTask): Promise<TaskPipeline | undefined> => {
    const known = pipelines.get(task.stem) ?? { task, opened: open(task) };
    pipelines.set(task.stem, known);
    return known.opened;
  };
  return {
    prepare: async (tasks) => {
      for (const task of tasks) await pipelineOf(task);
    },
    run: async (lines) => {
      const found: LineOutcome[] = [];
      for (const own of Map.groupBy(lines, ({ task }) => task.stem).values()) {
        const [{ task }] = own as [SourceLine];
        const step = await (await pipelineOf(task))?.take(own.map(asOrigin));
        if (step !== undefined) found.push(...outcomesIn({ step, task }));
      }
      return found;
    },
    release: async () => {
      const found: LineOutcome[] = [];
      for (const { task, opened } of pipelines.values()) {
        const step = await (await opened)?.release();
        if (step !== undefined) found.push(...outcomesIn({ step, task }));
      }
      return found;
    },
  };
};

/** An engine keeps for each event where it is from: here, its line's id. */
const asOrigin = ({ id, event }: SourceLine): EngineEvent => ({ ...event, lines: [{ file: id, number: 1 }] });

const outcomesIn = ({ step, task }: { step: PipelineStep; task: TappedTask }): LineOutcome[] => {
  const found = new Map<string, { events: EngineEvent[]; dropped: PipelineStep['dropped'][number][] }>();
  const of = ({ lines }: EngineEvent) => {
    const id = lines[0]?.file ?? '';
    const known = found.get(id) ?? { events: [], dropped: [] };
    found.set(id, known);
    return known;
  };
  for (const event of step.events) of(event).events.push(event);
  for (const one of step.dropped) of(one.event).dropped.push(one);
  return [...found].map(([id, outcomes]) => ({ id, task, outcomes }));
};
