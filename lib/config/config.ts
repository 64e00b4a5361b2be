import type { z } from 'zod';
import type { configSchema } from './schema.ts';

/**
 * Everything a person can set, checked and with its defaults filled in. Durations are milliseconds, paths are absolute,
 * and at most one of `nomad.token` and `nomad.tokenFile` is there.
 */
export type Config = z.output<typeof configSchema> & {
  /** The file it was read from; undefined without one. */
  file: string | undefined;
};
