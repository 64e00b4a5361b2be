import { realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative as relativePath, sep } from 'node:path';

/** Whether a path is a folder or lies below it, as written. */
export const isWithin = ({ folder, file }: { folder: string; file: string }): boolean => {
  const relative = relativePath(folder, file);
  return relative !== '..' && !relative.startsWith(`..${sep}`) && !isAbsolute(relative);
};

/**
 * Where the file at a path of the checkout lies in the commit that is laid out in `dir`. What lies outside of the checkout
 * is no part of a commit, and stays where it is.
 */
export const placeInBase = ({ top, dir, file }: { top: string; dir: string; file: string }): string => {
  const inside = [file, withRealFolder(file)].find((name) => isWithin({ folder: top, file: name }));
  return inside === undefined ? file : join(dir, relativePath(top, inside));
};

/** The checkout may be reached through a link, and Git tells its real place. */
const withRealFolder = (file: string): string => {
  for (let folder = dirname(file), rest = basename(file); ; ) {
    try {
      return join(realpathSync(folder), rest);
    } catch {
      if (folder === dirname(folder)) return file;
      rest = join(basename(folder), rest);
      folder = dirname(folder);
    }
  }
};
