import type { SampledFile } from '../files/sample-logs.ts';
import type { FileStatus, TaskState } from './status.ts';
import type { KnownTask } from './task-status.ts';

/** No task has so many files that are logs; a task may make names as it likes. */
const MOST_FILES = 100;

/** Each log file of a task that is not delivered and let go, and what lies beside them. Pure. */
export const fileStatuses = ({ known, state }: { known: KnownTask; state: TaskState }): FileStatus[] => [
  ...[...known.files]
    .sort((a, b) => (a.stream === b.stream ? a.index - b.index : a.stream < b.stream ? 1 : -1))
    .slice(-MOST_FILES)
    .map((file) => ({
      name: `${file.stream}.${file.index}`,
      stream: file.stream,
      bytes: file.bytes,
      readBytes: file.readBytes ?? null,
      why: whyUnread({ file, state }),
    })),
  ...known.refusedFiles
    .slice(0, MOST_FILES)
    .map(({ name, why }) => ({ name, stream: null, bytes: null, readBytes: null, why: `it is refused: ${why}` })),
];

/** Adds up what is known; null where any of it is not. Pure. */
export const sumOf = (
  files: readonly SampledFile[],
  bytesOf: (file: SampledFile) => number | undefined,
): number | null => {
  let sum = 0;
  for (const file of files) {
    const bytes = bytesOf(file);
    if (bytes === undefined) return null;
    sum += bytes;
  }
  return sum;
};

/** Why the rest of a file is not read; null where all of it is. Pure. */
export const whyUnread = ({ file, state }: { file: SampledFile; state: TaskState }): string | null => {
  const { bytes, readBytes, pipeline, isOnlyCopy } = file;
  const kept = isOnlyCopy ? '; Nomad has deleted it, and nvl keeps it' : '';
  if (pipeline === undefined) return `${HELD[state]}${kept}`;
  if (readBytes === undefined) return "how far Vector has read it is not known: nvl can't read Vector's data folder";
  if (readBytes >= bytes) return null;
  return `Vector has not delivered ${readBytes === 0 ? 'any of it' : 'the rest'} yet${kept}`;
};

/** Why a file is held, out of Vector's sight. */
const HELD: Readonly<Record<TaskState, string>> = {
  reading: 'it is about to go where Vector reads',
  waiting: 'Vector does not have the labels of its task yet',
  finishing: 'it came after the task was read to its end, and is about to go where Vector reads',
  done: 'its task was read to its end before it came',
  leftOut: 'nothing can ship its task, so that it waits',
  notCollected: 'its task is not collected',
};
