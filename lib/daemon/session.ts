import type { Config } from '../config/config.ts';
import type { CycleDeps, CycleResult, Proof } from '../cycle-deps.ts';
import type { NvlError } from '../errors.ts';
import type { LogKeeper } from '../files/keep-logs.ts';
import type { FollowedSource } from '../nomad/node-source.ts';
import type { Templates } from '../render/templates.ts';
import type { ReloadResult } from '../vector/process/reload-result.ts';

/** What is told of each cycle beside the log; `time` is in milliseconds since the epoch. It never throws, and nobody waits for it. */
export type CycleObserver = {
  result(done: { result: CycleResult; time: CycleTime }): void;
  failure(done: { error: unknown; time: CycleTime }): void;
  templates(templates: Templates): void;
  /** What Vector made of a file that it was asked to prove; undefined where it could not be asked. */
  proof(proof: Proof | undefined): void;
  reload(result: ReloadResult): void;
  /** A question to Nomad that came to nothing. */
  nomadError(error: NvlError): void;
};

type CycleTime = { startedAt: number; endedAt: number };

/** What one daemon is made of for one reading of its configuration. */
export type DaemonSession = {
  config: Config;
  /** Is told of cycles, for people who ask. */
  observer?: CycleObserver | undefined;
  /** Which node this is and where its allocations lie; rejects while Nomad is away. */
  locate: (signal: AbortSignal) => Promise<{ nodeId: string; allocDir: string }>;
  /** Waits for news of the node, and says how long the list is good for where there are none. */
  nomad: Pick<FollowedSource, 'follow' | 'events' | 'intervalMs'>;
  /** Takes the log files of an allocation as soon as its folder is seen. */
  logs: Pick<LogKeeper, 'see' | 'lose'>;
  readTemplates: () => Promise<Templates>;
  /** The last good ones that an nvl before kept; undefined where they are not whole. */
  keptTemplates?: () => Promise<Templates | undefined>;
  /** Folders and files whose edits call for another look. */
  watched: readonly string[];
  makeDeps: (given: { templates: Templates; memory: CycleDeps['memory']; signal: AbortSignal }) => Promise<CycleDeps>;
};
