/** The logs of one task. `logDir`: the folder that Nomad's client writes them to; `allocDir`: where all such folders are. */
export type TaskLogs = { id: string; logDir: string; allocDir: string };

/**
 * How Vector reaches the logs of tasks. `lib/files/links.ts` is one way, by a link for each task; another is another value of this
 * type. `lib/collect/choose-access.ts` says which one is used.
 */
export type LogAccess = {
  /** The folder that a task's source reads: `logs.dir` of its context. Equal logs give an equal folder. */
  dirOf(logs: TaskLogs): string;
  /** Called before Vector loads the source, and in each cycle from then on. */
  open(logs: TaskLogs): Promise<void>;
  /** Called while Vector still runs the source: it has to find the files gone, or it keeps a last line without a newline. */
  close(logs: Pick<TaskLogs, 'id'>): Promise<void>;
};
