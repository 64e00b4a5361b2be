import type { LogStream } from '../link-name.ts';

/**
 * What is known of a node, as `nvl status --json` prints it and the daemon's socket says it. `schema` counts up when a field goes or
 * changes its meaning; new fields may come. Times are milliseconds since the epoch, sizes bytes; what is not known is null.
 */
export type NodeStatus = {
  schema: typeof STATUS_SCHEMA;
  /** `state`: no daemon answers, and this is what one left in its output root. */
  source: 'daemon' | 'state';
  at: number;
  nvl: { version: string; pid: number | null; startedAt: number | null; root: string; configFile: string | null };
  node: { id: string | null; name: string | null };
  /** The templates that were read last. */
  templates: { digest: string; readAt: number } | null;
  vector: VectorStatus;
  /** What was attempted last. */
  lastCycle: CycleStatus | null;
  /** When Nomad's list was last had whole, from servers that have a leader. */
  lastGoodListAt: number | null;
  /** What is wrong now, the worst first. */
  faults: readonly FaultStatus[];
  tasks: Readonly<Record<TaskState, number>>;
  /** Tasks and sinks that do not ship by their own blocks, by what ships in their place. */
  quarantined: Readonly<Record<string, number>>;
  /** What lies in log folders and is not taken for a log, by why not. */
  refusedFiles: Readonly<Record<string, number>>;
  logs: LogsStatus;
  /** By trouble, then by name. */
  list: readonly TaskStatus[];
  /** How many more tasks there are than the list has. */
  leftOut: number;
};

export const STATUS_SCHEMA = 1;

export type VectorStatus = {
  /** Who starts it. */
  runBy: 'nvl' | 'others' | null;
  pid: number | null;
  startedAt: number | null;
  /** It has built what it read, and runs. Only known of one that nvl runs. */
  hasStarted: boolean | null;
  /** The first digits of the digest of the generated file that it runs, and since when. */
  generation: string | null;
  loadedAt: number | null;
};

export type CycleStatus = {
  at: number;
  tookMs: number;
  /** `failed`: it came to no end. */
  outcome: string;
  /** Of components. */
  changes: { added: number; changed: number; removed: number };
  said: string | null;
};

/** `red`: lines are lost, wait or come unparsed, or nothing new can ship. `yellow`: to look at. */
export type FaultLevel = 'red' | 'yellow';

export type FaultStatus = {
  level: FaultLevel;
  /** What kind of fault; the names are stable. */
  kind: FaultKind;
  /** What it is about: a task, a sink, a template; null for nvl as a whole. */
  about: string | null;
  since: number | null;
  message: string;
  /** What Vector or Nomad said. */
  said: string | null;
  advice: string | null;
};

/**
 * `cycle`: the last cycle came to no end, or Vector does not run what it should. `quarantine`: a task or a sink does not ship by its own
 * blocks. `template`: one is broken, and the last good one is used. `delivery`: a component of Vector does not deliver. `ownFiles`: the team's Vector files.
 * `unread`: bytes went unread lately. `vector`: it does not run. `take`: log files cannot be taken or linked. `note`: what of a job's meta is not understood.
 */
export type FaultKind =
  | 'cycle'
  | 'quarantine'
  | 'template'
  | 'delivery'
  | 'ownFiles'
  | 'unread'
  | 'vector'
  | 'take'
  | 'note';

export type LogsStatus = {
  /** When the sizes and positions below were looked at. */
  sampledAt: number | null;
  unreadBytes: number | null;
  /** What nvl alone keeps, and how much of that may be. */
  heldBytes: number | null;
  holdBytes: number | null;
  /** What went without being read, by reason, as far as nvl remembers. */
  lostBytes: Readonly<Record<string, number>>;
  /** The least of any task. */
  secondsOfSafety: number | null;
};

/**
 * `reading`: Vector reads it. `waiting`: it runs, and Vector does not know its labels yet. `finishing`: it has ended, and the rest is being
 * delivered. `done`: read to its end. `leftOut`: it should be collected, and is not. `notCollected`: it is not to be.
 */
export type TaskState = 'reading' | 'waiting' | 'finishing' | 'done' | 'leftOut' | 'notCollected';

export const TASK_STATES: readonly TaskState[] = ['leftOut', 'waiting', 'finishing', 'reading', 'notCollected', 'done'];

export type TaskStatus = {
  id: string;
  namespace: string;
  job: string;
  group: string | null;
  task: string;
  allocId: string;
  state: TaskState;
  /** Why it is not read, or not as its profile says. */
  why: readonly string[];
  profile: string | null;
  pipeline: string | null;
  /** Of the files that are there and not let go as delivered. */
  readBytes: number | null;
  unreadBytes: number | null;
  /** Of these, what Nomad has deleted. */
  heldBytes: number | null;
  /** What went unread. */
  lostBytes: number;
  bytesPerSecond: number | null;
  secondsOfSafety: number | null;
  /** When it last wrote. */
  lastLineAt: number | null;
  files: readonly FileStatus[];
};

export type FileStatus = {
  /** As Nomad calls it, without the task: `stdout.3`; of what is no log, its name. */
  name: string;
  stream: LogStream | null;
  bytes: number | null;
  readBytes: number | null;
  /** Why it, or its rest, is not read; null where all of it is. */
  why: string | null;
};
