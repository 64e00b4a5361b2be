import { existsSync } from 'node:fs';
import { relative as relativePath, resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { NvlError } from '../errors.ts';

/** The base's configuration, and what a reader of the review has to know of it. */
export type BaseConfig = { config: Config; notes: string[] };

/**
 * The configuration of a base as it would be at the checkout's own place: only its bytes come from where the commit was laid out, so
 * that a relative path means the same on both sides. What the base has none of, or a broken one, is this checkout's.
 */
export const loadBaseConfig = async ({
  cwd,
  env,
  flags,
  named,
  head,
  inBase,
}: {
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  flags: Readonly<Record<string, unknown>>;
  /** The file that a flag or a variable names. */
  named: string | undefined;
  /** This checkout's. */
  head: Config;
  /** Where a file of the checkout lies in the base. */
  inBase: (file: string) => string;
}): Promise<BaseConfig> => {
  const shown = (file: string): string => relativePath(cwd, file) || file;
  const file = named === undefined ? undefined : resolve(cwd, named);
  if (file !== undefined && !existsSync(inBase(file))) return instead({ head, why: `has no ${shown(file)}` });
  try {
    const config = await loadConfig({ cwd, env, flags, at: inBase, ...(file !== undefined && { configFile: file }) });
    if (config.file !== undefined || head.file === undefined) return { config, notes: [] };
    return instead({ head, why: `has no ${shown(head.file)}` });
  } catch (error) {
    if (!(error instanceof NvlError) || error.code !== 'configInvalid') throw error;
    return instead({ head, why: 'has a configuration with faults' });
  }
};

const instead = ({ head, why }: { head: Config; why: string }): BaseConfig => ({
  config: head,
  notes: [`the base ${why}: its templates are rendered with the configuration of this checkout`],
});
