import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { shippedTemplatesDir } from '../../lib/config/read-templates.ts';
import { packageRoot } from '../../lib/package-root.ts';
import { aFolder } from './support.ts';

// The step that installs Vector on a runner, run as its runner runs it: with a curl that has the release in a folder.

type Step = { name?: string; run?: string; env?: Record<string, string> };
type Workflow = { jobs: { review: { steps: Step[] } } };

const docs = await readFile(join(packageRoot(), 'docs', 'ci.md'), 'utf8');
const blocks = [...docs.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => text);
const workflow = await readFile(join(shippedTemplatesDir(), 'init/repository/.github/workflows/logs.yml'), 'utf8');

const githubStep = (text: string): { script: string; version: string } => {
  const step = (parse(text) as Workflow).jobs.review.steps.find(({ name }) => name === 'Install Vector');
  return { script: step?.run ?? '', version: step?.env?.VERSION ?? '' };
};

const gitlabStep = (text: string): { script: string; version: string } => {
  const { logs } = parse(text) as { logs: { script: string[]; variables: Record<string, string> } };
  return { script: logs.script[0] ?? '', version: logs.variables.VERSION ?? '' };
};

const steps = [
  ['the workflow of nvl init', githubStep(workflow)],
  ['GitHub in the documentation', githubStep(blocks[0] ?? '')],
  ['GitLab in the documentation', gitlabStep(blocks[1] ?? '')],
] as const;

/** A release as Vector publishes one, and the programs of a runner. */
const aRunner = async ({ isWrong = false }: { isWrong?: boolean } = {}) => {
  const folder = await aFolder();
  const at = (name: string) => join(folder, name);
  const archive = 'vector-0.57.0-x86_64-unknown-linux-gnu.tar.gz';
  const inside = 'release/vector-x86_64-unknown-linux-gnu/bin';
  await mkdir(at(inside), { recursive: true });
  await writeFile(at(`${inside}/vector`), '#!/bin/sh\necho vector 0.57.0\n', { mode: 0o755 });
  await mkdir(at('store'));
  await mkdir(at('home'));
  await mkdir(at('project'));
  await execa('tar', ['-czf', at(`store/${archive}`), '-C', at('release'), './vector-x86_64-unknown-linux-gnu']);
  const { stdout } = await execa('sha256sum', [archive], { cwd: at('store') });
  const listed = isWrong ? stdout.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) : stdout;
  await writeFile(at('store/vector-0.57.0-SHA256SUMS'), `${'0'.repeat(64)}  vector_0.57.0-1_amd64.deb\n${listed}\n`);
  await mkdir(at('bin'));
  await writeFile(
    at('bin/curl'),
    `#!/bin/sh
for word; do case "$word" in
  https://github.com/vectordotdev/vector/releases/download/v0.57.0/*) cp "${at('store')}/\${word##*/}" . || exit 22;;
  http*) exit 22;;
esac; done
`,
    { mode: 0o755 },
  );
  const run = async ({ script, version }: { script: string; version: string }) => {
    const env = {
      PATH: `${at('bin')}:/usr/bin:/bin`,
      HOME: at('home'),
      VERSION: version,
      GITHUB_PATH: at('github-path'),
      CI_PROJECT_DIR: at('project'),
    };
    // What a later step finds: a path that GitHub adds, or the same shell's.
    const after = '\n[ ! -f "$GITHUB_PATH" ] || PATH="$(cat "$GITHUB_PATH"):$PATH"\nvector --version\n';
    return execa('bash', ['-eo', 'pipefail', '-c', script + after], {
      env,
      extendEnv: false,
      cwd: at('project'),
      reject: false,
    });
  };
  return { run };
};

test.each(steps)('%s installs Vector where later steps find it', async (_, step) => {
  const { run } = await aRunner();
  const { exitCode, stdout } = await run(step);
  expect({ exitCode, said: stdout.trim().split('\n').at(-1) }).toEqual({ exitCode: 0, said: 'vector 0.57.0' });
});

test.each(steps)('%s ends over an archive that is another than its checksum says', async (_, step) => {
  const { run } = await aRunner({ isWrong: true });
  const { exitCode, stdout } = await run(step);
  expect(exitCode).not.toBe(0);
  expect(stdout).not.toContain('vector 0.57.0\n');
});

test('the documentation shows the step that nvl init writes', () => {
  expect(githubStep(blocks[0] ?? '')).toEqual(githubStep(workflow));
});
