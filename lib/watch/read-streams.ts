import { backoffMs, pause } from '../backoff.ts';
import { hasCode, messageOf, NvlError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { FollowedSource } from '../nomad/node-source.ts';
import { createReportedFaults } from '../reported-faults.ts';
import { batchRead, resumeRanOut, streamLost, streamOpened } from './event-state.ts';
import type { Following } from './following.ts';
import { asFields } from './news-fault.ts';

type Given = {
  events: FollowedSource['events'];
  following: Following;
  /** For messages. */
  nodeId: string;
  log: Log;
  signal: AbortSignal;
  random?: () => number;
};

/**
 * Reads one event stream after the other, each from where the last one broke off, until `signal` aborts; never rejects. A stream that breaks is opened again at
 * once, and says so by itself alone: where that fails, there is no stream until it does not.
 */
export const readStreams = async (given: Given): Promise<void> => {
  const { following, nodeId, log, signal, random = Math.random } = given;
  const reported = createReportedFaults();
  const tellBack = (): void => {
    if (reported.isAny()) log.info({ node: nodeId }, "Nomad's event stream is read again");
    reported.clear();
  };
  let failures = 0;
  while (!signal.aborted) {
    const openedAt = performance.now();
    const { wasOpened, error } = await readStream({ ...given, onSteady: tellBack });
    if (signal.aborted) return;
    if (error === undefined) continue;
    following.update((state) => streamLost(state, { isGarbled: isGarbled(error) }));
    const hasLived = wasOpened && performance.now() - openedAt >= STEADY_MS;
    failures = hasLived ? 1 : failures + 1;
    if (!wasOpened || failures > 1) {
      following.setStream(false);
      if (reported.isNew(error)) log.warn({ node: nodeId, ...asFields(error) }, whyNone(error));
    } else log.debug({ node: nodeId, ...asFields(error) }, `the event stream broke off: ${messageOf(error)}`);
    await pause(backoffMs({ attempt: failures - 1, random: random() }), signal);
  }
};

/** One stream, to its end. There is no error where it is to be opened anew. */
const readStream = async ({
  events,
  following,
  signal,
  random = Math.random,
  onSteady,
}: Given & { /** It is open, and has been for a while. */ onSteady: () => void }): Promise<{
  wasOpened: boolean;
  error?: unknown;
}> => {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  const timers = [setTimeout(end, RENEW_MS * (1 - random() / 5))];
  following.onDistrust(end);
  let wasOpened = false;
  const open = (): void => {
    wasOpened = true;
    following.update(streamOpened);
    following.setStream(true);
    timers.push(
      setTimeout(() => following.update(resumeRanOut), RESUME_MS),
      setTimeout(onSteady, STEADY_MS),
    );
  };
  try {
    const index = following.state().seen?.index ?? 0;
    // Nothing in here waits for anything but the stream: Nomad lets go of who reads slowly.
    for await (const line of events({ index, signal: AbortSignal.any([signal, ending.signal]) })) {
      if (!wasOpened) open();
      if (line.kind === 'batch') following.update((state) => batchRead(state, line));
    }
    throw new Error('the event stream has ended');
  } catch (error) {
    return ending.signal.aborted ? { wasOpened } : { wasOpened, error };
  } finally {
    for (const timer of timers) clearTimeout(timer);
    following.onDistrust(() => {});
  }
};

/**
 * A stream tells of the namespaces that there were when it was opened, and of none that came later, without a word.
 *
 * @source https://github.com/hashicorp/nomad/blob/main/nomad/event_endpoint.go `validateACL`; tried with Nomad 2.0.6
 */
const RENEW_MS = 300_000;

/** Nomad sends what it still has at once. */
const RESUME_MS = 1_000;

/** A stream that lived for less is no good sign: its end goes on being the trouble that was told. */
const STEADY_MS = 5_000;

/** What came was no event: it may have been one before it was garbled. */
const isGarbled = (error: unknown): boolean => error instanceof NvlError && hasCode(error, 'nomadAnswer');

const whyNone = (error: unknown): string =>
  `no events from Nomad, its list is followed as without them: ${messageOf(error)}`;
