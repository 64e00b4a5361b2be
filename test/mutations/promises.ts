/**
 * Switches off, one at a time, what keeps nvl's promises, on a copy of the sources, and says which tests notice: one that
 * no test misses is not kept. By hand: `npm run mutate:promises`, and with `-- --e2e` over the churn test too.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { MUTATIONS, type Mutation } from './promised.ts';

const PROJECT = join(import.meta.dirname, '..', '..');
const COPIED = [
  'bench',
  'bin',
  'jobspecs',
  'lib',
  'templates',
  'test',
  'docs',
  'scripts',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
];
const FAST = [
  'test/context',
  'test/render',
  'test/pipelines',
  'test/collect',
  'test/files',
  'test/state',
  'test/cycle',
];
const CHURN = 'test/e2e/churn.test.ts';

const copyProject = (): string => {
  const copy = mkdtempSync(join(tmpdir(), 'nvl-mutations-'));
  for (const name of COPIED) cpSync(join(PROJECT, name), join(copy, name), { recursive: true });
  symlinkSync(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
};

/** Runs tests in the copy; the names of those that failed, undefined when they did not run at all. */
const failuresIn = ({
  copy,
  project,
  tests,
}: {
  copy: string;
  project: string;
  tests: string[];
}): string[] | undefined => {
  const report = join(copy, 'report.json');
  rmSync(report, { force: true });
  const vitest = join('node_modules', 'vitest', 'vitest.mjs');
  const args = ['run', '--project', project, '--reporter', 'json', '--outputFile', report, ...tests];
  spawnSync(process.execPath, [vitest, ...args], { cwd: copy, stdio: 'ignore', env: { ...process.env, CI: '1' } });
  if (!existsSync(report)) return undefined;
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    testResults: { name: string; status: string; assertionResults: { status: string; fullName: string }[] }[];
  };
  return testResults.flatMap(({ name, status, assertionResults }) => {
    const file = relative(copy, name);
    const failed = assertionResults.filter((result) => result.status === 'failed');
    if (failed.length === 0) return status === 'failed' ? [`${file}: did not run`] : [];
    return failed.map(({ fullName }) => `${file}: ${fullName}`);
  });
};

const mutate = ({ copy, mutation: { name, file, from, to } }: { copy: string; mutation: Mutation }): (() => void) => {
  const target = join(copy, file);
  const text = readFileSync(target, 'utf8');
  if (text.split(from).length !== 2) throw new Error(`"${name}" stands no longer in ${file} as: ${from}`);
  writeFileSync(
    target,
    text.replace(from, () => to),
  );
  return () => writeFileSync(target, text);
};

const say = (verdict: string, name: string, failures: readonly string[]): void => {
  console.log(`${verdict}  ${name}`);
  for (const failure of failures.slice(0, 6)) console.log(`          ${failure}`);
  if (failures.length > 6) console.log(`          and ${failures.length - 6} more`);
};

const copy = copyProject();
try {
  const suites = [{ project: 'unit', tests: FAST }];
  if (process.argv.includes('--e2e')) suites.push({ project: 'e2e', tests: [CHURN] });
  const run = () => suites.map((suite) => failuresIn({ copy, ...suite }));
  const before = run().flatMap((failures) => failures ?? ['the tests did not run']);
  if (before.length > 0) {
    say('BROKEN', 'tests fail without any mutation', before);
    process.exitCode = 1;
  } else {
    let missed = 0;
    for (const mutation of MUTATIONS) {
      const restore = mutate({ copy, mutation });
      const [fast, ...slow] = run();
      restore();
      const isCaught = (fast ?? []).length > 0;
      missed += Number(!isCaught);
      say(isCaught ? 'caught' : 'MISSED', mutation.name, fast ?? []);
      for (const failures of slow) say((failures ?? []).length > 0 ? '  churn' : '  CHURN MISSED', '', failures ?? []);
    }
    console.log(`${MUTATIONS.length - missed} of ${MUTATIONS.length} caught by fast tests`);
    if (missed > 0) process.exitCode = 1;
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
