import { constants, type FileHandle, lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../errors.ts';

/** Of a task: each has log files of its own. */
export type LogStream = 'stdout' | 'stderr';

/** One log file of a task. `lastNewline` is the offset behind its last newline: 0 when it has none. */
export type LogFile = { name: string; dev: bigint; ino: bigint; size: bigint; lastNewline: bigint };

/**
 * The log files of one task, in Nomad's layout: `<task>.<stdout|stderr>.<N>` (client/logmon). Undefined when the folder
 * is gone. The fifos beside them start with a dot, and `app-sidecar`'s files are not `app`'s.
 */
export const listLogFiles = async ({ dir, task }: { dir: string; task: string }): Promise<LogFile[] | undefined> => {
  let names: string[];
  try {
    names = await readdir(dir);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
  const own = names.filter((name) => isLogFileOf({ task, name })).sort();
  const files = await Promise.all(own.map((name) => inspect(join(dir, name), name)));
  return files.filter((file) => file !== undefined);
};

export const isLogFileOf = ({ task, name }: { task: string; name: string }): boolean =>
  name.startsWith(`${task}.`) && /^(stdout|stderr)\.\d+$/.test(name.slice(task.length + 1));

const inspect = async (file: string, name: string): Promise<LogFile | undefined> => {
  try {
    const found = await lstat(file, { bigint: true });
    // A task may write into this folder: what is no plain file is not Nomad's, and a link may lead anywhere.
    if (!found.isFile()) return undefined;
    const { dev, ino, size } = found;
    return { name, dev, ino, size, lastNewline: await endOfLastLine(file, size) };
  } catch (error) {
    // Nomad's rotation removes the oldest file at any time.
    if (hasCode(error, 'ENOENT', 'ELOOP')) return undefined;
    throw error;
  }
};

const CHUNK = 64 * 1024;
const NEWLINE = 0x0a;

const endOfLastLine = async (file: string, size: bigint): Promise<bigint> => {
  if (size === 0n) return 0n;
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    return BigInt(await searchBack(handle, Number(size)));
  } finally {
    await handle.close();
  }
};

const searchBack = async (handle: FileHandle, size: number): Promise<number> => {
  const chunk = Buffer.alloc(Math.min(CHUNK, size));
  for (let end = size; end > 0; end -= chunk.length) {
    const start = Math.max(0, end - chunk.length);
    const { bytesRead } = await handle.read(chunk, 0, end - start, start);
    const found = chunk.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (found >= 0) return start + found + 1;
  }
  return 0;
};
