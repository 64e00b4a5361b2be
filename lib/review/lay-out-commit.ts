import { mkdir, mkdtemp, readlink, realpath, rm, symlink, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join, posix, relative, resolve } from 'node:path';
import { type Checkout, git, gitOrThrow } from './git.ts';
import { isWithin } from './place.ts';

/** Where the files of a commit lie, and the submodules whose commits are not on this machine. */
export type LaidOut = { dir: string; missing: readonly string[] };

/** Lays the files of a commit, those of its submodules too, into a temporary folder for as long as `use` runs. */
export const withCommit = async <T>({ top, commit }: Checkout, use: (laidOut: LaidOut) => Promise<T>): Promise<T> => {
  const parent = await realpath(await mkdtemp(join(tmpdir(), 'nvl-review-')));
  try {
    const dir = join(parent, 'files');
    return await use({ dir, missing: await layOut({ top, commit, dir, index: join(parent, 'index') }) });
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
};

type Given = { top: string; commit: string; dir: string; index: string; env?: Record<string, undefined> };

const layOut = async ({ top, commit, dir, index, env = {} }: Given): Promise<string[]> => {
  await mkdir(dir, { recursive: true });
  const own = { ...env, GIT_INDEX_FILE: index };
  await gitOrThrow({ cwd: top, args: ['read-tree', commit], env: own });
  await gitOrThrow({ cwd: top, args: ['checkout-index', '--all', '--force', `--prefix=${dir}/`], env: own });
  const entries = await entriesOf({ top, commit, env });
  for (const { mode, name } of entries) if (mode === LINK) await leadAsBefore({ top, dir, name });
  const missing: string[] = [];
  for (const { mode, sha, name } of entries) {
    if (mode === SUBMODULE) missing.push(...(await layOutSubmodule({ top, dir, index, name, commit: sha })));
  }
  return missing;
};

const LINK = '120000';
const SUBMODULE = '160000';

type Entry = { mode: string; sha: string; name: string };

const entriesOf = async ({ top, commit, env }: Pick<Given, 'top' | 'commit' | 'env'>): Promise<Entry[]> => {
  const args = ['ls-tree', '-r', '-z', '--full-tree', commit];
  const text = await gitOrThrow({ cwd: top, args, ...(env && { env }) });
  return text.split('\0').flatMap((line) => {
    const [, mode, sha, name] = /^(\d+) \w+ ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
    return mode === undefined || sha === undefined || name === undefined ? [] : [{ mode, sha, name }];
  });
};

/** A link out of the checkout leads to where it leads from there; one into it stays inside of the commit. */
const leadAsBefore = async ({ top, dir, name }: { top: string; dir: string; name: string }): Promise<void> => {
  const link = join(dir, name);
  const target = await readlink(link).catch(() => undefined);
  if (target === undefined) return;
  const led = resolve(dirname(join(top, name)), target);
  const isInside = isWithin({ folder: top, file: led });
  if (isAbsolute(target) !== isInside) return;
  await unlink(link);
  await symlink(isInside ? join(dir, relative(top, led)) : led, link);
};

const layOutSubmodule = async ({
  top,
  dir,
  index,
  name,
  commit,
}: Pick<Given, 'top' | 'dir' | 'index' | 'commit'> & { name: string }): Promise<string[]> => {
  const inner = join(top, name);
  const env = Object.fromEntries(WHERE.map((variable) => [variable, undefined]));
  const found = await git({ cwd: inner, args: ['rev-parse', '--show-toplevel'], env }).catch(() => undefined);
  const has = ['cat-file', '-e', `${commit}^{commit}`];
  const isThere = found?.stdout === inner && (await git({ cwd: inner, args: has, env })).exitCode === 0;
  if (!isThere) return [name];
  const missing = await layOut({ top: inner, commit, dir: join(dir, name), index: `${index}+`, env });
  return missing.map((one) => posix.join(name, one));
};

/** A hook of Git's says with these where the outer repository is. */
const WHERE = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_COMMON_DIR', 'GIT_PREFIX', 'GIT_OBJECT_DIRECTORY'];
