import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { fs } from '../built-in.ts';

/** The name of nvl's socket in its output root. */
export const SOCKET_NAME = 'nvl.sock';

/** A folder that is held open while a socket in it is made or found. */
export type SocketFolder = {
  /** A path to a name in it that is short enough for a socket's (108 bytes), whatever lies where the folder lay. */
  pathOf(name: string): string;
  /** Undefined where nothing lies. */
  look(name: string): Stats | undefined;
  /** Who owns the folder. */
  uid: number;
  close(): void;
};

/**
 * Opens the folder that a socket lies in. It is looked up once: what is made and found there goes through `/proc/self/fd`. Throws
 * what the disk says of a folder that is missing or shut.
 *
 * @source unix(7): `sun_path` has 108 bytes.
 */
export const openSocketFolder = (folder: string): SocketFolder => {
  const fd = fs.openSync(folder, O_PATH | fs.constants.O_DIRECTORY);
  const here = `/proc/self/fd/${fd}`;
  const hasProc = fs.lstatSync(here, { throwIfNoEntry: false }) !== undefined;
  const pathOf = (name: string): string => (hasProc ? `${here}/${name}` : join(folder, name));
  return {
    pathOf,
    look: (name) => fs.lstatSync(pathOf(name), { throwIfNoEntry: false }),
    uid: fs.lstatSync(pathOf('.')).uid,
    close: () => fs.closeSync(fd),
  };
};

/** Only a way to a place, which takes no right to read it: open(2). */
const O_PATH = 0o10000000;
