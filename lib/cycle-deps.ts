import type { CollectedTask, RunningTasks } from './collect/collect.ts';
import type { ContextMemo } from './collect/context-memo.ts';
import type { NodeTask, NodeTasks, OptedOut } from './collect/node-tasks.ts';
import type { Config } from './config/config.ts';
import type { NvlError } from './errors.ts';
import type { PositionsOf } from './files/checkpoints.ts';
import type { LogAccess } from './files/log-access.ts';
import type { Log } from './log.ts';
import type { NodeSnapshot, NodeSource } from './nomad/node-source.ts';
import type { KnownTable } from './pipelines/known-rows.ts';
import type { Seats } from './pipelines/moves.ts';
import type { Row } from './pipelines/row.ts';
import type { Plan } from './plan/plan.ts';
import type { Block } from './render/file.ts';
import type { FileGate } from './render/gate-file.ts';
import type { LastGood } from './render/last-good.ts';
import type { Note, RefusedBlock } from './render/refused.ts';
import type { Rendered } from './render/render.ts';
import type { TaskMemo } from './render/task-memo.ts';
import type { Templates } from './render/templates.ts';
import type { RefusedLoad, State, StateStore } from './state/state.ts';
import type { DeliveryTrouble } from './vector/process/delivery.ts';
import type { ReloadResult } from './vector/process/reload-result.ts';
import type { Pace } from './vector/proof/pace.ts';
import type { ProofName } from './vector/proof/proofs.ts';

/**
 * What came of a cycle. `unchanged`: Vector already runs these bytes. `reloaded`: it has confirmed them.
 * `unconfirmed`: it was told, and said nothing. `rejected`: nothing live was touched. `needsRestart`: a global changed.
 * `rolledBack`: the reload failed, or Vector died of it, and the last good generation is live again.
 */
export type Outcome = 'unchanged' | 'reloaded' | 'unconfirmed' | 'rejected' | 'needsRestart' | 'rolledBack';

export type CycleResult = {
  outcome: Outcome;
  why?: NvlError;
  /** `unconfirmed`, and Vector is not told again: it is taken to run these bytes. */
  isAssumed: boolean;
  plan: Plan;
  refused: readonly RefusedBlock[];
  /** What of jobs' meta is not understood. */
  notes: readonly Note[];
  /** All that Nomad lists, also what is not collected. */
  nodeTasks: readonly NodeTask[];
  collectedTasks: readonly CollectedTask[];
  nodeName: string;
  /** Nomad's list is sure. */
  hasLeader: boolean;
  /** The links that could not be set, a line each. */
  linkFaults: string;
  troubles: readonly DeliveryTrouble[];
  /** The Vector that nvl runs. */
  vectorPid?: number | undefined;
  /** When to look again without any news, in ms; undefined: at the next interval. */
  lookAgainMs: number | undefined;
};

/** What a cycle is handed of the outside world; each part is real in `bin/` and small enough to be made by a test. */
export type CycleDeps = {
  config: Config;
  nodeSource: NodeSource;
  templates: Templates;
  store: StateStore;
  memory: Memory;
  /** Where links lie, as nvl writes them and as Vector reads them. */
  linksDir: string;
  /** How Vector reaches the logs of tasks. */
  logAccess: LogAccess;
  /** Vector's data folder, for its positions in files; undefined when it is not known. */
  dataDir: string | undefined;
  ownAllocId: string | undefined;
  /** The task that nvl is, where it collects all others of its allocation. */
  ownTask?: string | undefined;
  /** What reads containers is there, where any are to be read. */
  isEngineThere?: boolean;
  /** The node is a recording: no file of it is on this machine, and each is taken to be there and unread. */
  isRecorded: boolean;
  /** A digest of all that Vector loads besides the live file; undefined where it is not looked at. */
  surroundings?: string | undefined;
  /** Which components of the running Vector do not deliver, where that is seen. */
  troubles?: (isLive: (sink: string) => boolean) => readonly DeliveryTrouble[];
  disk: {
    readLive(): Promise<string | undefined>;
    /** The table of all rows. */
    readTable(): Promise<string | undefined>;
    /** Whether what Vector reads of a table for a generated file is there as nvl wrote it. */
    hasTables(of: Omit<Tables, 'table'>): Promise<boolean>;
    /** Puts a table in its place, whole or not at all, behind what Vector reads of it. */
    writeTable(tables: Tables): Promise<void>;
    /** Writes the text beside the live file, to be proven. */
    stage(text: string): Promise<void>;
    /** Puts what was staged live. */
    swap(): Promise<void>;
    /** Remembers the live text as one that Vector runs well. */
    keepGeneration(text: string): Promise<void>;
    /** Puts this text live, whatever is staged: a Vector may die while a cycle proves its next file. */
    restore(text: string): Promise<void>;
    /** The newest text that Vector ran well and that fits. */
    lastGeneration(fits: (text: string) => boolean): Promise<string | undefined>;
    /** The templates that Vector took last, as they were kept. */
    readTemplates(): Promise<string | undefined>;
    /** Keeps them, for an nvl that starts on broken ones. */
    keepTemplates(text: string): Promise<void>;
    /** Moves away what is kept, as it is damaged; gives its new name, and none where one only looks. */
    setTemplatesAside(): Promise<string | undefined>;
  };
  /** The team's own files, as they were edited, may fit what is staged though they did not fit what is live. */
  takeOwnFiles?: (text: string) => Promise<void>;
  /** When to look again at the latest, though no task is due. */
  lookAgainMs?: number | undefined;
  /** Proves what is staged. */
  prove(candidate: Candidate): Promise<Proof>;
  /** `died`: Vector ended over it, and is started again by whoever runs it. */
  reload(options: { added: string[]; signal: AbortSignal }): Promise<ReloadResult>;
  now(): number;
  log: Log;
  signal: AbortSignal;
};

