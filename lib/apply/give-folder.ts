import { lchown, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isOwn } from '../own-user.ts';
import { ownFolder } from './own.ts';

/**
 * Makes a folder below nvl's own that is another user's. What nvl's user left in it before goes with it, and the folder
 * itself last: until then nobody else can put a link into it.
 */
export const giveFolder = async ({
  folder,
  mode,
  to,
}: {
  folder: string;
  mode: number;
  to: { uid: number; gid: number };
}): Promise<void> => {
  const found = await lstat(folder).catch(() => undefined);
  if (found?.isDirectory() === true && found.uid === to.uid) return;
  await ownFolder({ folder, mode });
  if (isOwn(to.uid)) return;
  const below = await readdir(folder, { recursive: true });
  for (const name of below) await lchown(join(folder, name), to.uid, to.gid);
  await lchown(folder, to.uid, to.gid);
};
