import { reasonOf } from '../files/judge-file.ts';
import { taskKey } from '../files/log-access.ts';
import { parseLogName } from '../files/log-name.ts';
import type { SampledFile } from '../files/sample-logs.ts';
import { faultsNow } from './faults-now.ts';
import { sumOf } from './file-status.ts';
import type { HeldFacts } from './held.ts';
import {
  type LogsStatus,
  type NodeStatus,
  STATUS_SCHEMA,
  TASK_STATES,
  type TaskState,
  type TaskStatus,
} from './status.ts';
import { type KnownTask, taskStatus } from './task-status.ts';

/** Which tasks are asked about: those of a job, by its id, its parent's or the beginning of an allocation's; of these one. */
export type AskedTasks = { job?: string | undefined; task?: string | undefined };

/** The list of a status ends there; a node has some hundreds. */
export const MOST_LISTED = 2_000;

/** The status of a node, of what its daemon holds. Pure. */
export const makeStatus = ({
  held,
  asked = {},
  limit = MOST_LISTED,
}: {
  held: HeldFacts;
  asked?: AskedTasks;
  /** How many tasks are listed. */
  limit?: number;
}): NodeStatus => {
  const isAsked = asked.job !== undefined;
  const known = knownTasks(held).filter((task) => !isAsked || isOf({ task, asked }));
  const { history } = held;
  const hasSample = held.sample !== undefined;
  const all = known.map((task) => taskStatus({ known: task, history, hasSample, hasFiles: isAsked }));
  const list = sorted(all).slice(0, limit);
  const tasks = Object.fromEntries(TASK_STATES.map((state) => [state, 0])) as Record<TaskState, number>;
  for (const { state } of all) tasks[state] += 1;
  return {
    schema: STATUS_SCHEMA,
    source: held.source,
    at: held.now,
    nvl: held.nvl,
    node: { id: held.state.nodeId ?? null, name: held.seen.nodeName ?? null },
    templates: held.templates,
    vector: held.vector,
    lastCycle: held.cycles.last ?? null,
    lastGoodListAt: held.cycles.lastGoodListAt ?? null,
    faults: faultsNow(held),
    tasks,
    quarantined: countsBy(held.seen.refused, ({ instead }) => instead),
    refusedFiles: countsBy(held.refusedFiles, ({ why }) => reasonOf(why)),
    logs: logsStatus({ held, all }),
    list,
    leftOut: all.length - list.length,
  };
};

const countsBy = <T>(all: readonly T[], of: (one: T) => string): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(all, of)].map(([name, some]) => [name, some.length]));

const logsStatus = ({ held, all }: { held: HeldFacts; all: readonly TaskStatus[] }): LogsStatus => {
  const { sample, unread, holdBytes } = held;
  const safe = all.flatMap(({ secondsOfSafety }) => secondsOfSafety ?? []);
  const lost = Map.groupBy(unread, ({ why }) => why);
  const unreadOf = ({ bytes, readBytes }: SampledFile) => (readBytes === undefined ? undefined : bytes - readBytes);
  return {
    sampledAt: sample?.at ?? null,
    unreadBytes: sample === undefined ? null : sumOf(sample.files, unreadOf),
    heldBytes: sample === undefined ? null : sumOf(sample.files, ({ bytes, isOnlyCopy }) => (isOnlyCopy ? bytes : 0)),
    holdBytes: holdBytes ?? null,
    lostBytes: Object.fromEntries([...lost].map(([why, all]) => [why, all.reduce((sum, { bytes }) => sum + bytes, 0)])),
    secondsOfSafety: safe.length === 0 ? null : safe.reduce((least, one) => Math.min(least, one)),
  };
};

/** Whatever any part of nvl knows of a task is brought together by its stem. */
const knownTasks = ({ seen, state, sample, refusedFiles, takeFaults, unread }: HeldFacts): KnownTask[] => {
  const listed = new Map(seen.tasks.map((task) => [task.id, task]));
  const collected = new Map(seen.collectedTasks.map((task) => [task.id, task]));
  const refused = new Map(seen.refused.map((block) => [block.key, block]));
  const files = Map.groupBy(sample?.files ?? [], ({ id }) => id);
  const refusedIn = Map.groupBy(refusedFiles, ({ allocId }) => allocId);
  const faults = new Map(takeFaults.map(({ allocId, said }) => [allocId, said]));
  const lost = Map.groupBy(unread, ({ task }) => task);
  const ids = new Set([...listed.keys(), ...collected.keys(), ...Object.keys(state.tasks)]);
  return [...ids].map((id) => {
    const record = state.tasks[id];
    const named = listed.get(id) ?? collected.get(id)?.listed;
    const [allocId, task] = [named?.allocation.id ?? record?.allocId ?? '', named?.task.name ?? record?.task ?? ''];
    const ofTask = lost.get(taskKey({ allocId, task })) ?? [];
    return {
      id,
      listed: listed.get(id),
      collected: collected.get(id),
      record,
      refused: refused.get(id),
      files: files.get(id) ?? [],
      // What is no log's name may be of any of them.
      refusedFiles: (refusedIn.get(allocId) ?? []).filter(({ name }) => (parseLogName(name)?.task ?? task) === task),
      takeFault: faults.get(allocId),
      lostBytes: ofTask.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  });
};

const isOf = ({ task: { listed, record }, asked }: { task: KnownTask; asked: AskedTasks }): boolean => {
  const job = listed?.allocation.job;
  const names = [job?.id, job?.parentId, record?.job];
  const allocId = listed?.allocation.id ?? record?.allocId ?? '';
  const isJob = names.includes(asked.job) || (isIdStart(asked.job ?? '') && allocId.startsWith(asked.job ?? ''));
  return isJob && (asked.task === undefined || (listed?.task.name ?? record?.task) === asked.task);
};

/** As long as the short ids that Nomad shows. */
const isIdStart = (text: string): boolean => /^[0-9a-f]{8}[0-9a-f-]*$/.test(text);

/** What needs a look first comes first; names are put together once, and not for each comparison. */
const sorted = (tasks: readonly TaskStatus[]): TaskStatus[] =>
  tasks
    .map((task) => ({
      task,
      state: TASK_STATES.indexOf(task.state),
      safety: task.secondsOfSafety ?? Number.MAX_VALUE,
      name: `${task.namespace} ${task.job} ${task.task} ${task.allocId}`,
    }))
    .sort(
      (a, b) =>
        a.state - b.state ||
        b.task.why.length - a.task.why.length ||
        a.safety - b.safety ||
        (b.task.unreadBytes ?? 0) - (a.task.unreadBytes ?? 0) ||
        (a.name < b.name ? -1 : 1),
    )
    .map(({ task }) => task);
