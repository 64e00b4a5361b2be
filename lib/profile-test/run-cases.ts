import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NvlError } from '../errors.ts';
import { positionsReader } from '../files/checkpoints.ts';
import { fileKey } from '../files/file-key.ts';
import type { Rendered } from '../render/render.ts';
import { vectorTableFiles } from '../render/vector-tables.ts';
import { EX_CONFIG } from '../vector/process/run.ts';
import type { ReadTimes } from './compare.ts';
import { positionOf, type Watched, waitUntilRead } from './drain.ts';
import { logFile, type RunFolders, writeTaskLog, writeTestTables } from './lay-out.ts';
import { withMarks } from './mark-cases.ts';
import { takeAway, wholeLines } from './open-ends.ts';
import { pipelinesOf, stemsIn, type TestSession } from './session.ts';
import { configFile, eventsFile, longestMultilineMs, longestReduceMs, strayFile, testConfig } from './test-config.ts';
import { longestLines } from './too-long.ts';
import { startVectorProcess } from './vector-process.ts';

/** What a run of Vector left behind beside its events: which tasks' files it did not read to their end, and its log. */
export type Ran = {
  readTimes: ReadTimes;
  /** The tasks of each pipeline. */
  stems: ReadonlyMap<string, readonly string[]>;
  /** Pipelines with events of which nothing tells whose they are. */
  stray: ReadonlySet<string>;
  unread: ReadonlySet<string>;
  said: readonly string[];
  /** By the stems of their tasks. */
  pipelines: ReadonlyMap<string, string>;
  /** How many bytes a line may have, by pipelines. */
  longest: ReadonlyMap<string, number>;
};

/**
 * One Vector for all rendered tasks, until each file is read to its end and what came of it is delivered. Undefined when it
 * refuses the configuration. Throws `vectorDied` for any other early end.
 */
export const runCases = async ({
  session,
  rendered,
}: {
  session: TestSession;
  rendered: Rendered;
}): Promise<Ran | undefined> => {
  const { folders, command, signal } = session;
  await layOut({ session, rendered });
  const stems = stemsIn(rendered);
  const watched = await withKeys({ watched: watchedOf({ session, rendered }), stems });
  const configs = await writeConfigs({ folders, text: rendered.text, stems });
  const fromMs = Date.now();
  const vector = startVectorProcess({ file: command.binary, configs, command, signal });
  const isOver = (): boolean => vector.hasEnded() || signal.aborted;
  const startMs = START_MS + stems.size * START_MS_A_PIPELINE;
  const untilRead = (files: readonly Watched[], patienceMs = STILL_MS): Promise<string[]> =>
    waitUntilRead({
      watched: files,
      dataDir: folders.data,
      startMs,
      stillMs: longestMultilineMs(rendered.text) + patienceMs,
      limitMs: startMs + LIMIT_MS,
      hasStarted: vector.hasStarted,
      isOver,
    });
  const open = watched.filter(({ bytes, whole }) => bytes > whole);
  // What a transform holds back is delivered on a node before a file goes, so no last line without its end joins it.
  await untilRead(
    watched.map((one) => ({ ...one, bytes: one.whole })),
    STILL_MS + (open.length > 0 ? longestReduceMs(rendered.text) : 0),
  );
  if (open.length > 0) {
    await takeAway({ files: open.map(({ file }) => file), hasFound: vector.hasFound, isOver });
    await untilRead(open, GONE_MS);
  }
  const hasEndedEarly = vector.hasEnded();
  const { exitCode } = await vector.end();
  const toMs = Date.now();
  signal.throwIfAborted();
  if (hasEndedEarly && exitCode === EX_CONFIG) return undefined;
  if (hasEndedEarly) throw diedError({ exitCode, said: vector.said() });
  const where = { dataDir: folders.data, positions: positionsReader(folders.data) };
  const isRead = await Promise.all(watched.map(async (one) => (await positionOf({ one, ...where })) >= one.bytes));
  return {
    readTimes: { fromMs, toMs },
    stems,
    stray: new Set([...stems.keys()].filter((pipeline) => existsSync(strayFile({ folders, pipeline })))),
    unread: new Set(watched.filter((_, index) => isRead[index] === false).map(({ id }) => id)),
    said: vector.said(),
    pipelines: pipelinesOf(rendered),
    longest: longestLines(rendered.text),
  };
};

