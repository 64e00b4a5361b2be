/**
 * Breaks each rule of the samples, one at a time, and says whether the tests of the samples notice: a rule that no test misses may break
 * unseen. By hand: `npm run mutate:samples`, with names of samples or partials behind `--` for those alone.
 */
import { readTemplates, type TemplateFiles } from '../../lib/config/read-templates.ts';
import type { TestCase } from '../../lib/profile-test/case.ts';
import { compareEvents } from '../../lib/profile-test/compare.ts';
import { findTests } from '../../lib/profile-test/find-tests.ts';
import { runInNode } from '../../lib/profile-test/run-in-node.ts';
import { compileTemplates } from '../../lib/render/templates.ts';
import { createVrlPool } from '../../lib/vrl/vrl-pool.ts';
import { mutantsOf } from './mutants.ts';
import { EVERY_FILE, type Unmissed, unmissedBy } from './unmissed.ts';

const chosen = process.argv.slice(2);
const read = await readTemplates(undefined);
const tests = await findTests({ dir: undefined, profiles: read.profileFolders });
// Nobody waits for it: a busy machine is no fault of a rule.
const vrl = createVrlPool({ threads: 1, limitMs: 300_000 });

/** Whether a case fails with these templates, or they do not even run. */
const isRed = async ({
  files,
  cases,
}: {
  files: TemplateFiles['files'];
  cases: readonly TestCase[];
}): Promise<boolean> => {
  const templates = compileTemplates({ ...read, files });
  const { runs, readTimes } = await runInNode({
    cases,
    templates,
    files,
    shownPath: (path) => path,
    cwd: import.meta.dirname,
    vrl,
    signal: new AbortController().signal,
  });
  return cases.some((testCase, index) => {
    const run = runs[index];
    if (run === undefined || run.errors.length > 0) return true;
    const { events: expected = [], isExact } = testCase;
    return compareEvents({ expected, actual: run.events, isExact, readTimes }).length > 0;
  });
};

/** The samples whose tests a template answers for: its own, or those of all that call it. */
const samplesWith = (path: string): string[] => {
  const sample = /^profiles\/([^/]+)\//u.exec(path)?.[1];
  if (sample !== undefined) return [sample];
  const name = path.replace(/^partials\/(.*)\.hbs$/u, '$1');
  const callers = read.files.filter(({ text }) => text.includes(`{{> ${name}`));
  return [...new Set(callers.flatMap((caller) => samplesWith(caller.path)))].sort();
};

const isChosen = (path: string): boolean =>
  chosen.length === 0 || chosen.some((name) => path.startsWith(`profiles/${name}/`) || path.includes(`/${name}.hbs`));

/** A sample's cases, those of the same parameters together: each group is a program of its own to compile, and most rules show in the first. */
const groupsOf = (cases: readonly TestCase[]): TestCase[][] => {
  const groups = Map.groupBy(cases, ({ task: { meta }, params }) => JSON.stringify([meta ?? {}, params]));
  return [...groups.values()].toSorted((one, other) => other.length - one.length);
};

const isRedIn = async (files: TemplateFiles['files'], samples: readonly string[]): Promise<boolean> => {
  for (const { profile, cases } of tests) {
    if (!samples.includes(profile)) continue;
    for (const group of groupsOf(cases)) if (await isRed({ files, cases: group })) return true;
  }
  return false;
};

let all = 0;
let unmissed = 0;
const listed: Unmissed[] = [];
const needless = new Set<Unmissed>();
for (const { path, text } of read.files.toSorted((one, other) => other.path.localeCompare(one.path))) {
  if (!path.endsWith('.hbs') || !/^(?:profiles|partials)\//u.test(path) || !isChosen(path)) continue;
  const samples = samplesWith(path);
  for (const { rule, line, text: mutated } of mutantsOf(text)) {
    const files = read.files.map((file) => (file.path === path ? { ...file, text: mutated } : file));
    all += 1;
    const known = unmissedBy({ path, rule });
    const isMissed = await isRedIn(files, samples);
    if (isMissed && known !== undefined) needless.add(known);
    if (isMissed) continue;
    if (known === undefined) unmissed += 1;
    else listed.push(known);
    const verdict = known === undefined ? 'UNSEEN' : 'listed';
    console.log(`${verdict}  ${path}:${line}  ${rule}${known === undefined ? '' : `: ${known.why}`}`);
  }
}
await vrl.close();
for (const one of listed) needless.delete(one);
// What is listed for all templates may change no event of another one than was chosen.
for (const one of needless) if (chosen.length > 0 && one.file === EVERY_FILE) needless.delete(one);
for (const { file, rule } of needless)
  console.log(`NEEDLESS  ${file}  ${rule}: a test misses it, so it is not to be listed`);
console.log(
  `${all - unmissed - listed.length} of ${all} broken rules turn a test red; ${listed.length} listed that change no event`,
);
if (unmissed + needless.size > 0) process.exitCode = 1;
