import { setTimeout as sleep } from 'node:timers/promises';
import { NvlError } from '../../errors.ts';
import { isSameProcess, type ProcessIdentity, signalProcess } from './identity.ts';
import type { RootMark } from './mark.ts';
import { findMarked, type Marked } from './marked.ts';

/** A Vector that nvl started, as it is remembered across nvl's own end. */
export type VectorRecord = ProcessIdentity & {
  /** When it was asked to end (ms since 1970): it must not be asked again, as a second SIGTERM cuts its draining short. */
  termSentAt?: number;
  /** It has built what it read, and runs: one that cannot be started is there for a moment, again and again. */
  hasStarted?: true;
};

export type Survivors = {
  mark: RootMark;
  /** What Vector is started from: a program of another name is not taken for a Vector that hides its environment. */
  binary: string;
  /** The Vector that was written down; it is found without its mark too. */
  record?: VectorRecord | undefined;
  drainMs: number;
  /** Also what was only asked something: while this nvl has nothing of the kind running itself. */
  alsoAsks: boolean;
  /** Awaited before each is asked, with what to remember, so that a later nvl does not ask again. */
  onAsked?: (record: VectorRecord) => void | Promise<void>;
  signal?: AbortSignal;
};

/**
 * Ends every Vector that an earlier nvl on this root left behind, since two of them read and deliver everything twice. Each
 * is asked once, has `drainMs` from then on, and is killed after that, as a supervisor does. What was only asked something
 * is killed at once, and programs that a Vector left behind follow it. Nothing is signalled that is not proven to be one of
 * these. Says how many ended; throws `vectorDied` when one may not be signalled, and the signal's reason on an abort.
 */
export const endSurvivors = async (given: Survivors): Promise<{ ended: number; killed: number }> => {
  const asked = new Map<string, number>();
  const seen = new Set<string>();
  let killed = 0;
  for (let leftoverTries = 0; ; ) {
    const marked = await findAll(given);
    const asking = given.alsoAsks ? marked.filter(({ kind }) => kind === 'asks') : [];
    for (const one of asking) await send({ one, name: 'SIGKILL' });
    await waitForAll({ all: asking, untilMs: Date.now() + KILL_MS });
    const running = marked.filter(({ kind }) => kind === 'runs');
    const vectors = running.filter(({ mayBeVector }) => mayBeVector);
    // Programs that come again, or that a disk holds up, hold no event: no Vector waits for their end.
    if (running.length === 0 || (vectors.length === 0 && leftoverTries === LEFTOVER_TRIES))
      return { ended: seen.size - killed, killed };
    if (vectors.length === 0) {
      given.signal?.throwIfAborted();
      await endLeftovers(running);
      leftoverTries += 1;
      continue;
    }
    for (const one of vectors) seen.add(keyOf(one));
    // A script in front of a Vector is asked first, as its supervisor would: the Vector only once that is gone.
    const pids = new Set(vectors.map(({ pid }) => pid));
    for (const one of vectors.filter(({ parent }) => !pids.has(parent))) await ask({ one, given, asked });
    const firstAsked = Math.min(...vectors.map((one) => asked.get(keyOf(one)) ?? Number.POSITIVE_INFINITY));
    if (!(await waitForOne({ all: vectors, untilMs: firstAsked + given.drainMs, signal: given.signal }))) {
      given.signal?.throwIfAborted();
      killed += vectors.length;
      for (const one of running) await send({ one, name: 'SIGKILL' });
      await waitForOne({ all: running, untilMs: Date.now() + KILL_MS, signal: given.signal });
    }
  }
};

const keyOf = ({ pid, startTime }: ProcessIdentity): string => `${pid} ${startTime}`;

const findAll = async ({ mark, binary, record }: Survivors): Promise<Marked[]> => {
  const marked = await findMarked({ mark, binary });
  if (record === undefined || marked.some(({ pid }) => pid === record.pid) || !(await isSameProcess(record)))
    return marked;
  return [...marked, { ...record, kind: 'runs', parent: 0, mayBeVector: true }];
};

const ask = async ({
  one,
  given: { record, onAsked },
  asked,
}: {
  one: Marked;
  given: Survivors;
  asked: Map<string, number>;
}): Promise<void> => {
  if (asked.has(keyOf(one))) return;
  const isRecorded = record !== undefined && keyOf(record) === keyOf(one) && record.bootId === one.bootId;
  const before = isRecorded ? record.termSentAt : undefined;
  const askedAt = before ?? Date.now();
  asked.set(keyOf(one), askedAt);
  // A stopped process hears of nothing until it goes on. To one that runs this says nothing.
  if (before !== undefined) return void (await signalProcess(one, 'SIGCONT'));
  const { pid, startTime, bootId } = one;
  await onAsked?.({ pid, startTime, bootId, termSentAt: askedAt });
  await send({ one, name: 'SIGTERM' });
  await signalProcess(one, 'SIGCONT');
};

const send = async ({ one, name }: { one: Marked; name: NodeJS.Signals }): Promise<void> => {
  if ((await signalProcess(one, name)) === 'refused') throw foreignVector(one.pid);
};

/** Two Vectors on one set of files would deliver each line twice. */
const foreignVector = (pid: number): NvlError =>
  new NvlError('vectorDied', {
    message: 'the Vector of an earlier nvl still runs, and nvl may not end it',
    facts: { process: String(pid) },
    advice: 'end it yourself, or run nvl as the user that it belongs to; nvl starts its own as soon as it is gone',
  });

/** Programs of exec sources, which would hold a Vector's files open: they hold no event. */
const endLeftovers = async (all: readonly Marked[]): Promise<void> => {
  for (const one of all) await send({ one, name: 'SIGTERM' });
  if (!(await waitForAll({ all, untilMs: Date.now() + LEFTOVER_MS })))
    for (const one of all) await send({ one, name: 'SIGKILL' });
};

const LEFTOVER_MS = 1_000;
const LEFTOVER_TRIES = 3;

/** How long a killed process is waited for: one that a disk holds up takes its time. */
const KILL_MS = 5_000;

/** True once one of them has ended, which is when there is something else to do. */
const waitForOne = async ({
  all,
  untilMs,
  signal,
}: {
  all: readonly ProcessIdentity[];
  untilMs: number;
  signal: AbortSignal | undefined;
}): Promise<boolean> => {
  while ((await Promise.all(all.map(isSameProcess))).every(Boolean)) {
    if (Date.now() >= untilMs || signal?.aborted === true) return false;
    await sleep(50);
  }
  return true;
};

const waitForAll = async ({ all, untilMs }: { all: readonly ProcessIdentity[]; untilMs: number }): Promise<boolean> => {
  while ((await Promise.all(all.map(isSameProcess))).some(Boolean)) {
    if (Date.now() >= untilMs) return false;
    await sleep(20);
  }
  return true;
};