const START_MS = 60_000;
/** Ten times what the dearest of nvl's own profiles takes to compile: a busy machine is no fault of a test. */
const START_MS_A_PIPELINE = 1_000;
const STILL_MS = 4_000;
/** Vector (0.57) looks at a file of which nothing came for ten seconds every ten seconds. */
const GONE_MS = 15_000;
const LIMIT_MS = 120_000;

/** The table of the tasks, and their logs where their pipelines read. */
const layOut = async ({ session: { cases, folders }, rendered }: { session: TestSession; rendered: Rendered }) => {
  await writeTestTables(vectorTableFiles({ ...rendered, linksDir: folders.links }));
  const pipelines = pipelinesOf(rendered);
  await Promise.all(
    cases.map(async ({ testCase: { stream, bytes }, task: { context } }) => {
      const pipeline = pipelines.get(context.id);
      if (pipeline !== undefined) await writeTaskLog({ folders, pipeline, id: context.id, stream, bytes });
    }),
  );
};

/** The generated configuration, with marks where tasks share a pipeline, and what takes the events of each. */
const writeConfigs = async ({
  folders,
  text,
  stems,
}: {
  folders: RunFolders;
  text: string;
  stems: Ran['stems'];
}): Promise<string[]> => {
  const [config, sinks] = [configFile(folders), join(folders.config, 'test.toml')];
  const secret = `nvl_test_${randomUUID().replaceAll('-', '')}`;
  const shared = [...stems].flatMap(([pipeline, own]) => (own.length > 1 ? [pipeline] : []));
  await writeFile(config, withMarks({ text, pipelines: shared, secret }));
  await writeFile(sinks, testConfig({ folders, stems, secret }));
  return [config, sinks];
};

/** A case's file: how many of its bytes are whole lines, and where it is. */
type OwnFile = Watched & { whole: number; file: string };

/** The files of the tasks that are rendered. */
export const watchedOf = ({
  session: { cases, folders },
  rendered,
}: {
  session: TestSession;
  rendered: Rendered;
}): OwnFile[] => {
  const pipelines = pipelinesOf(rendered);
  return cases.flatMap(({ testCase, task: { context } }) => {
    const pipeline = pipelines.get(context.id);
    if (pipeline === undefined) return [];
    const { id } = context;
    return [
      {
        id,
        pipeline,
        bytes: testCase.bytes.length,
        whole: wholeLines(testCase),
        file: logFile({ folders, pipeline, id, stream: testCase.stream }),
        eventsFile: eventsFile({ folders, id }),
      },
    ];
  });
};

/** With what tells a file from the others of its source. */
const withKeys = ({ watched, stems }: { watched: readonly OwnFile[]; stems: Ran['stems'] }): Promise<OwnFile[]> =>
  Promise.all(
    watched.map(async (one) =>
      (stems.get(one.pipeline)?.length ?? 0) < 2
        ? one
        : { ...one, key: fileKey(await stat(one.file, { bigint: true })) },
    ),
  );

const diedError = ({ exitCode, said }: { exitCode: number | undefined; said: readonly string[] }): NvlError =>
  new NvlError('vectorDied', {
    message: 'Vector ended before it had read the lines of the tests',
    facts: {
      'exit code': exitCode === undefined ? undefined : String(exitCode),
      said: said.slice(-10).join('\n') || undefined,
    },
    advice: 'test the profiles one by one, with --profile, to find the one it ends over',
  });
