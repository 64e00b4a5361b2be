import type { ConfigFault } from './faults.ts';

/** What a format's reader makes of a file: its tree, or what is wrong with it, each with its line. */
export type Parsed = {
  /** Undefined when there are faults, or when the file is empty. */
  tree: unknown;
  /** The line, from 1, of the key or item at `path`, or of what of it is there. */
  lineOf: (path: readonly PropertyKey[]) => number | undefined;
  faults: Pick<ConfigFault, 'line' | 'text'>[];
};
