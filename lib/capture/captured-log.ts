import type { LogStream } from '../link-name.ts';
import type { Allocation, Task } from '../nomad/allocation.ts';
import type { AllocationStub } from '../nomad/allocation-stub.ts';
import type { NomadClient } from '../nomad/client.ts';
import { readChunks } from '../nomad/log-chunks.ts';
import { readFrames } from '../nomad/log-frames.ts';
import { readAllocation } from '../nomad/read-allocation.ts';
import { readLog } from '../tail/read-log.ts';

/** The last lines of a log, without their ends, and who wrote them. `hasBytes`: some were no text, and are replaced by U+FFFD. */
export type CapturedLog = {
  allocation: Allocation;
  task: Task;
  stream: LogStream;
  lines: readonly string[];
  hasBytes: boolean;
};

/** What is read of which tasks. `say`: a line for people. */
export type LogsToCapture = {
  client: NomadClient;
  /** So many lines of each log. */
  lines: number;
  streams: readonly LogStream[];
  /** The only task; undefined: all of them. */
  task: string | undefined;
  say: (line: string) => void;
  signal: AbortSignal;
};

/**
 * Reads the newest lines that each task of a job has written, from the newest allocation that has some: those that live come first. What cannot be read is
 * told. Throws what Nomad's client throws about an allocation.
 */
export const captureLogs = async ({
  stubs,
  given,
}: {
  stubs: readonly AllocationStub[];
  given: LogsToCapture;
}): Promise<CapturedLog[]> => {
  const found: CapturedLog[] = [];
  const known = new Set<string>();
  for (const stub of newestFirst(stubs).slice(0, MOST_ALLOCATIONS)) {
    const names = [...stub.tasks.keys()].filter((name) => given.task === undefined || name === given.task);
    const wanted = names.filter((name) => !known.has(`${stub.groupName}/${name}`));
    if (wanted.length === 0) continue;
    const allocation = readAllocation(await given.client.allocation(stub.id, { signal: given.signal }));
    for (const task of allocation?.tasks.filter(({ name }) => wanted.includes(name)) ?? []) {
      const logs = allocation === undefined ? [] : await captureTask({ allocation, task, given });
      if (logs.length > 0) known.add(`${stub.groupName}/${task.name}`);
      found.push(...logs);
    }
  }
  return found;
};

/** Whoever has a hundred that write nothing knows it by then. */
const MOST_ALLOCATIONS = 20;

const newestFirst = (stubs: readonly AllocationStub[]): AllocationStub[] =>
  [...stubs].sort((a, b) => Number(a.isOver) - Number(b.isOver) || b.createIndex - a.createIndex);

const captureTask = async ({
  allocation,
  task,
  given,
}: {
  allocation: Allocation;
  task: Task;
  given: LogsToCapture;
}): Promise<CapturedLog[]> => {
  const logs: CapturedLog[] = [];
  for (const stream of given.streams) {
    const bytes = await lastBytes({ allocation, task, stream, given });
    // What stands behind the last end of a line is no line yet.
    const whole = bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1);
    const text = whole.toString('utf8');
    const hasBytes = !Buffer.from(text).equals(whole);
    if (text !== '') logs.push({ allocation, task, stream, lines: text.slice(0, -1).split('\n'), hasBytes });
  }
  return logs;
};

const NEWLINE = 0x0a;

const lastBytes = async ({
  allocation,
  task,
  stream,
  given: { client, lines, say, signal },
}: {
  allocation: Allocation;
  task: Task;
  stream: LogStream;
  given: LogsToCapture;
}): Promise<Buffer> => {
  const pieces: Buffer[] = [];
  await readLog({
    ask: (question) => {
      const body = client.logs(allocation.id, { task: task.name, stream, signal, ...question });
      return readChunks({ frames: readFrames(body), origin: question.origin });
    },
    memory: { before: lines, position: undefined },
    follows: false,
    isOver: () => true,
    take: async ({ bytes }) => void pieces.push(bytes),
    onTrouble: ({ message, facts: { said } }) =>
      say(`${task.name} ${stream} of ${allocation.name}: ${message}${said === undefined ? '' : ` (${said})`}`),
    onGood: () => {},
    onLost: () => {},
    signal,
  });
  signal.throwIfAborted();
  return Buffer.concat(pieces);
};
