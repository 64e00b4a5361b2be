import { mkdir, readdir, stat, symlink } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { loadedFiles } from '../config/loaded-files.ts';
import { type ConfigPath, trueFilePath } from '../config/paths.ts';
import { asArgument } from '../config/with-live.ts';

/** What stands in for one of Vector's paths: `path` is what to pass, `original` what a reader knows it as. */
export type MirroredPath = { kind: 'file' | 'dir'; path: string; original: string; format?: 'toml' | 'json' | 'yaml' };

/**
 * Makes the same set of paths with other files in some files' places (the staged one in that of the live one), under
 * `folder`: a link with the file's own name, since Vector reads a format from it, and for a folder a mirror of links. What
 * holds none of them is passed as it is, unless its name has a comma, at which Vector's flags would split it.
 */
export const mirrorPaths = async ({
  paths,
  liveFile,
  standIns,
  folder,
}: {
  paths: ConfigPath[];
  liveFile: string;
  /** What to read in the place of which file, by the true path of that. */
  standIns: ReadonlyMap<string, string>;
  folder: string;
}): Promise<MirroredPath[]> => {
  const live = await trueFilePath(liveFile);
  const mirroredPaths: MirroredPath[] = [];
  for (const [index, path] of paths.entries()) {
    const place = join(folder, String(index));
    const format = path.kind === 'file' && path.format !== undefined ? { format: path.format } : {};
    const mirrored = { kind: path.kind, original: path.path, ...format };
    const standIn = path.kind === 'file' ? standIns.get(await trueFilePath(path.path)) : undefined;
    if (path.kind === 'dir' && (path.holdsLive || (await reads({ path, standIns })))) {
      await mirrorFolder({ from: path.path, to: place, live: path.holdsLive ? live : undefined, standIns });
      mirroredPaths.push({ ...mirrored, path: place });
    } else if (standIn !== undefined) {
      const name = basename(path.path).replaceAll(',', '_');
      mirroredPaths.push({ ...mirrored, path: await linkIn({ place, name, target: standIn }) });
    } else if (path.path.includes(',')) {
      // No name of its own: it is the comma that must go, and only a file's ending means something to Vector.
      const name = basename(path.path).replaceAll(',', '_');
      mirroredPaths.push({ ...mirrored, path: await linkIn({ place, name, target: path.path }) });
    } else {
      mirroredPaths.push({ ...mirrored, path: path.path });
    }
  }
  return mirroredPaths;
};

/** The arguments of `vector validate` for these paths; the free-standing ones come last, behind `--`. */
export const validateArgs = (mirroredPaths: MirroredPath[]): string[] => [
  ...mirroredPaths.flatMap(({ kind, path, format }) =>
    kind === 'file' && format !== undefined ? [`--config-${format}=${asArgument(path)}`] : [],
  ),
  ...mirroredPaths.flatMap(({ kind, path }) => (kind === 'dir' ? [`--config-dir=${asArgument(path)}`] : [])),
  '--',
  ...mirroredPaths.flatMap(({ kind, path, format }) =>
    kind === 'file' && format === undefined ? [asArgument(path)] : [],
  ),
];

const linkIn = async ({ place, name, target }: { place: string; name: string; target: string }): Promise<string> => {
  await mkdir(place);
  const path = join(place, name);
  await symlink(target, path);
  return path;
};

type Mirror = { from: string; to: string; live: string | undefined; standIns: ReadonlyMap<string, string> };

/** Links go to where an entry lies, not to what its own link says: relative links keep their meaning. */
const mirrorFolder = async ({ from, to, live, standIns }: Mirror): Promise<void> => {
  await mkdir(to, { recursive: true });
  const names = await readdir(from);
  for (const name of names) {
    const [entry, copy] = [join(from, name), join(to, name)];
    const target = await trueFilePath(entry);
    const standIn = standIns.get(target);
    if (standIn !== undefined) await symlink(standIn, copy);
    else if ((await holdsAny({ dir: target, files: [...standIns.keys()] })) && (await isFolder(entry))) {
      await mirrorFolder({ from: entry, to: copy, live: undefined, standIns });
    } else await symlink(entry, copy);
  }
  // A live file that is about to be written for the first time.
  const own = live === undefined ? undefined : join(from, basename(live));
  if (own === undefined || names.includes(basename(own)) || (await trueFilePath(own)) !== live) return;
  await symlink(standIns.get(live ?? '') ?? '', join(to, basename(own)));
};

const reads = async ({
  path,
  standIns,
}: {
  path: ConfigPath;
  standIns: ReadonlyMap<string, string>;
}): Promise<boolean> => {
  const files = await Promise.all((await loadedFiles([path])).map(({ file }) => trueFilePath(file)));
  return files.some((file) => standIns.has(file));
};

/** Whether one of these files, given by their true paths, lies anywhere below a folder, whatever links lead there. */
const holdsAny = async ({ dir, files }: { dir: string; files: readonly string[] }): Promise<boolean> => {
  const below = `${await trueFilePath(dir)}${sep}`;
  return files.some((file) => file.startsWith(below));
};

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
