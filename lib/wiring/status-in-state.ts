import { existsSync } from 'node:fs';
import { rootPaths } from '../apply/paths.ts';
import type { Config } from '../config/config.ts';
import { stemOf } from '../context/id.ts';
import { positionsReader } from '../files/checkpoints.ts';
import { linksToSample, sampleLogs } from '../files/sample-logs.ts';
import { readUnread } from '../files/unread.ts';
import { peekState } from '../state/state.ts';
import { EMPTY_LOG } from '../status/cycle-log.ts';
import type { HeldFacts } from '../status/held.ts';
import { isSameProcess } from '../vector/process/identity.ts';
import { vectorStatus } from './status-facts.ts';

/** What an output root says on which no nvl works; undefined where none ever did. Nothing is written. */
export const statusInState = async (
  config: Pick<Config, 'root' | 'file' | 'vector' | 'collect'>,
): Promise<HeldFacts | undefined> => {
  const paths = rootPaths(config.root);
  const state = await peekState(paths.state);
  if (state === undefined) return undefined;
  const dataDir = config.vector.dataDir ?? (existsSync(paths.dataDir) ? paths.dataDir : undefined);
  const sample = await sampleLogs({
    links: linksToSample(paths),
    positionsOf: dataDir === undefined ? undefined : positionsReader(dataDir),
    idOf: stemOf,
    now: Date.now,
  });
  const runs = state.vector !== undefined && (await isSameProcess(state.vector));
  const { vector: _, ...ended } = state;
  return {
    source: 'state',
    now: Date.now(),
    nvl: { version: '', pid: null, startedAt: null, root: config.root, configFile: config.file ?? null },
    templates: null,
    vector: vectorStatus({
      state: runs ? state : ended,
      runBy: state.vector === undefined ? null : 'nvl',
      startedAt: null,
    }),
    cycles: EMPTY_LOG,
    seen: { nodeName: undefined, tasks: [], collectedTasks: [], refused: [] },
    state,
    sample,
    history: new Map(),
    refusedFiles: [],
    takeFaults: [],
    unread: readUnread(paths.unreadFile),
    holdBytes: config.collect.hold,
  };
};
