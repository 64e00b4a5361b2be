import type { TaskContext } from '../context/context.ts';
import type { Engine } from '../engine/engine.ts';
import type { Rendered } from '../render/render.ts';
import type { Templates } from '../render/templates.ts';
import type { Vrl } from '../vrl/vrl.ts';
import type { RunCase } from './session.ts';

/** Looks on while cases run in nvl itself. What comes of them must be the same. */
export type RunObserver = {
  /** What runs their programs from then on. */
  wrapVrl: (vrl: Vrl) => Vrl;
  /** Called once, when all have run. */
  ran: (run: RanInNvl) => void;
};

export type RanInNvl = {
  templates: Templates;
  blocks: Rendered['blocks'];
  programs: Engine['programs'];
  tasks: readonly RanTask[];
  linksDir: string;
};

/** The task of a case; that of a profile without one wrote nothing, and its case has no name. */
export type RanTask = {
  testCase: RunCase;
  context: TaskContext;
  /** Undefined for one that could not be run. */
  pipeline: string | undefined;
};
