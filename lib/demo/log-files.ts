import { appendFileSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LogStream, STREAMS } from '../link-name.ts';
import type { DemoTask } from './allocation.ts';

/** The files of one allocation, laid out and rotated as a Nomad client does. */
export type LogFiles = {
  /** Appends to the task's newest file; `isLastBare` leaves out the newline after the last line. */
  write: (write: { task: string; stream: LogStream; lines: string[]; isLastBare?: boolean }) => void;
  remove: () => void;
};

/**
 * Makes `<allocDir>/<id>/alloc/logs/<task>.<stdout|stderr>.0` and, beside them, the names of the pipes that Nomad reads
 * a task from. Those are plain files here: no reader may open them, and making a pipe takes a program of its own.
 */
export const createLogFiles = ({
  allocDir,
  id,
  tasks,
}: {
  allocDir: string;
  id: string;
  tasks: DemoTask[];
}): LogFiles => {
  const logs = logsOf({ allocDir, id });
  mkdirSync(logs, { recursive: true });
  const collected = new Map(tasks.filter(({ logsDisabled }) => logsDisabled !== true).map((task) => [task.name, task]));
  const newest = new Map<string, number>();
  for (const task of collected.keys()) {
    for (const stream of STREAMS) {
      writeFileSync(firstLogFile({ allocDir, id, task, stream }), '');
      writeFileSync(join(logs, `.${task}.${stream}.fifo`), '');
    }
  }
  return {
    write: ({ task, stream, lines, isLastBare = false }) => {
      const settings = collected.get(task);
      if (settings === undefined) return;
      const base = join(logs, `${task}.${stream}`);
      lines.forEach((line, position) => {
        const text = isLastBare && position === lines.length - 1 ? line : `${line}\n`;
        const number = rotate({ base, text, number: newest.get(base) ?? 0, settings });
        newest.set(base, number);
        appendFileSync(`${base}.${number}`, text);
      });
    },
    remove: () => rmSync(join(allocDir, id), { recursive: true, force: true }),
  };
};

const logsOf = ({ allocDir, id }: { allocDir: string; id: string }): string => join(allocDir, id, 'alloc', 'logs');

/** The first file of a task's stream. */
export const firstLogFile = ({
  task,
  stream,
  ...allocation
}: {
  allocDir: string;
  id: string;
  task: string;
  stream: LogStream;
}): string => join(logsOf(allocation), `${task}.${stream}.0`);

/** Gives the number of the file that this text belongs into; a file that is full is followed by the next one. */
const rotate = ({
  base,
  text,
  number,
  settings,
}: {
  base: string;
  text: string;
  number: number;
  settings: DemoTask;
}): number => {
  const { maxFiles = 10, maxFileSizeMB = 10 } = settings;
  const size = statSync(`${base}.${number}`, { throwIfNoEntry: false })?.size ?? 0;
  if (size + Buffer.byteLength(text) <= maxFileSizeMB * 1024 * 1024) return number;
  rmSync(`${base}.${number + 1 - maxFiles}`, { force: true });
  return number + 1;
};
