import { lstat, mkdir, readlink, rename, symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../errors.ts';
import type { LogAccess, TaskLogs } from './log-access.ts';

/** A link for each task, in a folder of nvl's own. `targetOf`: the log folder as Vector sees it. */
export const accessByLinks = ({
  linksDir,
  targetOf,
}: {
  linksDir: string;
  targetOf: (logs: TaskLogs) => string;
}): LogAccess => ({
  dirOf: ({ id }) => `${linksDir}/${id}`,
  open: async (logs) => {
    await ensureLink({ linksDir, id: logs.id, target: targetOf(logs) });
  },
  close: async ({ id }) => {
    await removeLink({ linksDir, id });
  },
});

/**
 * The links that sources read through: `<root>/links/<id>` to an allocation's log folder. Vector sends a last line
 * without a newline only when the file is no longer found while its source still runs; taking the link away is what
 * does that.
 */
export const ensureLink = async ({
  linksDir,
  id,
  target,
}: {
  linksDir: string;
  id: string;
  target: string;
}): Promise<boolean> => {
  const link = join(linksDir, id);
  if ((await readTarget(link)) === target) return false;
  await mkdir(linksDir, { recursive: true });
  const beside = join(linksDir, `.${id}.new`);
  await removeIfLink(beside);
  await symlink(target, beside);
  try {
    await rename(beside, link);
  } catch (error) {
    await removeIfLink(beside);
    throw error;
  }
  return true;
};

/** True when there was one. What lies there and is not a link is not nvl's, and stays. */
export const removeLink = async ({ linksDir, id }: { linksDir: string; id: string }): Promise<boolean> =>
  removeIfLink(join(linksDir, id));

const readTarget = async (link: string): Promise<string | undefined> => {
  try {
    return await readlink(link);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EINVAL')) return undefined;
    throw error;
  }
};

const removeIfLink = async (link: string): Promise<boolean> => {
  try {
    if (!(await lstat(link)).isSymbolicLink()) return false;
    await unlink(link);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
};
