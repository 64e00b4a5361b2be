import { collectTasks } from '../../lib/collect/collect.ts';
import { NodeTasks } from '../../lib/collect/node-tasks.ts';
import type { SampledFile } from '../../lib/files/sample-logs.ts';
import type { Allocation } from '../../lib/nomad/allocation.ts';
import type { TaskRecord } from '../../lib/state/record.ts';
import { EMPTY_LOG } from '../../lib/status/cycle-log.ts';
import type { HeldFacts } from '../../lib/status/held.ts';
import { aConfig, anAnswer, idOf } from '../support/builders.ts';

export const NOW = 1_000 * 3_600_000;
export const MIB = 1_024 * 1_024;

/** A file of a task's stdout that Vector reads. */
export const aFile = (given: Partial<SampledFile> = {}): SampledFile => ({
  id: 'nvl_1_app',
  pipeline: 'nvl_default_0',
  stream: 'stdout',
  index: 0,
  bytes: 100,
  readBytes: 100,
  isOnlyCopy: false,
  modifiedAt: NOW - 5_000,
  ...given,
});

/** What a daemon holds that has just started; nothing is known yet. */
export const heldFacts = (given: Partial<HeldFacts> = {}): HeldFacts => ({
  source: 'daemon',
  now: NOW,
  nvl: { version: '0.1.0', pid: 4711, startedAt: NOW - 3_600_000, root: '/var/lib/nvl', configFile: null },
  templates: { digest: '0123456789ab', readAt: NOW - 3_600_000 },
  vector: {
    runBy: 'nvl',
    pid: 4720,
    startedAt: NOW - 3_600_000,
    hasStarted: true,
    generation: 'ab12cd34ef56',
    loadedAt: NOW - 180_000,
  },
  cycles: EMPTY_LOG,
  seen: { nodeName: 'node-1', tasks: [], collectedTasks: [], refused: [] },
  state: { tasks: {}, nodeId: idOf(9) },
  sample: { at: NOW - 1_000, files: [] },
  history: new Map(),
  refusedFiles: [],
  takeFaults: [],
  unread: [],
  holdBytes: 2 * 1_024 * MIB,
  ...given,
});

/** The same, of a node that Nomad lists these allocations of; each task is read unless `recordOf` says otherwise. */
export const heldFor = async (
  allocations: readonly Allocation[],
  {
    recordOf = (record) => record,
    ...given
  }: Partial<HeldFacts> & { recordOf?: (record: TaskRecord) => TaskRecord | undefined } = {},
): Promise<HeldFacts> => {
  const snapshot = { ...anAnswer(...allocations), hasLeader: true };
  const config = aConfig();
  const tasks = new NodeTasks().of({ snapshot, config, ownAllocId: undefined });
  const reading = { phase: 'collected', pipeline: 'nvl_default_0', loadedAt: NOW - 60_000 } as const;
  const records = tasks.flatMap(({ id, wanted }) => {
    const record = wanted && recordOf({ ...wanted.names, ...reading });
    return record === undefined ? [] : [[id, record] as const];
  });
  const state = { schema: 1, installedAt: 0, tasks: Object.fromEntries(records), nodeId: idOf(9) };
  const collectedTasks = await collectTasks({
    snapshot,
    tasks,
    nodeSource: { ask: async () => snapshot, exists: async () => 'gone' },
    state,
    config,
    logAccess: { filesOf: async () => [], isGone: () => false },
    positionsOf: async () => new Map(),
    isRecorded: false,
    now: NOW,
    signal: new AbortController().signal,
  });
  const seen = { nodeName: 'node-1', tasks, collectedTasks, refused: given.seen?.refused ?? [] };
  return heldFacts({ state, ...given, seen });
};
