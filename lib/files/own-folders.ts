import { chmodSync, lstatSync, mkdirSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { hasCode } from '../errors.ts';

/** As listed by the disk; nothing where there is no folder. */
export const namesIn = (dir: string): string[] => {
  try {
    return readdirSync(dir);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
};

/** Makes a folder in one of nvl's own. Nothing that nvl makes there is a link to one. */
export const ensureFolder = ({ folder, mode }: { folder: string; mode: number }): void => {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) return;
  if (found?.isSymbolicLink() === true) unlinkSync(folder);
  mkdirSync(folder, { mode });
  chmodSync(folder, mode);
};

export const removeIfThere = (path: string): void => {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'EISDIR', 'EPERM')) throw error;
  }
};

/** What is in it and not nvl's stays, and the folder with it. */
export const removeIfEmpty = (folder: string): void => {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (hasCode(error, 'ENOTDIR')) removeIfLink(folder);
    else if (!hasCode(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST')) throw error;
  }
};

const removeIfLink = (path: string): void => {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) unlinkSync(path);
};
