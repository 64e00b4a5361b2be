import type { Config } from '../config/config.ts';
import { messageOf, NvlError } from '../errors.ts';
import type { Checkpoints, PositionsOf } from '../files/checkpoints.ts';
import type { TaskFiles } from '../files/log-access.ts';
import type { LogFile } from '../files/log-files.ts';
import type { NodeSnapshot, NodeSource } from '../nomad/node-source.ts';
import type { FileRecord, TaskRecord } from '../state/record.ts';
import type { State } from '../state/state.ts';
import { type Decision, decide } from './decide.ts';
import { finishedAtOf } from './finished-at.ts';
import type { ListedTask, NodeTask, WantedTask } from './node-tasks.ts';

/** A task of this cycle, with where it stands. `listed` is undefined when only the state knows it any more. */
export type CollectedTask = {
  id: string;
  listed: ListedTask | undefined;
  decision: Decision;
};

/**
 * Which tasks are collected in this cycle: those that Nomad lists, and those that the state remembers and that are not
 * done, though Nomad lists them no more. Files and Vector's positions are looked at only for tasks that have finished.
 */
export const collectTasks = async (collecting: Collecting): Promise<CollectedTask[]> => {
  const listed = await collectListed(collecting);
  const remembered = await collectRemembered({ collecting, listed: new Set(listed.map(({ id }) => id)) });
  return [...listed, ...remembered];
};

/** What this cycle knows when it decides which tasks are collected. */
export type Collecting = {
  snapshot: NodeSnapshot;
  /** Its tasks. */
  tasks: readonly NodeTask[];
  nodeSource: NodeSource;
  state: State;
  config: Pick<Config, 'collect'>;
  logAccess: TaskFiles;
  /** How far the source of a pipeline has read. */
  positionsOf: PositionsOf;
  /** What came of earlier cycles, for running tasks of which nothing has changed. */
  running?: RunningTasks;
  /** No file of the node is on this machine: each is taken to be there, and unread. */
  isRecorded: boolean;
  now: number;
  signal: AbortSignal;
};

export type RunningTasks = WeakMap<WantedTask, CollectedTask>;

const collectListed = async (collecting: Collecting): Promise<CollectedTask[]> => {
  const { state, running, tasks } = collecting;
  const collectedTasks: CollectedTask[] = [];
  for (const { id, allocation, wanted } of tasks) {
    if (wanted === undefined) continue;
    const record = state.tasks[id];
    // What it ships as knows more of it than this answer does.
    if (allocation.isPartial && record !== undefined) continue;
    const known = running?.get(wanted);
    const isKnown = known !== undefined && known.decision.record === record;
    collectedTasks.push(isKnown ? known : await collectOne({ wanted, collecting }));
  }
  return collectedTasks;
};

const collectOne = async ({
  wanted,
  collecting,
}: {
  wanted: WantedTask;
  collecting: Collecting;
}): Promise<CollectedTask> => {
  const { id, listed, names } = wanted;
  const { state, running, now } = collecting;
  const finishedAt = finishedAtOf({ ...listed, now });
  const decision =
    listed.route === 'containers'
      ? decideContainer({ collecting, id, names, finishedAt })
      : await decisionOf({ collecting, id, names, finishedAt, isListed: true });
  const collectedTask = { id, listed, decision };
  const { record } = decision;
  // It is decided without a look at the clock or a file, and nothing new was decided.
  const isSettled = finishedAt === undefined && record?.phase === 'collected' && record.files === undefined;
  if (isSettled && record === state.tasks[id]) running?.set(wanted, collectedTask);
  return collectedTask;
};

/** A task of which Nomad writes no files: whatever lies in its folder is not read. */
const decideContainer = ({
  collecting: { state, config, isRecorded, now },
  id,
  names,
  finishedAt,
}: {
  collecting: Collecting;
  id: string;
  names: Omit<TaskRecord, 'phase'>;
  finishedAt: number | undefined;
}): Decision => {
  if (isRecorded) return { record: { ...names, phase: 'collected' }, isCollected: true, isLinked: false };
  const removalDelay = Math.max(config.collect.removalDelay, CONTAINER_DELAY_MS);
  const isNews = finishedAt !== undefined && now - finishedAt < removalDelay;
  // One that ended before nvl heard of it may have lines on their way.
  const record = state.tasks[id] ?? (isNews ? { ...names, phase: 'collected' as const } : undefined);
  const decision = decide({
    record,
    seen: { names, finishedAt, isListed: true, ...NOTHING_SEEN },
    collect: { ...config.collect, removalDelay },
    installedAt: state.installedAt,
    now,
  });
  return { ...decision, isLinked: false };
};

/** How long the row of a finished one stays at least: Vector holds lines without a row for 10 s, and asks twice. */
const CONTAINER_DELAY_MS = 15_000;

