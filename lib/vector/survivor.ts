import { setTimeout as sleep } from 'node:timers/promises';
import { isSameProcess, type ProcessIdentity, signalProcess } from './process.ts';

/** A Vector that nvl started, as it is remembered across nvl's own end. */
export type VectorRecord = ProcessIdentity & {
  /** When it was asked to end (ms since 1970): it must not be asked again, as a second SIGTERM cuts its draining short. */
  termSentAt?: number;
};

/** Whether the Vector of an earlier nvl still runs: it outlives an nvl that was killed, and a second one beside it reads twice. */
export const findSurvivor = (record: VectorRecord): Promise<boolean> => isSameProcess(record);

/**
 * Asks it to end, once, waits for that until `drainMs` after the asking, and kills it then, as a supervisor does. `onAsked`
 * is awaited first with what to remember, so that a later nvl does not ask again. Nothing is signalled that is not proven
 * to be that Vector; `notAllowed`: it belongs to another user, and still runs.
 */
export const stopSurvivor = async ({
  record,
  drainMs,
  onAsked,
  signal,
}: {
  record: VectorRecord;
  drainMs: number;
  onAsked?: (record: VectorRecord) => void | Promise<void>;
  signal?: AbortSignal;
}): Promise<'ended' | 'killed' | 'notAllowed'> => {
  if (!(await isSameProcess(record))) return 'ended';
  const askedAt = record.termSentAt ?? Date.now();
  if (record.termSentAt === undefined) {
    await onAsked?.({ ...record, termSentAt: askedAt });
    if ((await signalProcess(record, 'SIGTERM')) === 'refused') return 'notAllowed';
  }
  if (await waitForEnd({ record, untilMs: askedAt + drainMs, ...(signal && { signal }) })) return 'ended';
  if ((await signalProcess(record, 'SIGKILL')) === 'refused') return 'notAllowed';
  await waitForEnd({ record, untilMs: Date.now() + 5_000, ...(signal && { signal }) });
  return 'killed';
};

const waitForEnd = async ({
  record,
  untilMs,
  signal,
}: {
  record: VectorRecord;
  untilMs: number;
  signal?: AbortSignal;
}): Promise<boolean> => {
  while (await isSameProcess(record)) {
    if (Date.now() >= untilMs) return false;
    await sleep(50, undefined, signal === undefined ? {} : { signal });
  }
  return true;
};
