import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { NvlError } from '../errors.ts';

/** A Git checkout, as a review needs it: nothing of it is changed, its index neither. */
export type Checkout = { top: string; commit: string };

/** Where the review looks from and what it compares with: the merge base of HEAD and `base`. */
export const findBase = async ({ cwd, base }: { cwd: string; base: string | undefined }): Promise<Checkout> => {
  const top = await git(cwd, 'rev-parse', '--show-toplevel').catch(() => {
    throw new NvlError('usage', {
      message: 'this is no Git checkout, and a review compares two commits of one',
      advice: 'run nvl review in the repository of your templates',
    });
  });
  for (const name of base === undefined ? DEFAULT_BASES : [base]) {
    const commit = await git(top, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`).catch(
      () => undefined,
    );
    if (commit === undefined) continue;
    return { top, commit: await git(top, 'merge-base', commit, 'HEAD').catch(() => commit) };
  }
  throw new NvlError('usage', {
    message: base === undefined ? 'there is nothing to compare with' : `there is no commit ${base}`,
    facts: { looked: (base === undefined ? DEFAULT_BASES : [base]).join(', ') },
    advice: 'name the base: nvl review BASE (in CI, fetch it first)',
  });
};

const DEFAULT_BASES = ['origin/HEAD', 'origin/main', 'origin/master', 'main', 'master', 'HEAD~1'];

/** Lays the files of a commit into a temporary folder for as long as `use` runs. */
export const withCommit = async <T>({ top, commit }: Checkout, use: (dir: string) => Promise<T>): Promise<T> => {
  const dir = await mkdtemp(path.join(tmpdir(), 'nvl-review-'));
  try {
    const env = { GIT_INDEX_FILE: path.join(dir, 'index') };
    const files = path.join(dir, 'files');
    await execa('git', ['read-tree', commit], { cwd: top, env });
    await execa('git', ['checkout-index', '--all', '--force', `--prefix=${files}/`], { cwd: top, env });
    return await use(files);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};

const git = async (cwd: string, ...args: string[]): Promise<string> =>
  (await execa('git', args, { cwd })).stdout.trim();
