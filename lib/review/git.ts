import { execa } from 'execa';
import { hasCode, NvlError } from '../errors.ts';

/** A Git checkout, as a review needs it: nothing of it is changed, its index neither. */
export type Checkout = { top: string; commit: string };

/** Where the review looks from and what it compares with: the merge base of HEAD and `base`. */
export const findBase = async ({ cwd, base }: { cwd: string; base: string | undefined }): Promise<Checkout> => {
  const top = await topOf(cwd);
  const looked = base === undefined ? DEFAULT_BASES : [base];
  for (const name of looked) {
    const { exitCode, stdout } = await git({ cwd: top, args: ['rev-parse', ...ONE_COMMIT, `${name}^{commit}`] });
    if (exitCode === 0) return { top, commit: await sharedCommit({ top, commit: stdout, name }) };
  }
  throw new NvlError('usage', {
    message: base === undefined ? 'there is nothing to compare with' : `there is no commit ${base}`,
    facts: { looked: looked.join(', ') },
    advice: `name the base: nvl review BASE (in CI, fetch it first: ${FETCH_ALL})`,
  });
};

const DEFAULT_BASES = ['origin/HEAD', 'origin/main', 'origin/master', 'main', 'master', 'HEAD~1'];

const ONE_COMMIT = ['--verify', '--quiet', '--end-of-options'];

/** In the words of the two usual CI systems too. */
const FETCH_ALL = 'git fetch --unshallow origin, or fetch-depth: 0, or GIT_DEPTH: 0';

const topOf = async (cwd: string): Promise<string> => {
  const { exitCode, stdout, stderr } = await git({ cwd, args: ['rev-parse', '--show-toplevel'] });
  if (exitCode === 0) return stdout;
  if (/not a git repository|must be run in a work tree/.test(stderr)) {
    throw new NvlError('usage', {
      message: 'this is no Git checkout, and a review compares two commits of one',
      facts: { looked: cwd },
      advice: 'run nvl review in the repository of your templates',
    });
  }
  throw gitFailed({ said: stderr, advice: 'do what Git says, then look again' });
};

/** The last commit that both have. A clone that was cut off may not know it, and any other would show changes of others. */
const sharedCommit = async ({ top, commit, name }: { top: string; commit: string; name: string }): Promise<string> => {
  const { exitCode, stdout } = await git({ cwd: top, args: ['merge-base', commit, 'HEAD'] });
  if (exitCode === 0) return stdout;
  const shallow = await git({ cwd: top, args: ['rev-parse', '--is-shallow-repository'] });
  if (shallow.stdout !== 'true') return commit;
  throw new NvlError('usage', {
    message: `the history of this clone ends before the commit that ${name} and HEAD share`,
    advice: `fetch the whole history: ${FETCH_ALL}`,
  });
};

export type GitAnswer = { exitCode: number; stdout: string; stderr: string };

/** Runs git, in English and without asking anybody for a password. Throws `gitFailed` only where there is no git. */
export const git = async ({
  cwd,
  args,
  env = {},
}: {
  cwd: string;
  args: readonly string[];
  env?: Readonly<Record<string, string | undefined>>;
}): Promise<GitAnswer> => {
  const words = { LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', ...env } as Record<string, string>;
  const result = await execa('git', args, { cwd, env: words, reject: false, stdin: 'ignore' });
  if (hasCode(result, 'ENOENT')) {
    throw new NvlError('gitFailed', {
      message: 'there is no git on the PATH, and a review reads the base with it',
      advice: 'install Git',
    });
  }
  return { exitCode: result.exitCode ?? -1, stdout: result.stdout.trimEnd(), stderr: result.stderr.trim() };
};

/** Like `git`, for what has to work. */
export const gitOrThrow = async (given: Parameters<typeof git>[0]): Promise<string> => {
  const { exitCode, stdout, stderr } = await git(given);
  if (exitCode === 0) return stdout;
  throw gitFailed({ said: stderr, advice: 'see that Git has the whole base: git fsck, git fetch' });
};

const gitFailed = ({ said, advice }: { said: string; advice: string }): NvlError =>
  new NvlError('gitFailed', {
    message: 'Git cannot read this checkout',
    facts: { said: said || undefined },
    advice,
  });
