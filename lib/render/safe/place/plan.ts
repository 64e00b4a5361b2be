import type { TomlTable, TomlValue } from 'smol-toml';
import type { Place, Surroundings } from './place.ts';

/** One value's place in the text. */
export type Slot = {
  /** Which of the values that the template put, in the order of the text. */
  valueIndex: number;
  /** The row of the language inside the string, where there is one. */
  inner: Place | undefined;
  /** The row of the TOML string or name around it. */
  outer: Place | undefined;
  surroundings: Surroundings;
  isGlob: boolean;
  /** Empty, it would let quotes or other values beside it touch. */
  mayTouch: boolean;
  /** Before a `[` of the author's: with `SECRET` at its end it would begin a reference. */
  mayStartSecret: boolean;
};
export type Part = string | Slot;

/** A string or bare value of the tree that holds values. */
export type Leaf = {
  /** In the skeleton, as TOML has decoded it. */
  skeleton: string;
  /** The same with values. */
  parts: Part[];
  isBare: boolean;
  /** Of a VRL program: its tokens, each as its parts. */
  tokens: Part[][] | undefined;
};

/** Everything that is known of a skeleton: found once, used for every task that shares it. */
export type SkeletonPlan = {
  parts: Part[];
  /** The skeleton's tree, and what of it holds values, by JSON of the path. */
  tree: TomlTable;
  leaves: ReadonlyMap<string, Leaf>;
  /** Names that hold values, by their text in the skeleton; the names that hold none. */
  names: ReadonlyMap<string, Part[]>;
  plainNames: ReadonlySet<string>;
  /** What Vector would replace in the raw text. */
  references: string[];
  /** Ids, inputs and yes/no options that values make: what the shape alone does not tell. */
  identifying: Part[][];
};

export type { TomlTable, TomlValue };

/** Where the rendered text cannot carry values safely, and why. */
export type Fault = { place: string; why: string; instead?: string; valueIndex?: number; at?: number };
