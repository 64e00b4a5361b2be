import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type AllocFolders, logDirOf } from './log-folder.ts';

export const SYMBOLIC =
  'nvl can make no hard link to a log file, and makes symbolic ones: what Nomad deletes before Vector has read it is lost, and what a task puts in the place of its log is read';

/** The line of configuration that cures it. Pure. */
export const symbolicAdvice = ({ allocDir, only }: AllocFolders): string =>
  only === undefined
    ? `put nvl's output root beside Nomad's allocations, with one mount for both, and run nvl as root: root = ${JSON.stringify(join(dirname(allocDir), 'nvl'))}`
    : `run this task with raw_exec or docker, as root, and root = ${JSON.stringify(join(allocDir, 'nvl'))}: with exec, the log folder is a mount of its own`;

/**
 * Why no hard link can lead from the output root to a log file; undefined where nothing speaks against it. Nothing is
 * made to find out, as the alloc directory is Nomad's.
 */
export const whyNoHardLinks = ({ root, ...folders }: { root: string } & AllocFolders): string | undefined => {
  // With exec that is a mount of its own.
  const allocDir = folders.only === undefined ? folders.allocDir : logDirOf({ ...folders, allocId: folders.only });
  const [from, to] = [firstThere(root), firstThere(allocDir)];
  if (from === undefined || to === undefined) return undefined;
  if (statSync(from).dev !== statSync(to).dev)
    return `the output root (${root}) and the alloc directory (${allocDir}) are on two file systems`;
  const { uid } = statSync(to);
  const isAllowed = process.geteuid?.() === 0 || process.geteuid?.() === uid;
  if (!isAllowed) return `nvl is neither root nor the owner of the alloc directory (${allocDir}, user ${uid})`;
  const points = mountPoints();
  if (mountOf({ path: from, points }) !== mountOf({ path: to, points }))
    return `the output root (${root}) and the alloc directory (${allocDir}) are mounted apart`;
  return undefined;
};

/** The real path of the folder, or of the first one above it that is there. */
const firstThere = (path: string): string | undefined => {
  try {
    return realpathSync(path);
  } catch {
    return dirname(path) === path ? undefined : firstThere(dirname(path));
  }
};

/** proc_pid_mountinfo(5). */
const mountPoints = (): string[] => {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map((line) => unescapeOctal(line.split(' ')[4] ?? ''));
  } catch {
    return [];
  }
};

const mountOf = ({ path, points }: { path: string; points: readonly string[] }): string =>
  points
    .filter((point) => point === '/' || path === point || path.startsWith(`${point}/`))
    .reduce((longest, point) => (point.length >= longest.length ? point : longest), '');

const unescapeOctal = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
