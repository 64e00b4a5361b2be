import { backoffMs, pause } from '../backoff.ts';
import { NvlError } from '../errors.ts';
import type { LogQuestion } from '../nomad/job-questions.ts';
import { LEAST_BACK, type LogChunk } from '../nomad/log-chunks.ts';
import { countLines, lastLines } from './last-lines.ts';
import { behind, isPast, type LogPosition, unreadOf } from './log-position.ts';

type Bytes = Extract<LogChunk, { kind: 'bytes' }>;

/** One request for a log. */
export type AskLog = (question: Pick<LogQuestion, 'follows' | 'origin' | 'offset'>) => AsyncIterable<LogChunk>;

/** What is known of a log between two readings. `before`: how many lines are read of what is there; undefined: all of them. */
export type LogMemory = { before: number | undefined; position: LogPosition | undefined };

export type LogToRead = {
  ask: AskLog;
  /** Is kept up to date. */
  memory: LogMemory;
  /** False: what is there, and no more. */
  follows: boolean;
  /** Whether its task is over: nothing new is waited for then. */
  isOver: () => boolean;
  /** Is waited for before more is read. */
  take: (chunk: Bytes) => Promise<void>;
  /** What went wrong; it is tried again. */
  onTrouble: (error: NvlError) => void;
  /** It works, again. */
  onGood: () => void;
  /** Bytes that were written while nvl was cut off are gone. */
  onLost: () => void;
  /** Cuts the connection and all pauses. */
  signal: AbortSignal;
  random?: () => number;
};

/**
 * Reads a log as Nomad tells it, each byte once, over cut connections and rotated files, until it is over. Failures are told, and tried again after
 * growing pauses. Throws nothing but what `take` throws and what is a bug.
 */
export const readLog = async (log: LogToRead): Promise<void> => {
  const { memory, follows, isOver, onTrouble, onGood, signal, random = Math.random } = log;
  let failures = 0;
  const works = (): void => {
    failures = 0;
    onGood();
  };
  while (!signal.aborted) {
    try {
      if (memory.before !== undefined) await readBefore(log, memory.before);
      if (!follows) return;
      await followLog({ ...log, onGood: works });
      return;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof NvlError)) throw error;
      onTrouble(error);
      failures += 1;
      const isHopeless = isOver() && (error.code === 'logsMissing' || failures > MOST_AT_THE_END);
      if (!follows || isHopeless) return;
      await pause(backoffMs({ attempt: failures - 1, random: random() }), signal);
    }
  }
};

/** A node that is gone together with its task does not come back for it. */
const MOST_AT_THE_END = 3;

/** The last lines that are there now. */
const readBefore = async ({ ask, memory, take, onGood }: LogToRead, lines: number): Promise<void> => {
  const chunks = await lookBack({ ask, lines });
  onGood();
  memory.before = undefined;
  const last = chunks.at(-1);
  memory.position = last && behind(last);
  for (const chunk of lastLines(chunks, lines)) await take(chunk);
};

const lookBack = async ({ ask, lines }: { ask: AskLog; lines: number }): Promise<Bytes[]> => {
  for (let back = LEAST_BACK; ; back *= 4) {
    const chunks: Bytes[] = [];
    for await (const chunk of ask({ follows: false, origin: 'end', offset: back }))
      if (chunk.kind === 'bytes') chunks.push(chunk);
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.bytes.length, 0);
    if (bytes < back || countLines(chunks) > lines || back >= MOST_BEFORE) return chunks;
  }
};

/** More than anybody reads. */
const MOST_BEFORE = 16_777_216;

/** From the position on; returns when the log is over. Throws when Nomad's answer ends before that. */
const followLog = async (log: LogToRead): Promise<void> => {
  const { ask, memory, isOver } = log;
  let earlier: Bytes | undefined;
  for (let back = LEAST_BACK; ; back *= 8) {
    const { position } = memory;
    const from = position === undefined ? ({ origin: 'start', offset: 0 } as const) : fromEnd(back);
    const mayLack = back >= MOST_LOG;
    const found = await readOn({ log, chunks: ask({ follows: true, ...from }), earlier, mayLack });
    if (found === 'over' || (found === 'ended' && isOver())) return;
    if (found === 'ended') throw endedEarly();
    // Bytes are missing between the position and this chunk: more is asked for, as long as there is more.
    earlier = found;
  }
};

/** More than Nomad keeps of any log. */
const MOST_LOG = 2 ** 40;

const fromEnd = (offset: number) => ({ origin: 'end', offset }) as const;

const endedEarly = (): NvlError =>
  new NvlError('nomadAway', { message: 'Nomad ended the log while its task still runs' });

/** One answer: how it ended, or its first chunk, where bytes are missing before it. */
const readOn = async ({
  log: { memory, isOver, take, onGood, onLost },
  chunks,
  earlier,
  mayLack,
}: {
  log: LogToRead;
  chunks: AsyncIterable<LogChunk>;
  /** The first chunk of an answer that went back less far. */
  earlier: Bytes | undefined;
  /** No more is asked for. */
  mayLack: boolean;
}): Promise<'over' | 'ended' | Bytes> => {
  let isFirst = true;
  let beats = 0;
  let quiet = 0;
  for await (const chunk of chunks) {
    if (chunk.kind === 'cut') memory.position = { index: chunk.index, next: 0 };
    if (chunk.kind !== 'bytes') {
      beats += 1;
      // One alone may be the last that a broken connection brings.
      if (beats > 1) onGood();
      quiet = isOver() ? quiet + 1 : 0;
      if (quiet >= QUIET_BEATS) return 'over';
      continue;
    }
    quiet = 0;
    if (isFirst && memory.position !== undefined && isPast(chunk, memory.position)) {
      const isOldest = earlier?.index === chunk.index && earlier.start === chunk.start;
      if (!isOldest && !mayLack) return chunk;
      onLost();
    }
    isFirst = false;
    const unread = unreadOf(chunk, memory.position);
    if (unread === undefined) continue;
    onGood();
    memory.position = behind(unread);
    await take(unread);
  }
  return 'ended';
};

/** A task that is over has written all of it, but what it wrote last may still be on its way. */
const QUIET_BEATS = 2;