/** A table as text, its rows, and the generated file whose pipelines look them up. */
export type Tables = { table: string; rows: readonly Row[]; text: string };

/** A set to be proven, beside what is live and since when Vector runs that; undefined where that is not known. */
export type Candidate = {
  text: string;
  blocks: readonly Block[];
  live?: string | undefined;
  loadedAt?: number | undefined;
  /** Whether it comes to an end is all that is asked: nobody is to be blamed. */
  isTrial?: boolean;
};

/** What one daemon knows and no file. */
export type Memory = {
  /** Block texts that Vector refused, by the block's key. */
  quarantined: Map<string, Map<string, NvlError>>;
  /** What Vector did not load, or died of, though it was proven; undefined until it was read from the state. */
  refusedLoads?: readonly RefusedLoad[];
  /** How often Vector was told to load a file and a table without any sign that it did. */
  unconfirmedReloads?: { digest: string; times: number };
  proofs: ProofMemory;
  /** The links that could not be set in the last cycle, and why. */
  linkFaults?: string;
  /** What Vector last took of each profile; undefined until what an nvl before kept of it is read. */
  lastGood?: LastGood;
  /** What of it the disk has. */
  keptGood?: LastGood;
  /** What reads containers was there when it was last looked for. */
  wasEngineThere?: boolean;
  /** Why the disk does not have it, as it was last told. */
  keepFault?: string;
  /** The tasks of allocations that Nomad tells nothing new of, and what was decided of those that run. */
  nodeTasks: NodeTasks;
  running: RunningTasks;
  /** The contexts of allocations that Nomad tells nothing new of, and what rendering found out about them. */
  contexts: ContextMemo;
  tasks: TaskMemo;
  /** The last table that was whole. */
  table?: KnownTable;
};

export type Looked = {
  snapshot: NodeSnapshot;
  state: State;
  live: string | undefined;
  table: string | undefined;
  /** Its rows; none where there is no table, or one that nvl did not write. */
  rows: readonly Row[];
  /** What Vector reads of the table is there too, as nvl wrote it. */
  hasTables: boolean;
  /** Where tasks are, by the table; as they were last, where somebody took it away or broke it. */
  seats: Seats;
  /** Rows of pipelines that their tasks have left a while ago. */
  former: readonly Row[];
  /** Vector's positions, each source's read once. */
  positionsOf: PositionsOf;
  /** All that Nomad lists. */
  nodeTasks: readonly NodeTask[];
  collectedTasks: readonly CollectedTask[];
  /** Tasks that are not collected as their meta says so. */
  optedOut: readonly OptedOut[];
};

export type Proven = {
  rendered: Rendered;
  plan: Plan;
  refusal: NvlError | undefined;
  /** What is done: all of the plan; where that is refused, new rows beside the file that is live. */
  going: Going | undefined;
  /** What of it could not be proven on this machine. */
  unproven?: readonly Unproven[];
};

/** What goes to the disk and to Vector. */
export type Going = { plan: Plan; rows: readonly Row[]; pipelines: readonly string[] };

/** A block that Vector refuses, and what it says of it. */
export type Blamed = { block: Block; error: NvlError };

/** What could not be proven here, and why that is no fault of the configuration. */
export type Unproven = { component?: string; proof: ProofName | 'both'; why: string };

export type Proof =
  | { ok: true; warnings: readonly string[]; unproven?: readonly Unproven[] }
  | { ok: false; error: NvlError; blamed: readonly Blamed[] };

/** What one daemon knows of its proofs. */
export type ProofMemory = {
  /** Blocks set aside since a proof hung with them, in the order in which they are tried again; each entry is tried at once. */
  queue: (readonly Unit[])[];
  /** What could not be proven when it was last told. */
  toldUnproven: string;
  /** It knows the file of the last cycle, from which the next one differs in few places. */
  gateFile: FileGate;
  pace(ceilingMs: number): Pace;
  suspect(units: readonly Unit[]): void;
  /** A proof hung over what is live: not over anything new. */
  hung(proof: ProofName): void;
  /** The proofs to run now; undefined: both. */
  proofsNow(candidate: { areSinksLive: boolean }): readonly ProofName[] | undefined;
};

/** Blocks that one template rendered alike: whether Vector hangs over one of them is taken to hold for all. */
export type Unit = readonly Block[];

/**
 * What came of acting. `isAssumed`: nothing confirms the reload, and Vector is not told any more. `isRunning`: it refused the
 * file and goes on with the one that it had loaded.
 */
export type Acted = { outcome: Outcome; why?: NvlError; isAssumed?: true; isRunning?: boolean };
