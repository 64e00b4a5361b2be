import type { LogStream } from '../link-name.ts';

/** Lines that stand for those of a task. `about`: whose they are, in words behind "40 lines". */
export type SampleLines = { about: string; logs: readonly { stream: LogStream; bytes: Buffer }[] };

/** What came of a sample in a pipeline. */
export type SampleRun = Passed | UnknownRun;

/** Why nothing can be said, in words that go on after a colon. */
export type UnknownRun = { unknown: string };

export type Passed = {
  /** How many lines went in, with how many bytes; `passed`: of how many of them an event came. */
  lines: number;
  passed: number;
  bytes: number;
  /** Of all events as JSON. */
  eventBytes: number;
  /** How many events each component let go, by its words: `parse: sampled out`. */
  reasons: ReadonlyMap<string, number>;
};

export const isUnknown = (run: SampleRun): run is UnknownRun => 'unknown' in run;
