import { join } from 'node:path';
import { execa } from 'execa';
import { vi } from 'vitest';
import { aFolder, nvl, put } from '../commands/support.ts';
import { aRawAllocation, idOf } from '../support/builders.ts';

// Each starts Git a dozen times, which takes long on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** The person's own settings of Git must not reach the tests. */
const ENV = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'Somebody',
  GIT_AUTHOR_EMAIL: 'somebody@example.org',
  GIT_COMMITTER_NAME: 'Somebody',
  GIT_COMMITTER_EMAIL: 'somebody@example.org',
};

export const git = async (cwd: string, ...args: string[]): Promise<string> =>
  (await execa('git', ['-c', 'protocol.file.allow=always', ...args], { cwd, env: ENV })).stdout;

export const commit = async (folder: string, words = 'a commit'): Promise<string> => {
  await git(folder, 'add', '--all');
  await git(folder, 'commit', '--quiet', '--allow-empty', '--message', words);
  return git(folder, 'rev-parse', 'HEAD');
};

/** Two tasks, the second of the profile `web`. */
export const RECORDING = [
  aRawAllocation({ id: idOf(1), job: 'shop' }),
  aRawAllocation({ id: idOf(2), job: 'site', jobMeta: { nvl_profile: 'web' } }),
];

export const WEB = `[transforms.{{id}}_parse]
type = "remap"
inputs = ["{{input}}"]
source = '.team = "a"'
`;

/** A repository of a team's with one commit on `main`: a configuration, a profile and a recording. */
export const aCheckout = async (
  files: Record<string, unknown> = {},
  folder?: string,
): Promise<{ dir: string; first: string }> => {
  const dir = folder ?? join(await aFolder(), 'repo');
  await put(dir, {
    'nvl.yaml': 'templates: templates\nroot: root\n',
    'recordings/node.json': RECORDING,
    'templates/profiles/web/transform.toml.hbs': WEB,
    ...files,
  });
  await git(dir, 'init', '--quiet', '--initial-branch=main');
  return { dir, first: await commit(dir, 'first') };
};

type Found = {
  base: string;
  report: {
    hasChanges: boolean;
    restarted: { id: string; tasks: number }[];
    regrouped: { kind: string; moved: number; why: { text: string; at?: string; isGone: boolean }[] }[];
    counts: { tasks: number; pipelines: number };
    components: Record<'added' | 'changed' | 'removed', { kind: string; id: string }[]>;
    jobs: { job: string; tasks: { change: string }[] }[];
  };
  diff: string;
  notes: string[];
  tableDiff: string;
  risks: { kind: string; message: string }[];
};

/** `nvl review` without a Vector. `found` is what its JSON holds; undefined when it failed. */
export const review = async (
  cwd: string,
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<{ code: number; err: string; found: Found }> => {
  const { code, out, err } = await nvl(['review', '--format', 'json', '--vector-binary', '/none/vector', ...args], {
    cwd,
    env,
  });
  return { code, err, found: (out === '' ? undefined : JSON.parse(out)) as Found };
};

/** What becomes of each job, in a word. */
export const changesOf = ({ report }: Found): Record<string, string> =>
  Object.fromEntries(report.jobs.map(({ job, tasks }) => [job, tasks.map(({ change }) => change).join()]));
