import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TemplateFiles } from '../config/read-templates.ts';
import { hasCode, NvlError } from '../errors.ts';
import { parseExact } from '../exact-json.ts';
import type { Templates } from '../render/templates.ts';
import type { VectorCommand } from '../vector/config/command.ts';
import { findVector } from '../vector/process/find.ts';
import type { Event } from './case.ts';
import type { ReadTimes } from './compare.ts';
import { findRefused } from './find-refused.ts';
import { makeFolders, type RunFolders, runFolders } from './lay-out.ts';
import { takenForOne } from './mark-cases.ts';
import { type Proofs, proveSinks } from './prove-sinks.ts';
import { type Ran, runCases, watchedOf } from './run-cases.ts';
import { type RunCase, renderTests, type TaskErrors, type TestSession } from './session.ts';
import { syntheticTask } from './synthetic-task.ts';
import { eventsFile } from './test-config.ts';
import { lostLines } from './too-long.ts';
import { unread } from './unread.ts';
import { hermeticEnv } from './vector-process.ts';
import { wordsAbout } from './vector-words.ts';

export type { RunCase } from './session.ts';

/** What became of one case: its events in their order, or why there are none. */
export type CaseRun = {
  events: readonly Event[];
  /** Why it was not run, or what kept it from being read. */
  errors: readonly NvlError[];
  /** What Vector logged about its components. */
  said: readonly string[];
  /** Which of its lines a node would lose, in words. */
  lost: readonly string[];
};

export type PipelineRun = {
  runs: readonly CaseRun[];
  readTimes: ReadTimes;
  /** Undefined where it was not asked for. */
  proofs?: Proofs | undefined;
};

/**
 * Runs cases through the real pipeline: a task per case, rendered as a node's tasks are, in one Vector that reads real log
 * files. Throws `vectorMissing` and the like; a template that cannot be rendered or that Vector refuses is the error
 * of its own cases, and the others run. `unsure`: the cases, by their indexes, of whose run it is not sure that all of it is their own.
 */
export const runPipeline = async ({
  cases,
  templates,
  files,
  command,
  shownPath,
  provesSinks = false,
  mayShare = false,
  signal,
}: {
  cases: readonly RunCase[];
  templates: Templates;
  /** What the templates were compiled from. */
  files: TemplateFiles['files'];
  command: Pick<VectorCommand, 'binary' | 'env' | 'cwd'>;
  shownPath: (path: string) => string;
  /** Have Vector judge the sinks too, which a run leaves out. */
  provesSinks?: boolean;
  /** Cases share pipelines as tasks of a node do; else each has its own. */
  mayShare?: boolean;
  signal: AbortSignal;
}): Promise<PipelineRun & { unsure: ReadonlySet<number> }> => {
  const { file: binary } = await findVector({ command, signal });
  const folders = runFolders(await mkdtemp(join(tmpdir(), 'nvl-test-')));
  const alone = new Set<string>();
  try {
    const session: TestSession = {
      cases: cases.map((testCase) => ({ testCase, task: syntheticTask({ testCase, linksDir: folders.links }) })),
      templates,
      files,
      command: { binary, env: hermeticEnv({ env: command.env, around: process.env }), cwd: command.cwd },
      folders,
      mayShare: (id) => mayShare && !alone.has(id),
      shownPath,
      signal,
    };
    await makeFolders(folders);
    const { ran, errors } = await runAll({ session, alone });
    const runs = await Promise.all(
      session.cases.map(({ testCase, task }) =>
        caseRun({ id: task.context.id, bytes: testCase.bytes, errors, ran, folders }),
      ),
    );
    const proofs = provesSinks ? await proveSinks({ session, errors }) : undefined;
    return { readTimes: ran.readTimes, runs, proofs, unsure: unsureOf({ session, ran, runs }) };
  } finally {
    await rm(folders.root, { recursive: true, force: true });
  }
};

/** To compile programs takes Vector longest: it is asked for its judgement only where it refuses to run, or has nothing to read. */
const runAll = async ({
  session,
  alone,
}: {
  session: TestSession;
  /** The tasks that must not share a pipeline, which are found here. */
  alone: Set<string>;
}): Promise<{ ran: Ran; errors: TaskErrors }> => {
  const errors: TaskErrors = new Map();
  const { mayShare } = session;
  for (let isProven = false; ; isProven = true) {
    let rendered = renderTests({ session, isIn: (id) => !errors.has(id), mayShare });
    const mistaken = takenForOne(rendered);
    for (const id of mistaken) alone.add(id);
    if (mistaken.length > 0) rendered = renderTests({ session, isIn: (id) => !errors.has(id), mayShare });
    for (const { key, errors: found } of rendered.refused) errors.set(key, found);
    const hasLines = watchedOf({ session, rendered }).some(({ bytes }) => bytes > 0);
    if (!hasLines && isProven) return { ran: NOTHING_RAN, errors };
    const ran = hasLines ? await runCases({ session, rendered }) : undefined;
    if (ran !== undefined) return { ran, errors };
    const refused = await findRefused({ session, errors });
    if (hasLines && refused.size === 0) throw unrunnable();
    for (const [id, found] of refused) errors.set(id, found);
  }
};

const NOTHING_RAN: Ran = {
  readTimes: { fromMs: 0, toMs: 0 },
  stems: new Map(),
  stray: new Set(),
  unread: new Set(),
  said: [],
  pipelines: new Map(),
  longest: new Map(),
};

const unrunnable = (): NvlError =>
  new NvlError('vectorRefused', {
    message: 'Vector finds the configuration of the tests good, and will not run it',
    advice: 'see whether a profile needs what only the machine it runs on has, and test the profiles one by one',
  });

/** Those whose events no longer tell whose they are, or that share a pipeline of which Vector spoke: it names no case. */
const unsureOf = ({
  session: { cases },
  ran: { pipelines, stems, stray },
  runs,
}: {
  session: TestSession;
  ran: Ran;
  runs: readonly CaseRun[];
}): ReadonlySet<number> =>
  new Set(
    cases.flatMap(({ task }, index) => {
      const pipeline = pipelines.get(task.context.id) ?? '';
      const isShared = (stems.get(pipeline)?.length ?? 0) > 1;
      const isSpokenOf = (runs[index]?.said ?? []).length > 0;
      return isShared && (isSpokenOf || stray.has(pipeline)) ? [index] : [];
    }),
  );

const caseRun = async ({
  id,
  bytes,
  errors,
  ran,
  folders,
}: {
  id: string;
  bytes: Buffer;
  errors: TaskErrors;
  ran: Ran;
  folders: RunFolders;
}): Promise<CaseRun> => {
  const pipeline = ran.pipelines.get(id) ?? id;
  const longest = ran.longest.get(pipeline);
  const own = errors.get(id) ?? (ran.unread.has(id) ? [unread()] : []);
  return {
    events: await readEvents(eventsFile({ folders, id })),
    errors: own,
    said: wordsAbout({ id: pipeline, lines: ran.said }),
    lost: longest === undefined ? [] : lostLines({ bytes, longest }),
  };
};

const readEvents = async (file: string): Promise<Event[]> => {
  try {
    const lines = (await readFile(file, 'utf8')).split('\n');
    return lines.filter((line) => line !== '').map((line) => parseExact(line) as Event);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
};
