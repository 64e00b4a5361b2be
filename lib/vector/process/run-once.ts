import { setTimeout as sleep } from 'node:timers/promises';
import type { VectorCommand } from '../config/command.ts';
import { type End, endOf, startVector, type VectorChild, type VectorStreams } from './child.ts';
import { findUser } from './find-user.ts';
import { untilHandlesHangup } from './identity.ts';
import { type LogEvent, parseLogLine, showsInfo } from './log-line.ts';
import { findBinary } from './run.ts';
import type { VectorExit } from './vector-exit.ts';

/**
 * One Vector, from before it is spawned to its end. What keeps it from being spawned is the `fault` of its end; one that
 * is to stop by then is not spawned.
 */
export const runOnce = async ({
  command,
  stdout,
  stderr,
  silentStartMs,
  isStopping,
  beforeSpawn,
  onSpawn,
  onStart,
  onEvent,
  onLog,
}: VectorStreams & {
  command: VectorCommand;
  silentStartMs: number;
  isStopping: () => boolean;
  /** What to add to its environment. */
  beforeSpawn: () => Promise<Record<string, string>>;
  /** Awaited before its end is told. */
  onSpawn: (child: VectorChild) => Promise<void>;
  /** Once, unless it is to stop by then. `silent`: it hides that it has started. */
  onStart: (how: 'said' | 'silent') => void;
  /** Of each line that means something, but of its start. */
  onEvent: (event: LogEvent, line: string) => void;
  onLog: (line: string) => void;
}): Promise<Omit<VectorExit, 'sinceReloadMs' | 'wasAsked'>> => {
  const startedAt = Date.now();
  const seen = { hadStarted: false, lastLines: [] as string[] };
  const ended = new AbortController();
  const markStarted = (how: 'said' | 'silent'): void => {
    if (seen.hadStarted || isStopping()) return;
    seen.hadStarted = true;
    onStart(how);
  };
  const onLine = (line: string): void => {
    seen.lastLines = [...seen.lastLines.slice(1 - MAX_LAST_LINES), line];
    onLog(line);
    const event = parseLogLine(line);
    if (event?.kind === 'started') markStarted('said');
    else if (event !== undefined) onEvent(event, line);
  };
  const live = async (): Promise<End> => {
    const file = await findBinary(command);
    const user = command.user === undefined ? undefined : await findUser(command.user);
    const env = { ...command.env, ...(isStopping() ? {} : await beforeSpawn()) };
    if (isStopping()) return {};
    const child = startVector({ file, command: { ...command, env }, user, stdout, stderr, onLine });
    if (!showsInfo(command)) void untilSilentStart(child.pid, silentStartMs, ended.signal).then(markStarted, () => {});
    const spawned = onSpawn(child);
    const how = await endOf(child);
    await spawned;
    return how;
  };
  const { exitCode, signal, fault } = await live().catch((error: unknown): End => ({ fault: error }));
  ended.abort();
  return { exitCode, signal, fault, ...seen, ranMs: Date.now() - startedAt };
};

const MAX_LAST_LINES = 20;

/** What never handles a SIGHUP, such as a shell around Vector, is not waited for without end. */
const NOT_READY_MAX_MS = 30_000;

/** Rejects when it ends before. */
const untilSilentStart = async (pid: number | undefined, silentStartMs: number, ended: AbortSignal) => {
  if (pid === undefined) throw new Error('it has no process');
  await untilHandlesHangup(pid, { maxMs: NOT_READY_MAX_MS });
  await sleep(silentStartMs, undefined, { signal: ended });
  return 'silent' as const;
};
