import { mkdir, readdir, rm, stat, symlink } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { type ConfigPath, trueFilePath } from './config-paths.ts';
import { asArgument } from './with-live.ts';

/** What stands in for one of Vector's paths: `path` is what to pass, `original` what a reader knows it as. */
export type Stand = { kind: 'file' | 'dir'; path: string; original: string; format?: 'toml' | 'json' | 'yaml' };

/**
 * Makes the same set of paths with the staged file in the live one's place, under `folder`, which is made anew: a link
 * with the live file's own name, since Vector reads a format from it, and for a folder a mirror of links. What does not
 * hold the live file is passed as it is, unless its name has a comma, at which Vector's flags would split it.
 */
export const mirrorPaths = async ({
  paths,
  liveFile,
  stagedFile,
  folder,
}: {
  paths: ConfigPath[];
  liveFile: string;
  stagedFile: string;
  folder: string;
}): Promise<Stand[]> => {
  const live = await trueFilePath(liveFile);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const stands: Stand[] = [];
  for (const [index, path] of paths.entries()) {
    const place = join(folder, String(index));
    const format = path.kind === 'file' && path.format !== undefined ? { format: path.format } : {};
    const stand = { kind: path.kind, original: path.path, ...format };
    if (path.kind === 'dir' && path.holdsLive) {
      await mirrorFolder({ from: path.path, to: place, live, stagedFile });
      stands.push({ ...stand, path: place });
    } else if (path.kind === 'file' && path.isLive) {
      stands.push({ ...stand, path: await linkIn({ place, name: basename(path.path), target: stagedFile }) });
    } else if (path.path.includes(',')) {
      // No name of its own: it is the comma that must go, and only a file's ending means something to Vector.
      const name = basename(path.path).replaceAll(',', '_');
      stands.push({ ...stand, path: await linkIn({ place, name, target: path.path }) });
    } else {
      stands.push({ ...stand, path: path.path });
    }
  }
  return stands;
};

/** The arguments of `vector validate` for these paths; the free-standing ones come last, behind `--`. */
export const validateArgs = (stands: Stand[]): string[] => [
  ...stands.flatMap(({ kind, path, format }) =>
    kind === 'file' && format !== undefined ? [`--config-${format}=${asArgument(path)}`] : [],
  ),
  ...stands.flatMap(({ kind, path }) => (kind === 'dir' ? [`--config-dir=${asArgument(path)}`] : [])),
  '--',
  ...stands.flatMap(({ kind, path, format }) => (kind === 'file' && format === undefined ? [asArgument(path)] : [])),
];

const linkIn = async ({ place, name, target }: { place: string; name: string; target: string }): Promise<string> => {
  await mkdir(place);
  const path = join(place, name);
  await symlink(target, path);
  return path;
};

type Mirror = { from: string; to: string; live: string; stagedFile: string };

/** Links go to where an entry lies, not to what its own link says: relative links keep their meaning. */
const mirrorFolder = async ({ from, to, live, stagedFile }: Mirror): Promise<void> => {
  await mkdir(to);
  const names = await readdir(from);
  let hasLive = false;
  for (const name of names) {
    const [entry, copy] = [join(from, name), join(to, name)];
    const target = await trueFilePath(entry);
    if (target === live) {
      hasLive = true;
      await symlink(stagedFile, copy);
    } else if (live.startsWith(target + sep) && (await isFolder(entry))) {
      await mirrorFolder({ from: entry, to: copy, live, stagedFile });
    } else {
      await symlink(entry, copy);
    }
  }
  // A live file that is about to be written for the first time.
  const own = join(from, basename(live));
  if (!hasLive && !names.includes(basename(live)) && (await trueFilePath(own)) === live) {
    await symlink(stagedFile, join(to, basename(live)));
  }
};

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
