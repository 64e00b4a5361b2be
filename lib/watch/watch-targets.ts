import { type FSWatcher, watch } from 'node:fs';
import { readlink, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, parse, resolve as resolvePath, sep } from 'node:path';
import { hasCode } from '../errors.ts';

export type PathTrail = {
  /** Resolves when a path leads elsewhere than it did, or when a folder came, went or was replaced. */
  moved: Promise<void>;
  close(): void;
};

/**
 * Watches where paths lead to, through every folder and symbolic link on their way. A watcher of a folder follows the
 * folder, not its name: a link that is pointed elsewhere (git-sync, Kubernetes' `..data`), or another folder renamed
 * into its place, is seen from its parents only. Parents that may not be read are left out.
 */
export const watchTargets = async (paths: readonly string[]): Promise<PathTrail> => {
  const { promise: moved, resolve } = Promise.withResolvers<void>();
  const before = await Promise.all(paths.map(readTrail));
  const compare = async () => {
    const now = await Promise.all(paths.map(readTrail));
    if (now.some(({ end, steps }, at) => end !== before[at]?.end || !isSameTrail(steps, before[at].steps))) resolve();
  };

  const watchers = [...byFolder(before.flatMap(({ steps }) => steps))].flatMap(([folder, entries]) =>
    watchEntries({ folder, entries, onChange: compare }),
  );
  await compare();
  return {
    moved,
    close: () => {
      for (const watcher of watchers) watcher.close();
    },
  };
};

type Step = { folder: string; entry: string };

/** `end` tells one folder from another of the same name. Of a file it is the folder that holds it, as others watch its content. */
const readTrail = async (target: string): Promise<{ steps: Step[]; end: string }> => {
  const steps = await readSteps(target);
  const folders = await Promise.all([target, steps.at(-1)?.folder ?? target].map(readIdentity));
  return { steps, end: folders.join() };
};

const readIdentity = async (folder: string): Promise<string> => {
  const stats = await stat(folder).catch(() => undefined);
  return stats?.isDirectory() === true ? `${stats.dev}:${stats.ino}:${stats.birthtimeMs}` : '';
};

/** As the kernel does it: each name looked up in the folder reached so far, links read in their place, to what is missing. */
const readSteps = async (target: string): Promise<Step[]> => {
  const steps: Step[] = [];
  let folder = parse(resolvePath(target)).root;
  const names = namesOf(resolvePath(target));
  for (let name = names.shift(); name !== undefined && steps.length < MOST_STEPS; name = names.shift()) {
    if (name === '..') {
      folder = dirname(folder);
      continue;
    }
    steps.push({ folder, entry: name });
    const link = await readLink(join(folder, name));
    if (link === 'missing') return steps;
    if (link === undefined) {
      folder = join(folder, name);
    } else {
      names.unshift(...namesOf(link.target));
      if (isAbsolute(link.target)) folder = parse(link.target).root;
    }
  }
  return steps;
};

const readLink = async (name: string): Promise<{ target: string } | 'missing' | undefined> => {
  try {
    return { target: await readlink(name) };
  } catch (error) {
    return hasCode(error, 'ENOENT', 'ENOTDIR') ? 'missing' : undefined;
  }
};

/** Links in a circle never end. */
const MOST_STEPS = 200;

const namesOf = (text: string): string[] => text.split(sep).filter((name) => name !== '' && name !== '.');

const isSameTrail = (one: readonly Step[], other: readonly Step[]): boolean =>
  one.length === other.length &&
  one.every(({ folder, entry }, at) => folder === other[at]?.folder && entry === other[at].entry);

const byFolder = (steps: readonly Step[]): Map<string, Set<string>> => {
  const folders = new Map<string, Set<string>>();
  for (const { folder, entry } of steps) folders.set(folder, (folders.get(folder) ?? new Set()).add(entry));
  return folders;
};

const watchEntries = ({
  folder,
  entries,
  onChange,
}: {
  folder: string;
  entries: Set<string>;
  onChange: () => void;
}): FSWatcher[] => {
  try {
    const watcher = watch(folder, (event, name) => {
      if (event === 'rename' && (name === null || entries.has(name))) onChange();
    });
    return [watcher.on('error', () => watcher.close())];
  } catch {
    return [];
  }
};
