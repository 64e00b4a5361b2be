import { appendFile } from 'node:fs/promises';
import type { Config } from '../config/config.ts';
import type { EngineEvent } from '../engine/event.ts';
import { readProgramsFrom } from '../engine/read-program.ts';
import { NvlError } from '../errors.ts';
import { exactJson } from '../exact-json.ts';
import { type LogStream, STREAMS } from '../link-name.ts';
import type { Log } from '../log.ts';
import { openTaskPipeline, type TaskPipeline } from '../preview/task-pipeline.ts';
import { vectorCwd } from '../vector/config/command.ts';
import { asPlain } from '../vrl/values.ts';
import { createVrl, type Vrl } from '../vrl/vrl.ts';
import { watchEdits } from '../watch/edits.ts';
import type { Io } from '../wiring/io.ts';
import { createByteReader } from './byte-reader.ts';
import { firstLogFile } from './log-files.ts';
import { lookAtNode } from './show-look.ts';

/**
 * In place of a Vector: nvl itself runs the pipelines of the node's tasks, for as long as `use` takes. Each `collect` reads what their
 * log files have more, and writes the events to the sink's file. Edited templates count from the next one on; those that
 * cannot run are logged, and change nothing.
 */
export const withPipelines = async <T>(
  {
    templatesDir,
    deliveredFile,
    log,
    ...node
  }: { config: Config; io: Io; allocDir: string; templatesDir: string; deliveredFile: string; log: Log },
  use: (collect: () => Promise<void>) => Promise<T>,
): Promise<T> => {
  const vrl = createVrl();
  const ended = new AbortController();
  let nextLookAt = 0;
  const onEdit = () => {
    nextLookAt = performance.now() + SETTLE_MS;
  };
  const watching = watchEdits({ paths: [templatesDir], onEdit, log, signal: ended.signal });
  let followed = new Map<string, FollowedFile>();
  try {
    return await use(async () => {
      if (performance.now() >= nextLookAt) {
        nextLookAt = performance.now() + LOOK_MS;
        followed = await followNode({ ...node, vrl, log, before: followed });
      }
      for (const file of followed.values()) {
        const events = await file.next();
        await appendFile(deliveredFile, events.map(ndjson).join(''));
      }
    });
  } finally {
    ended.abort();
    await watching;
    await vrl.close();
  }
};

/** A file may be written in several steps. */
const SETTLE_MS = 50;

/** How long an allocation that came may go unseen. */
const LOOK_MS = 2_000;

/** As Vector's codec for JSON writes it. */
const ndjson = ({ event }: EngineEvent): string => `${exactJson(asPlain(event))}\n`;

/** A log file that is read through its task's pipeline. Nothing the demo writes is enough for one to rotate. */
type FollowedFile = {
  /** Of the pipeline. */
  text: string;
  /** The events of what it has more. */
  next(): Promise<EngineEvent[]>;
  /** How many of its lines are in events that were given. */
  given(): number;
};

/** A file whose pipeline has not changed is read on; one whose pipeline has is read again, and of it comes what was not given before. */
const followNode = async ({
  config,
  io,
  allocDir,
  vrl,
  log,
  before,
}: {
  config: Config;
  io: Io;
  allocDir: string;
  vrl: Vrl;
  log: Log;
  before: ReadonlyMap<string, FollowedFile>;
}): Promise<Map<string, FollowedFile>> => {
  const look = await lookAtNode({ config, io });
  const followed = new Map<string, FollowedFile>();
  for (const task of look.tasks) {
    const text = look.pipelineOf(task)?.text;
    if (text === undefined) continue;
    for (const stream of STREAMS) {
      const file = firstLogFile({ allocDir, id: task.alloc.id, task: task.task.name, stream });
      const former = before.get(file);
      if (former?.text === text) followed.set(file, former);
      else {
        const pipeline = await openTaskPipeline({
          ...look,
          stem: task.id,
          vrl,
          readProgram: readProgramsFrom(vectorCwd({ config, cwd: io.cwd })),
        }).catch(onlyLogged(log));
        if (pipeline !== undefined)
          followed.set(file, followFile({ file, stream, text, pipeline, given: former?.given() ?? 0 }));
        // Not tried again before the next edit.
        else if (former !== undefined) followed.set(file, { ...former, text });
      }
    }
  }
  return followed;
};

const onlyLogged =
  (log: Log) =>
  (error: unknown): undefined => {
    if (!(error instanceof NvlError)) throw error;
    log.warn({ err: error }, 'the pipeline of a task does not run');
  };

const followFile = ({
  file,
  stream,
  text,
  pipeline,
  given,
}: {
  file: string;
  stream: LogStream;
  text: string;
  pipeline: TaskPipeline;
  given: number;
}): FollowedFile => {
  const reader = createByteReader(file);
  let last = given;
  return {
    text,
    given: () => last,
    next: async () => {
      const bytes = await reader.next();
      if (bytes.length === 0) return [];
      const { events } = await pipeline.push({ stream, bytes });
      const news = events.filter(({ lines }) => lastOf(lines) > last);
      last = Math.max(last, ...news.map(({ lines }) => lastOf(lines)));
      return news;
    },
  };
};

const lastOf = (lines: EngineEvent['lines']): number => Math.max(...lines.map(({ number }) => number));
