import { z } from 'zod';

/** What the command line, the environment and the reference page say of a key, beyond what its type says. */
export type KeyMeta = {
  /** The variable; without it NVL_ and the key: `collect.removalDelay` is NVL_COLLECT_REMOVAL_DELAY. */
  env?: string;
  /** The flag; without it the key: `--collect-removal-delay`. `false`: none, since other users can read a command line. */
  flag?: string | false;
  /** What the flag takes, as a help page shows it; a yes/no takes nothing. */
  argument?: string;
  /** Relative values are meant from the file's folder, or from the working directory when a flag or variable says them. */
  path?: 'always' | 'program';
  /** Never shown, neither whole nor in part. */
  secret?: boolean;
  /** Nomad's own flag or variable, which means what it means to `nomad`. */
  nomad?: boolean;
  /** What holds when the key is not set, in words, where no fixed value says it. */
  otherwise?: string;
};

export const keyMeta = z.registry<KeyMeta>();

/**
 * Gives a type its description and the rest. The rest stands in a registry of its own, so that a JSON Schema made of the
 * same types holds nothing that an editor does not know.
 */
export const key = <T extends z.ZodType>(type: T, { description, ...meta }: KeyMeta & { description: string }): T => {
  const described = type.meta({ description });
  keyMeta.add(described, meta);
  return described;
};
