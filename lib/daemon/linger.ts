import type { CycleResult } from '../cycle-deps.ts';
import type { Log } from '../log.ts';
import type { Allocation } from '../nomad/allocation.ts';

export type Linger = {
  /** Aborts when nvl has to end. */
  signal: AbortSignal;
  /** Aborts when all other tasks of the group have ended. */
  over: AbortSignal;
  /** What a cycle came to. */
  see(result: Pick<CycleResult, 'collectedTasks'>): void;
};

/**
 * The end of an nvl that is one task of a group. Nomad tells it to end when the others have ended, and nobody reads after it what they
 * wrote last: so it goes on until Vector has delivered that, for `mostMs` at most. Told to end for a restart, it does so at once.
 *
 * That the others have ended Nomad's client tells nobody before the sidecar has ended, too. But of a restart the servers know within a
 * second: what they have not heard of by `graceMs` is the end.
 *
 * @source https://github.com/hashicorp/nomad/blob/main/client/allocrunner/alloc_runner.go handleTaskStateUpdates kills what is left before it tells the servers
 */
export const lingerUntilRead = ({
  told,
  ownTask,
  mostMs,
  graceMs = GRACE_MS,
  log,
}: {
  /** Aborts when Nomad tells it. */
  told: AbortSignal;
  ownTask: string;
  mostMs: number;
  graceMs?: number;
  log: Log;
}): Linger => {
  const [ended, over] = [new AbortController(), new AbortController()];
  const timers: NodeJS.Timeout[] = [];
  let toldAt = 0;
  let tasks: CycleResult['collectedTasks'] | undefined;

  const end = (): void => {
    for (const timer of timers) clearTimeout(timer);
    ended.abort();
  };
  const look = (): void => {
    if (!told.aborted || ended.signal.aborted || tasks === undefined) return;
    const allocation = tasks.find(({ listed }) => listed !== undefined)?.listed?.allocation;
    if (isRestarted({ allocation, ownTask, toldAt })) end();
    if (allocation?.status.desiredStatus === 'stop') over.abort();
    if (tasks.every(isDelivered)) end();
  };
  const onTold = (): void => {
    toldAt = Date.now();
    log.info({ mostMs }, 'nvl is told to end, and goes on until what the other tasks wrote is delivered');
    timers.push(
      setTimeout(() => over.abort(), graceMs),
      setTimeout(() => {
        const left = tasks?.filter((task) => !isDelivered(task)).length;
        log.error({ tasks: left, advice: ADVICE }, 'nvl ends, though not all of what other tasks wrote is delivered');
        end();
      }, mostMs),
    );
    look();
  };
  if (told.aborted) onTold();
  else told.addEventListener('abort', onTold, { once: true });
  return {
    signal: ended.signal,
    over: over.signal,
    see: ({ collectedTasks }) => {
      tasks = collectedTasks;
      look();
    },
  };
};

const isDelivered = ({ decision: { record } }: CycleResult['collectedTasks'][number]): boolean =>
  record === undefined || record.phase === 'drained';

/** A client tells its servers five times a second. */
const GRACE_MS = 2_000;

/** By whom: a person, or Nomad itself for a template or a health check. Nomad writes the event before it sends the signal. */
const isRestarted = ({
  allocation,
  ownTask,
  toldAt,
}: {
  allocation: Allocation | undefined;
  ownTask: string;
  toldAt: number;
}): boolean =>
  allocation?.tasks
    .find(({ name }) => name === ownTask)
    ?.state.events.some(({ type, time }) => RESTARTS.has(type) && Date.parse(time) >= toldAt - SIGNAL_MS) === true;

/** Nomad 2.0.6, nomad/structs/structs.go. */
const RESTARTS: ReadonlySet<string> = new Set(['Restart Signaled', 'Restarting']);
/** From the event to the signal. */
const SIGNAL_MS = 5_000;

const ADVICE = 'raise collect.linger, and the kill_timeout of the task with it; or see why the sinks are slow';