/** Tasks that only the state knows any more, and those that are not wanted any more. */
const collectRemembered = async ({
  collecting,
  listed,
}: {
  collecting: Collecting;
  listed: ReadonlySet<string>;
}): Promise<CollectedTask[]> => {
  const { snapshot, tasks, nodeSource, state, now, signal } = collecting;
  const unwanted = new Set(tasks.flatMap(({ id, wanted }) => (wanted === undefined ? [id] : [])));
  const existing = existenceOnce(nodeSource, signal);
  const isGone = goneNow(collecting);
  const collectedTasks: CollectedTask[] = [];
  for (const [id, record] of Object.entries(state.tasks)) {
    if (listed.has(id)) continue;
    if (unwanted.has(id)) {
      collectedTasks.push({ id, listed: undefined, decision: NOT_COLLECTED });
      continue;
    }
    if (record.phase === 'drained' && snapshot.over?.has(record.allocId)) {
      const decision = { ...NOT_COLLECTED, record: isGone(record) ? undefined : record };
      collectedTasks.push({ id, listed: undefined, decision });
      continue;
    }
    const { phase: _, ...names } = record;
    const hasEnded =
      record.finishedAt !== undefined || (snapshot.hasLeader && (await existing(record.allocId)) === 'gone');
    const finishedAt = hasEnded ? (record.finishedAt ?? now) : undefined;
    const decision = await decisionOf({ collecting, id, names, finishedAt, isListed: false });
    const isDone = decision.record?.phase === 'drained' && isGone(decision.record);
    collectedTasks.push({ id, listed: undefined, decision: isDone ? { ...decision, record: undefined } : decision });
  }
  return collectedTasks;
};

const NOT_COLLECTED: Decision = { record: undefined, isCollected: false, isLinked: false };

const decisionOf = async ({
  collecting,
  id,
  ...seen
}: {
  collecting: Collecting;
  id: string;
  names: Omit<TaskRecord, 'phase'>;
  finishedAt: number | undefined;
  isListed: boolean;
}): Promise<Decision> => {
  const { state, config, isRecorded, now } = collecting;
  const { names } = seen;
  const record = state.tasks[id];
  if (isRecorded) return { record: { ...names, phase: 'collected' }, isCollected: true, isLinked: true };
  // Files that were let go and are wanted again are looked for until they are back.
  const isEnding = seen.finishedAt !== undefined || record?.finishedAt !== undefined || record?.files !== undefined;
  const looked = isEnding
    ? await readProgress({ names, id, pinned: record?.files ?? [], pipeline: record?.pipeline, collecting })
    : NOTHING_SEEN;
  const finishedAt = record?.finishedAt ?? seen.finishedAt ?? now;
  if (looked instanceof NvlError && now - finishedAt < config.collect.ceiling) {
    return unreadable({ names, record, finishedAt, fault: looked });
  }
  const { files, checkpoints } = looked instanceof NvlError ? NOTHING_SEEN : looked;
  return decide({
    record,
    seen: { ...seen, files, checkpoints },
    collect: config.collect,
    installedAt: state.installedAt,
    now,
  });
};

/** A finished task's files and Vector's positions in them. What may not be read is that task's trouble alone. */
const readProgress = async ({
  names,
  id,
  pinned,
  pipeline,
  collecting: { logAccess, snapshot, positionsOf },
}: {
  names: Omit<TaskRecord, 'phase'>;
  id: string;
  pinned: readonly FileRecord[];
  /** Which reads it. */
  pipeline: string | undefined;
  collecting: Collecting;
}): Promise<{ files: LogFile[] | undefined; checkpoints: Checkpoints } | NvlError> => {
  try {
    const [files, checkpoints] = await Promise.all([
      logAccess.filesOf({ allocDir: snapshot.allocDir, allocId: names.allocId, task: names.task, id, pinned }),
      pipeline === undefined ? NO_POSITIONS : positionsOf(pipeline),
    ]);
    return { files, checkpoints };
  } catch (error) {
    return new NvlError('allocDirUnreadable', {
      message: 'nvl cannot tell how far a finished task was read, so that it stays collected',
      facts: { task: names.task, folder: names.logDir, said: messageOf(error) },
      advice:
        "run nvl as root: Nomad's allocation folder is root's alone, and Vector's data folder belongs to Vector's user",
      cause: error,
    });
  }
};

const UNREADABLE_AGAIN_MS = 30_000;

const unreadable = ({
  names,
  record,
  finishedAt,
  fault,
}: {
  names: Omit<TaskRecord, 'phase'>;
  record: TaskRecord | undefined;
  finishedAt: number;
  fault: NvlError;
}): Decision => ({
  // When it finished is remembered, so that the ceiling ends this wait too.
  record: { ...names, phase: 'collected', ...record, finishedAt },
  isCollected: record?.phase !== 'drained',
  isLinked: record === undefined || record.phase === 'collected',
  lookAgainMs: UNREADABLE_AGAIN_MS,
  fault,
});

const NO_POSITIONS: Checkpoints = new Map();
const NOTHING_SEEN = { files: [], checkpoints: NO_POSITIONS };

/** Asks about each allocation once per cycle, whatever its number of tasks; an unanswered one is not believed gone. */
const existenceOnce = (nodeSource: NodeSource, signal: AbortSignal) => {
  const answers = new Map<string, 'present' | 'gone' | 'hidden'>();
  return async (allocId: string) => {
    const answer =
      answers.get(allocId) ?? (await nodeSource.exists(allocId, { signal }).catch(() => 'hidden' as const));
    answers.set(allocId, answer);
    return answer;
  };
};

/**
 * Whether the log folder of a drained task is gone, so that it need not be remembered any longer: nothing can be read twice.
 * Each is looked up on its way through thousands, not in every cycle.
 */
const goneNow = ({ state, logAccess, snapshot: { allocDir }, now }: Collecting) => {
  const turns = Math.ceil(Object.keys(state.tasks).length / MOST_LOOKS);
  // No interval is a multiple of it, so that each has its turn.
  let count = Math.floor(now / 997);
  return ({ allocId }: TaskRecord): boolean => {
    count += 1;
    return count % turns === 0 && logAccess.isGone({ allocDir, allocId });
  };
};

const MOST_LOOKS = 1_000;
