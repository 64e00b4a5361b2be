import { ownFolder } from '../apply/own.ts';
import type { RootPaths } from '../apply/paths.ts';
import { pathsOf, prepareRoot, readMode } from '../apply/root.ts';
import { readLive } from '../apply/swap.ts';
import { backoffMs, pause } from '../backoff.ts';
import type { Config } from '../config/config.ts';
import { describeError } from '../errors.ts';
import { isDiskTrouble } from '../file-trouble.ts';
import type { Log } from '../log.ts';
import { findGroup } from '../vector/process/find-group.ts';
import { findUser } from '../vector/process/find-user.ts';

/**
 * The output root at the start of nvl. Where it can't be prepared, a daemon (`isPatient`) goes on with a live file that is
 * there, since a Vector that runs is worth more than an end, and waits for a disk that takes nothing now: its cycles, or the
 * next tries here, fix what is left. Everything else throws `rootUnusable`.
 */
export const openRoot = async ({
  root,
  group,
  isPatient,
  log,
  signal,
}: {
  root: string;
  group: number | undefined;
  isPatient: boolean;
  log: Log;
  signal: AbortSignal;
}): Promise<RootPaths> => {
  const paths = pathsOf(root);
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await prepareRoot({ root, group });
    } catch (err) {
      if (!isPatient || signal.aborted) throw err;
      const said = describeError(err)
        .split('\n', 1)[0]
        ?.replace(/^nvl: /, '');
      if (await hasLive({ paths, group })) {
        log.error({ err }, `${said}; what is live runs, and nvl tries again`);
        return paths;
      }
      if (!isDiskTrouble(err)) throw err;
      if (attempt === 0) log.error({ err }, `${said}; nothing is live yet, and nvl tries again`);
      await pause(backoffMs({ attempt, random: Math.random() }), signal);
    }
  }
};

/** The group whose members alone may read what Vector reads; undefined: all users may. Throws `vectorUser`. */
export const readersOf = async ({
  vector,
  vectorArgs,
}: {
  vector: Config['vector'];
  vectorArgs: readonly string[];
}): Promise<number | undefined> => {
  if (vector.group !== undefined) return findGroup(vector.group);
  // A Vector that nvl does not start has whatever user starts it.
  return vector.user === undefined || vectorArgs.length === 0 ? undefined : (await findUser(vector.user)).gid;
};

const hasLive = async ({ paths, group }: { paths: RootPaths; group: number | undefined }): Promise<boolean> => {
  try {
    await ownFolder({ folder: paths.live, mode: readMode(group) });
    return (await readLive(paths)) !== undefined;
  } catch {
    return false;
  }
};
