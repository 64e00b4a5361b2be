import { realpathSync } from 'node:fs';
import path from 'node:path';

/** Whether a path is a folder or lies below it, as written. */
export const isWithin = ({ folder, file }: { folder: string; file: string }): boolean => {
  const relative = path.relative(folder, file);
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
};

/**
 * Where the file at a path of the checkout lies in the commit that is laid out in `dir`. What lies outside of the checkout
 * is no part of a commit, and stays where it is.
 */
export const placeInBase = ({ top, dir, file }: { top: string; dir: string; file: string }): string => {
  const inside = [file, withRealFolder(file)].find((name) => isWithin({ folder: top, file: name }));
  return inside === undefined ? file : path.join(dir, path.relative(top, inside));
};

/** The checkout may be reached through a link, and Git tells its real place. */
const withRealFolder = (file: string): string => {
  for (let folder = path.dirname(file), rest = path.basename(file); ; ) {
    try {
      return path.join(realpathSync(folder), rest);
    } catch {
      if (folder === path.dirname(folder)) return file;
      rest = path.join(path.basename(folder), rest);
      folder = path.dirname(folder);
    }
  }
};
