import type { TomlTable, TomlValue } from 'smol-toml';
import type { Place, Surroundings } from './place.ts';

/** One value's place in the text, and how it is written there. */
export type Slot = {
  /** Which of the values that the template put, in the order of the text. */
  valueIndex: number;
  /** The row of the language inside of the TOML string, where there is one: VRL, a Vector template, a glob. */
  inner: Place | undefined;
  /** The row of the TOML string or name around it; undefined for a bare value. */
  outer: Place | undefined;
  surroundings: Surroundings;
  /** It stands in a file glob. */
  isGlob: boolean;
  /**
   * In the program of labels, as what the value may be known only when an event comes: a text, any data, or a text, number
   * or yes or no.
   */
  column?: 'string' | 'value' | 'scalar';
  /** An empty value would let quotes or other values beside it touch: `{{a}}{{b}}`, `"""say "{{a}}""""`. */
  mayTouch: boolean;
  /** A value that ends in SECRET would begin a reference to a secret: `SECRET` for `{{a}}` in `{{a}}[x.y]`. */
  mayStartSecret: boolean;
};
/** A piece of the author's text, or the slot of a value. */
export type Part = string | Slot;

/** A string or bare value of the TOML tree in which values stand. */
export type Leaf = {
  /** Its text with placeholders, as TOML decodes it. */
  skeleton: string;
  /** The same, with a slot for each value. */
  parts: Part[];
  /** A value without quotes: `a = {{x}}`. */
  isBare: boolean;
  /** Of a VRL program: its tokens, each as its parts. */
  tokens: Part[][] | undefined;
};

/** All that is known of a skeleton (the rendered text with placeholders): found once, used for every task that shares it. */
export type SkeletonPlan = {
  /** The whole text. */
  parts: Part[];
  /** The tree that TOML's parser makes of the skeleton. */
  tree: TomlTable;
  /** What of the tree holds values, by JSON of its path. */
  leaves: ReadonlyMap<string, Leaf>;
  /** Names that hold values (`[transforms.{{id}}_x]`), by their text in the skeleton. */
  names: ReadonlyMap<string, Part[]>;
  /** Names that hold none. */
  plainNames: ReadonlySet<string>;
  /** The environment variables and secrets that Vector replaces in the raw text. */
  references: string[];
  /** Ids, inputs, bare values and what a source says, as far as values make them: a verdict on a text depends on these too. */
  identifying: Part[][];
};

export type { TomlTable, TomlValue };

/**
 * Why a skeleton (the rendered text with placeholders) cannot carry values: by `valueIndex` the value it is about, else by
 * `at` the place in the text.
 */
export type Fault = { place: string; why: string; instead?: string; valueIndex?: number; at?: number };
