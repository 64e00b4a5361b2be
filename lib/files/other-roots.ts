import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** An output root that another nvl works on now. */
export type OtherRoot = { root: string; pid: string };

/**
 * The output roots of other nvls that have a link to this file, as far as /proc shows who runs: each nvl holds its root open. Two
 * of them on one node refuse each other's log files, since each of these has a name more than Nomad gave it.
 */
export const findOtherRoots = ({ own, file }: { own: string; file: { dev: bigint; ino: bigint } }): OtherRoot[] => {
  const found = new Map<string, string>();
  const ownPath = realOf(own);
  for (const pid of namesIn('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const fd of namesIn(`/proc/${pid}/fd`)) {
      const target = linkOf(`/proc/${pid}/fd/${fd}`);
      if (target?.startsWith('/') && target !== ownPath && !found.has(target) && isRoot(target)) found.set(target, pid);
    }
  }
  return [...found].flatMap(([root, pid]) => (hasLink({ root, file }) ? [{ root, pid }] : []));
};

const hasLink = ({ root, file }: { root: string; file: { dev: bigint; ino: bigint } }): boolean =>
  ['held', 'links', 'pins'].some((place) =>
    namesIn(join(root, place), { isDeep: true }).some((name) => {
      const seen = lstatSync(join(root, place, name), { bigint: true, throwIfNoEntry: false });
      return seen?.ino === file.ino && seen.dev === file.dev;
    }),
  );

export const tellOtherRoots = (others: readonly OtherRoot[]): string =>
  others.map(({ root, pid }) => `${root} (process ${pid})`).join(', ');

export const OTHER_ADVICE =
  'run one nvl a node; of a root that no nvl works on any more, remove the folders links, held and pins';

const isRoot = (folder: string): boolean =>
  ['held', 'links', 'pins', 'lock'].every((name) => existsSync(join(folder, name)));

/** Processes and their files come and go, and those of others may not be looked at. */
const namesIn = (folder: string, { isDeep = false } = {}): string[] => {
  try {
    return readdirSync(folder, { recursive: isDeep, encoding: 'utf8' });
  } catch {
    return [];
  }
};

const linkOf = (path: string): string | undefined => {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
};

const realOf = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
};
