import type { Vrl, VrlProgram, VrlRunOptions } from '../vrl/vrl.ts';
import type { EngineEvent, Outputs } from './event.ts';

/** A transform of Vector's, which takes events and gives others. It may keep state from call to call. */
export type Transform = {
  /** What it has compiled and runs. */
  programs: readonly VrlProgram[];
  /** `atMs`: when they come, by a clock of the run's own. */
  take(events: readonly EngineEvent[], atMs: number): Promise<TransformStep>;
  /** What it holds back, which time lets go. */
  release?(): TransformStep;
};

export type TransformStep = { outputs: Outputs; dropped?: readonly Dropped[] };

/** An event that a transform let go, as it came, and why. */
export type Dropped = { event: EngineEvent; why: string };

/** What a transform is made of. Options are as they stand in the configuration. */
export type TransformParts = {
  /** Of the component. */
  id: string;
  options: Readonly<Record<string, unknown>>;
  vrl: Vrl;
  run: VrlRunOptions;
  readProgram: ReadProgram;
};

/** Reads a file with VRL, by the path that the configuration has; undefined where it cannot be read. */
export type ReadProgram = (path: string) => string | undefined;

/** What this engine cannot do as Vector does it, in words that go behind `type "…": `. */
export class NotRunnable extends Error {}
