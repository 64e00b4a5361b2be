import type { CollectedTask } from '../collect/collect.ts';
import type { NodeTask } from '../collect/node-tasks.ts';
import type { LogSample } from '../files/sample-logs.ts';
import type { Unread } from '../files/unread.ts';
import type { RefusedBlock } from '../render/refused.ts';
import type { State } from '../state/state.ts';
import type { CycleLog } from './cycle-log.ts';
import type { NodeStatus, VectorStatus } from './status.ts';
import type { WriteHistory } from './write-rates.ts';

/** What a daemon holds at one moment, of which its status is made; without one, what its state says. */
export type HeldFacts = {
  source: NodeStatus['source'];
  now: number;
  nvl: NodeStatus['nvl'];
  templates: NodeStatus['templates'];
  vector: VectorStatus;
  cycles: CycleLog;
  /** Of the last cycle that came to its end. */
  seen: SeenTasks;
  state: Pick<State, 'tasks' | 'ownFiles' | 'nodeId'>;
  sample: LogSample | undefined;
  history: WriteHistory;
  /** What lies in log folders and is not taken for a log. */
  refusedFiles: readonly RefusedFile[];
  /** Allocations whose log files cannot be taken, and why. */
  takeFaults: readonly { allocId: string; said: string }[];
  unread: readonly Unread[];
  holdBytes: number | undefined;
};

export type RefusedFile = { allocId: string; name: string; why: string };

export type SeenTasks = {
  nodeName: string | undefined;
  /** All that Nomad lists. */
  tasks: readonly NodeTask[];
  /** Those that are collected, or were. */
  collectedTasks: readonly CollectedTask[];
  refused: readonly RefusedBlock[];
};
