import { relative as relativePath, resolve } from 'node:path';
import { checkConfig } from './check.ts';
import type { Config } from './config.ts';
import { configInvalid } from './faults.ts';
import { findConfig } from './find.ts';
import { fromEnv, fromFlags, misspelled } from './flags.ts';
import { readConfigFile } from './read.ts';

/**
 * The configuration: flags before variables before the file before defaults.
 *
 * `configFile` (`-c`, else the variable NVL_CONFIG) names the file, which then has to be there; otherwise one is looked for, and
 * none is fine. `flags` is what commander hands over. Throws one NvlError `configInvalid` that lists every fault.
 */
export const loadConfig = async ({
  cwd,
  env,
  flags = {},
  configFile = env.NVL_CONFIG || undefined,
  systemDir = '/etc/nvl',
  at = (file) => file,
}: {
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  flags?: Readonly<Record<string, unknown>> | undefined;
  configFile?: string | undefined;
  systemDir?: string | undefined;
  /** Where what belongs at a path really lies: the files of a commit that is laid out elsewhere. */
  at?: (file: string) => string;
}): Promise<Config> => {
  const file = configFile === undefined ? await findConfig({ cwd, systemDir, at }) : resolve(cwd, configFile);
  const { config, faults } = checkConfig({
    file:
      file === undefined
        ? undefined
        : { path: file, name: nameFrom(cwd, file), parsed: await readConfigFile(at(file)) },
    given: [...fromEnv(env), ...fromFlags(flags)],
    cwd,
  });
  const slips = misspelled(env).map(({ name, meant }) => ({
    where: name,
    text: `is not a variable that nvl knows; did you mean ${meant}?`,
  }));
  if (config === undefined || slips.length > 0) throw configInvalid([...faults, ...slips]);
  return config;
};

/** Short where the file is below the working directory, whole elsewhere. */
const nameFrom = (cwd: string, file: string): string => {
  const relative = relativePath(cwd, file);
  return relative === '' || relative.startsWith('..') ? file : relative;
};
