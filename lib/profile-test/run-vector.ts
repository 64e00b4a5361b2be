import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { NvlError } from '../errors.ts';
import type { VectorCommand } from '../vector/command.ts';
import type { ReadTimes } from './compare.ts';
import { positionOf, type Watched, waitUntilRead } from './drain.ts';
import type { RunFolders } from './lay-out.ts';
import type { Proven } from './render-and-prove.ts';
import type { RunCase } from './run-pipeline.ts';
import type { SyntheticTask } from './synthetic-task.ts';
import { configFile, eventsFile, longestMultilineMs, testConfig } from './test-config.ts';
import { startVectorProcess } from './vector-process.ts';

/** What a run of Vector left behind beside its events. */
export type Ran = { readTimes: ReadTimes; unread: ReadonlySet<string>; said: readonly string[] };

/** One Vector for all of them, until each file is read to its end and what came of it is delivered. */
export const runVector = async ({
  cases,
  tasks,
  proven: { rendered },
  command,
  binary,
  folders,
  signal,
}: {
  cases: readonly RunCase[];
  tasks: readonly SyntheticTask[];
  proven: Proven;
  command: Pick<VectorCommand, 'env' | 'cwd'>;
  binary: string;
  folders: RunFolders;
  signal: AbortSignal;
}): Promise<Ran> => {
  const ids = rendered.blocks.map(({ key }) => key);
  const isRun = new Set(ids);
  const watched = tasks.flatMap(({ context: { id } }, index): Watched[] =>
    isRun.has(id) ? [{ id, bytes: cases[index]?.bytes.length ?? 0, eventsFile: eventsFile({ folders, id }) }] : [],
  );
  const fromMs = Date.now();
  if (!watched.some(({ bytes }) => bytes > 0))
    return { readTimes: { fromMs, toMs: fromMs }, unread: new Set(), said: [] };
  const sinks = path.join(folders.config, 'test.toml');
  await writeFile(configFile(folders), rendered.text);
  await writeFile(sinks, testConfig({ folders, ids }));
  const vector = startVectorProcess({ file: binary, configs: [configFile(folders), sinks], command, signal });
  await waitUntilRead({
    watched,
    dataDir: folders.data,
    startMs: START_MS,
    stillMs: longestMultilineMs(rendered.text) + STILL_MS,
    limitMs: LIMIT_MS,
    isOver: () => vector.hasEnded() || signal.aborted,
  });
  const endedEarly = vector.hasEnded();
  const { exitCode } = await vector.end();
  signal.throwIfAborted();
  if (endedEarly) throw diedError({ exitCode, said: vector.said() });
  const unread = await Promise.all(
    watched.map(async (one) => (await positionOf({ dataDir: folders.data, id: one.id })) < one.bytes),
  );
  return {
    readTimes: { fromMs, toMs: Date.now() },
    unread: new Set(watched.filter((_, index) => unread[index]).map(({ id }) => id)),
    said: vector.said(),
  };
};

const START_MS = 20_000;
const STILL_MS = 4_000;
const LIMIT_MS = 120_000;

const diedError = ({ exitCode, said }: { exitCode: number | undefined; said: readonly string[] }): NvlError =>
  new NvlError('vectorDied', {
    message: 'Vector ended before it had read the lines of the tests',
    facts: {
      'exit code': exitCode === undefined ? undefined : String(exitCode),
      said: said.slice(-10).join('\n') || undefined,
    },
    advice: 'test the profiles one by one, with --profile, to find the one it ends over',
  });
