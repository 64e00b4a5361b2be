import type { Dirent, Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** One thing below a folder: its path from there with `/`. `other`: a FIFO, a device, a link that leads nowhere. */
export type Entry = { path: string; kind: 'file' | 'folder' | 'other' };

/** All that lies below a folder, and the folders in it that cannot be read. */
export type Listing = { entries: Entry[]; unread: { path: string; error: unknown }[] };

/**
 * Lists what lies below a folder, what is near the top first. Links are followed, to folders too; one that leads back to
 * a folder around it is not entered. `isSkipped` folders are listed and not entered. Rejects where `dir` itself cannot be read.
 */
export const listFolder = async ({
  dir,
  isSkipped,
}: {
  dir: string;
  isSkipped: (path: string) => boolean;
}): Promise<Listing> => {
  const listing: Listing = { entries: [], unread: [] };
  const waiting: Waiting[] = [{ path: '', around: [] }];
  // The list grows while it is walked, so that what is near the top comes first.
  for (const folder of waiting) {
    if (listing.entries.length > MOST_ENTRIES) break;
    try {
      waiting.push(...(await lookInto({ dir, folder, isSkipped, entries: listing.entries })));
    } catch (error) {
      if (folder.path === '') throw error;
      listing.unread.push({ path: folder.path, error });
    }
  }
  return listing;
};

/** No templates folder holds as many: a link leads to somewhere else, and what is near the top was seen. */
const MOST_ENTRIES = 50_000;

const DEEPEST = 16;

/** `around`: the folders that it lies in, by device and inode. */
type Waiting = { path: string; around: readonly string[] };

/** The folders in it that are to be entered. */
const lookInto = async ({
  dir,
  folder,
  isSkipped,
  entries,
}: {
  dir: string;
  folder: Waiting;
  isSkipped: (path: string) => boolean;
  entries: Entry[];
}): Promise<Waiting[]> => {
  const here = join(dir, folder.path);
  const around = [...folder.around, identity(await stat(here))];
  const inside: Waiting[] = [];
  for (const entry of await readdir(here, { withFileTypes: true })) {
    const name = folder.path === '' ? entry.name : `${folder.path}/${entry.name}`;
    const { kind, id } = await whatIs({ file: join(here, entry.name), entry });
    entries.push({ path: name, kind });
    const isCircle = id !== undefined && around.includes(id);
    if (kind === 'folder' && !isCircle && around.length < DEEPEST && !isSkipped(name))
      inside.push({ path: name, around });
  }
  return inside;
};

const whatIs = async ({
  file,
  entry,
}: {
  file: string;
  entry: Dirent;
}): Promise<{ kind: Entry['kind']; id?: string }> => {
  if (entry.isFile()) return { kind: 'file' };
  if (entry.isDirectory()) return { kind: 'folder' };
  if (!entry.isSymbolicLink()) return { kind: 'other' };
  const found = await stat(file).catch(() => undefined);
  if (found?.isDirectory()) return { kind: 'folder', id: identity(found) };
  return { kind: found?.isFile() ? 'file' : 'other' };
};

const identity = ({ dev, ino }: Stats): string => `${dev}:${ino}`;
