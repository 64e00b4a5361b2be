import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hasCode, NvlError } from '../errors.ts';
import type { TemplateFiles, Templates } from '../render/templates.ts';
import type { VectorCommand } from '../vector/command.ts';
import { findVector } from '../vector/find.ts';
import type { Event, TestCase } from './case.ts';
import type { ReadTimes } from './compare.ts';
import { makeFolders, type RunFolders, runFolders, writeTaskLog } from './lay-out.ts';
import { type Proven, renderAndProve } from './render-and-prove.ts';
import { type Ran, runVector } from './run-vector.ts';
import { type SyntheticTask, syntheticTask } from './synthetic-task.ts';
import { eventsFile } from './test-config.ts';

/** What a case's task wrote, in the shape that a run needs. */
export type RunCase = Omit<TestCase, 'events' | 'isExact'>;

/** What became of one case: its events in their order, or why there are none. */
export type CaseRun = {
  events: readonly Event[];
  /** Why it was not run, or what kept it from being read. */
  errors: readonly NvlError[];
  /** What Vector logged about its components. */
  said: readonly string[];
};

export type PipelineRun = { runs: readonly CaseRun[]; readTimes: ReadTimes };

/**
 * Runs cases through the real pipeline: a task per case, rendered as a node's tasks are, in one Vector that reads real log
 * files. Throws `vectorMissing` and the like; a template that cannot be rendered or that Vector refuses is the error
 * of its own cases, and the others run.
 */
export const runPipeline = async ({
  cases,
  templates,
  files,
  command,
  shownPath,
  signal,
}: {
  cases: readonly RunCase[];
  templates: Templates;
  /** What the templates were compiled from. */
  files: TemplateFiles['files'];
  command: Pick<VectorCommand, 'binary' | 'env' | 'cwd'>;
  shownPath: (path: string) => string;
  signal: AbortSignal;
}): Promise<PipelineRun> => {
  const { file: binary } = await findVector({ command, signal });
  const folders = runFolders(await mkdtemp(path.join(tmpdir(), 'nvl-test-')));
  try {
    await makeFolders(folders);
    const tasks = cases.map((testCase) => syntheticTask({ testCase, linksDir: folders.links }));
    await Promise.all(
      cases.map(({ stream, bytes }, index) => {
        const { allocId, task, context } = tasks[index] as SyntheticTask;
        return writeTaskLog({ folders, id: context.id, allocId, task, stream, bytes });
      }),
    );
    const proven = await renderAndProve({
      tasks,
      templates,
      files,
      command: { ...command, binary },
      folders,
      shownPath,
      signal,
    });
    const ran = await runVector({ cases, tasks, proven, command, binary, folders, signal });
    return {
      readTimes: ran.readTimes,
      runs: await Promise.all(tasks.map(({ context }) => caseRun({ id: context.id, proven, ran, folders }))),
    };
  } finally {
    await rm(folders.root, { recursive: true, force: true });
  }
};

const caseRun = async ({
  id,
  proven,
  ran,
  folders,
}: {
  id: string;
  proven: Proven;
  ran: Ran;
  folders: RunFolders;
}): Promise<CaseRun> => {
  const errors = [...(proven.errors.get(id) ?? [])];
  if (ran.unread.has(id)) {
    errors.push(
      new NvlError('testUnread', {
        message: 'Vector did not read the lines of this case to their end',
        advice: 'see whether its source template reads {{logs.include}} from the beginning',
      }),
    );
  }
  return { events: await readEvents(eventsFile({ folders, id })), errors, said: saidOf({ id, said: ran.said }) };
};

const readEvents = async (file: string): Promise<Event[]> => {
  try {
    const text = await readFile(file, 'utf8');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Event);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
};

/** Vector's log lines of the components of one task, without time and rate limit, each once. */
const saidOf = ({ id, said }: { id: string; said: readonly string[] }): string[] => {
  const own = said.filter((line) => line.includes(`component_id=${id} `) || line.includes(`component_id=${id}_`));
  return [
    ...new Set(
      own
        .map((line) => (/: (?=[^:]*$)|\}: \S+ /.test(line) ? wordsOf(line) : line))
        .map((line) => line.replaceAll(id, '{{id}}')),
    ),
  ];
};

/** `<time> <level> <span>{…}: <module>: <words>`: level and words. */
const wordsOf = (line: string): string => {
  const found = /^\S+ +([A-Z]+) .*?\}: \S+: (.*)$/.exec(line);
  return found === null ? line : `${found[1]} ${found[2]?.replace(/ internal_log_rate_limit=\S+$/, '')}`;
};
