import type { Config } from '../config/config.ts';
import { stemOf } from '../context/id.ts';
import type { CycleObserver } from '../daemon/session.ts';
import { positionsReader } from '../files/checkpoints.ts';
import { sampleLogs } from '../files/sample-logs.ts';
import { EMPTY_LOG, withFailure, withResult, withTemplates } from '../status/cycle-log.ts';
import type { HeldFacts, SeenTasks } from '../status/held.ts';
import type { VectorStatus } from '../status/status.ts';
import { templatesDigest } from '../status/templates-digest.ts';
import { withSample } from '../status/write-rates.ts';
import { ageMs } from '../vector/process/identity.ts';
import type { DaemonResources } from './session.ts';

/** What a daemon holds for people who ask, and what changes it: cycles, and a look at the log files. */
export type StatusFacts = {
  observer: CycleObserver;
  /** The configuration from now on. */
  use(config: Config): void;
  /** Looks at the log files. */
  sample(): Promise<void>;
  /** All of it at this moment; nothing is looked up. */
  now(): HeldFacts;
};

export const statusFacts = ({
  resources: { logs, store, paths, runningVector, vectorArgs },
  version,
}: {
  resources: DaemonResources;
  /** nvl's own. */
  version: string;
}): StatusFacts => {
  let nvl: HeldFacts['nvl'] = { version, pid: process.pid, startedAt: Date.now(), root: paths.root, configFile: null };
  let holdBytes: number | undefined;
  let cycles = EMPTY_LOG;
  let seen: SeenTasks = { nodeName: undefined, tasks: [], collectedTasks: [], refused: [] };
  let templates: HeldFacts['templates'] = null;
  let sample: HeldFacts['sample'];
  let history: HeldFacts['history'] = new Map();
  const start = createVectorStart();
  return {
    observer: {
      result: ({ result, time }) => {
        const { nodeName, nodeTasks: tasks, collectedTasks, refused } = result;
        seen = { nodeName, tasks, collectedTasks, refused };
        cycles = withResult({ log: cycles, result, time });
      },
      failure: ({ error, time }) => {
        cycles = withFailure({ log: cycles, error, time });
      },
      templates: (read) => {
        cycles = withTemplates({ log: cycles, faults: read.faults, at: Date.now() });
        templates = { digest: templatesDigest(read), readAt: Date.now() };
      },
      // Counted, and not kept.
      proof: () => {},
      reload: () => {},
      nomadError: () => {},
    },
    use: ({ file, collect }) => {
      nvl = { ...nvl, configFile: file ?? null };
      holdBytes = collect.hold;
    },
    sample: async () => {
      const positionsOf = positionsReader(runningVector.dataDir);
      sample = await sampleLogs({ links: logs.shelf.all(), positionsOf, idOf: stemOf, now: Date.now });
      const sizes = new Map(seen.tasks.map(({ id, task }) => [id, task.logs.maxFileSizeMB * 1_024 * 1_024]));
      history = withSample({ history, sample, fileBytes: (id) => sizes.get(id) });
      await start.look(store.read().vector);
    },
    now: () => {
      const state = store.read();
      const { refused: refusedFiles, faults: takeFaults } = logs.troubles();
      const runBy = vectorArgs.length > 0 ? 'nvl' : 'others';
      return {
        ...{ source: 'daemon', now: Date.now(), nvl, templates, cycles, seen, state },
        ...{ sample, history, refusedFiles, takeFaults, unread: logs.unread.all(), holdBytes },
        vector: vectorStatus({ state, runBy, startedAt: start.of(state.vector?.pid) }),
      };
    },
  };
};

type Remembered = Pick<ReturnType<DaemonResources['store']['read']>, 'loaded' | 'vector'>;

const SHORT_DIGEST = 12;

/** As the state remembers it. Pure. */
export const vectorStatus = ({
  state: { loaded, vector },
  runBy,
  startedAt,
}: {
  state: Remembered;
  runBy: VectorStatus['runBy'];
  startedAt: number | null;
}): VectorStatus => ({
  runBy,
  pid: vector?.pid ?? null,
  startedAt,
  hasStarted: runBy === 'nvl' ? vector?.hasStarted === true : null,
  generation: loaded?.digest.slice(0, SHORT_DIGEST) ?? null,
  loadedAt: loaded?.at ?? null,
});

/** When Vector was started: the kernel is asked once for each. */
const createVectorStart = () => {
  let known: { pid: number; at: number | null } | undefined;
  return {
    look: async (vector: Remembered['vector']): Promise<void> => {
      if (vector === undefined || vector.pid === known?.pid) return;
      const age = await ageMs(vector);
      known = { pid: vector.pid, at: age === undefined ? null : Math.round(Date.now() - age) };
    },
    of: (pid: number | undefined): number | null => (known?.pid === pid ? (known?.at ?? null) : null),
  };
};
