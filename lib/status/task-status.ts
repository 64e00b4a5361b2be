import type { CollectedTask } from '../collect/collect.ts';
import type { NodeTask } from '../collect/node-tasks.ts';
import type { SampledFile } from '../files/sample-logs.ts';
import type { Allocation, Task } from '../nomad/allocation.ts';
import type { RefusedBlock } from '../render/refused.ts';
import type { TaskRecord } from '../state/record.ts';
import { fileStatuses, sumOf } from './file-status.ts';
import type { RefusedFile } from './held.ts';
import { bytesUntilGone, secondsOfSafety } from './safety.ts';
import type { TaskState, TaskStatus } from './status.ts';
import { whyNotRead } from './why-not-read.ts';
import { streamKey, type WriteHistory, writeRate } from './write-rates.ts';

/** All that is known of one task; whatever of it may be missing. */
export type KnownTask = {
  id: string;
  /** As Nomad lists it. */
  listed?: NodeTask | undefined;
  collected?: CollectedTask | undefined;
  /** As the state remembers it. */
  record?: TaskRecord | undefined;
  refused?: RefusedBlock | undefined;
  files: readonly SampledFile[];
  refusedFiles: readonly RefusedFile[];
  /** Why its log files cannot be taken. */
  takeFault?: string | undefined;
  lostBytes: number;
};

/** Where one task stands. Pure. */
export const taskStatus = ({
  known,
  history,
  hasSample,
  hasFiles,
}: {
  known: KnownTask;
  history: WriteHistory;
  /** False: log files were not looked at yet. */
  hasSample: boolean;
  /** Whether each file is told of. */
  hasFiles: boolean;
}): TaskStatus => {
  const { id, files, record, lostBytes } = known;
  const state = taskState(known);
  const readBytes = hasSample ? sumOf(files, (file) => file.readBytes) : null;
  const unreadBytes = hasSample ? sumOf(files, unreadOf) : null;
  const streams = [...Map.groupBy(files, streamKey)].map(([key, ofStream]) => ({
    rate: writeRate(history, key),
    bytes: known.listed && bytesUntilGone({ files: ofStream, logs: known.listed.task.logs }),
  }));
  const rates = streams.flatMap(({ rate }) => rate ?? []);
  const safe = streams.flatMap(({ rate, bytes }) => secondsOfSafety({ bytes, bytesPerSecond: rate }) ?? []);
  return {
    id,
    ...namesOf(known),
    state,
    why: whyNotRead({ known, state }),
    profile: record?.profile ?? known.listed?.wanted?.listed.profile ?? null,
    pipeline: record?.pipeline ?? null,
    readBytes,
    unreadBytes,
    heldBytes: hasSample
      ? sumOf(
          files.filter(({ isOnlyCopy }) => isOnlyCopy),
          ({ bytes }) => bytes,
        )
      : null,
    lostBytes,
    bytesPerSecond: rates.length === 0 ? null : rates.reduce((sum, rate) => sum + rate, 0),
    secondsOfSafety: safe.length === 0 ? null : Math.min(...safe),
    lastLineAt: lastWrite(files),
    files: hasFiles ? fileStatuses({ known, state }) : [],
  };
};

/** In which of the states a task is. Pure. */
export const taskState = ({ listed, collected, record, refused }: KnownTask): TaskState => {
  if (listed !== undefined && listed.wanted === undefined) return 'notCollected';
  if (record?.phase === 'drained') return 'done';
  if (record === undefined && collected?.decision.isCollected === false) return 'notCollected';
  if (refused?.instead === 'nothing') return 'leftOut';
  if (record?.finishedAt !== undefined || record?.phase === 'unlinked') return 'finishing';
  return record?.loadedAt === undefined || record.pipeline === undefined ? 'waiting' : 'reading';
};

const unreadOf = ({ bytes, readBytes }: SampledFile): number | undefined =>
  readBytes === undefined ? undefined : bytes - readBytes;

/** A file that nobody wrote to yet is as old as itself. */
const lastWrite = (files: readonly SampledFile[]): number | null => {
  const written = files.filter(({ bytes }) => bytes > 0).map(({ modifiedAt }) => Math.round(modifiedAt));
  return written.length === 0 ? null : Math.max(...written);
};

const namesOf = ({
  listed,
  collected,
  record,
}: KnownTask): Pick<TaskStatus, 'namespace' | 'job' | 'group' | 'task' | 'allocId'> => {
  const known: { allocation: Allocation; task: Task } | undefined = listed ?? collected?.listed;
  if (known === undefined) {
    const { namespace = '', job = '', task = '', allocId = '' } = record ?? {};
    return { namespace, job, group: null, task, allocId };
  }
  const { allocation, task } = known;
  const { namespace, job, groupName: group, id: allocId } = allocation;
  return { namespace, job: job.id, group, task: task.name, allocId };
};
