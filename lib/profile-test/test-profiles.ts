import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readTemplates, shippedTemplatesDir, type TemplateFiles } from '../config/read-templates.ts';
import { describeError, NvlError } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import { compileTemplates, type Templates } from '../render/templates.ts';
import type { VectorCommand } from '../vector/config/command.ts';
import type { Vrl } from '../vrl/vrl.ts';
import { createVrlPool } from '../vrl/vrl-pool.ts';
import type { Event, TestCase } from './case.ts';
import { compareEvents, type Difference, type ReadTimes } from './compare.ts';
import { findTests, type ProfileTests } from './find-tests.ts';
import type { Proofs } from './prove-sinks.ts';
import { type EngineName, runByEngine } from './run-by-engine.ts';
import type { RunObserver } from './run-observer.ts';
import type { CaseRun, RunCase } from './run-pipeline.ts';
import { withShownPath } from './shown-error.ts';

/** What came of one case. */
export type CaseResult = {
  testCase: TestCase;
  /** False when its profile could not be rendered, Vector refused it, or the lines were not read. */
  isRun: boolean;
  events: readonly Event[];
  differences: readonly Difference[];
  /** What is wrong with this case alone; what is wrong with its profile is told there. */
  errors: readonly NvlError[];
  /** What Vector logged about it. */
  said: readonly string[];
  /** Which of its lines a node would lose, in words. */
  lost: readonly string[];
};

export type ProfileResult = {
  profile: string;
  cases: readonly CaseResult[];
  /** What is wrong with the profile or its test files, each told once, whatever cases it hits. */
  errors: readonly NvlError[];
};

export type TestRun = {
  engine: EngineName;
  profiles: readonly ProfileResult[];
  /** What Vector says of the sinks, which no test runs; undefined where it was not asked. */
  proofs: Proofs | undefined;
  readTimes: ReadTimes;
  tookMs: number;
  /** Places of the folder that are empty beside a file of nearly their name: what comes with nvl was tested in their stead. */
  misnamed: readonly NvlError[];
  /** Files of the folder that are not read, though somebody may think so. */
  warnings: readonly NvlError[];
};

/** Whether every case of every profile passed, and Vector refuses none of it. */
export const isAllGood = ({ profiles, proofs, misnamed }: TestRun): boolean =>
  misnamed.length === 0 &&
  profiles.every(({ errors, cases }) => errors.length === 0 && cases.every(hasPassed)) &&
  (proofs?.errors ?? []).length === 0;

export const hasPassed = ({ isRun, differences, errors }: CaseResult): boolean =>
  isRun && differences.length === 0 && errors.length === 0;

/**
 * Runs the tests of a templates folder's profiles. A profile without any is still rendered and judged. Throws `usage` for a name that no
 * profile has, `templateInvalid` for a folder that cannot be read; by Vector, `vectorMissing` and the like. `vrl` runs programs and is the
 * caller's to end; without it one is made.
 */
export const testProfiles = async ({
  vrl: given,
  ...options
}: TestOptions & { vrl?: Vrl | undefined }): Promise<TestRun> => {
  const began = Date.now();
  const { dir, names } = options;
  const read = await readTemplates(dir);
  const templates = compileTemplates(read);
  const chosen = chosenProfiles({ templates, names });
  const vrl = given ?? createVrlPool();
  try {
    // Its threads begin while tests are read; what is wrong with them is told by what they are to run.
    vrl.version().catch(() => {});
    const tests = await findTests({ dir, profiles: chosen });
    return { ...(await runTests({ ...options, vrl, read, templates, tests })), tookMs: Date.now() - began };
  } finally {
    if (given === undefined) await vrl.close();
  }
};

type TestOptions = {
  /** Undefined: the shipped samples. */
  dir: string | undefined;
  /** Only these profiles; all when empty. */
  names: readonly string[];
  /** What runs the lines: nvl itself, or Vector beside it. */
  engine?: EngineName;
  command: Pick<VectorCommand, 'binary' | 'env' | 'cwd'>;
  /** A file's path as people are to see it. */
  shownPath: (file: string) => string;
  /** Have Vector judge the folder's sinks too. */
  provesSinks?: boolean;
  /** Looks on at what runs in nvl itself. */
  observer?: RunObserver | undefined;
  signal: AbortSignal;
};

const runTests = async ({
  dir,
  names: _,
  engine = 'node',
  shownPath,
  read,
  templates,
  tests,
  ...run
}: TestOptions & {
  vrl: Vrl;
  read: TemplateFiles;
  templates: Templates;
  tests: readonly ProfileTests[];
}): Promise<Omit<TestRun, 'tookMs'>> => {
  const cases = tests.map(({ profile, cases: own }): RunCase[] => (own.length === 0 ? [probeOf(profile)] : own));
  const fileOf = (template: string): string => templateFile({ dir, template });
  const { runs, readTimes, proofs } = await runByEngine({
    ...run,
    engine,
    cases: cases.flat(),
    templates,
    files: read.files,
    shownPath: (template) => shownPath(fileOf(template)),
  });
  let next = 0;
  const place = (error: NvlError) => withShownPath({ error, templateFile: fileOf, shownPath });
  const profiles = tests.map((own, index) => {
    const count = cases[index]?.length ?? 0;
    next += count;
    return profileResult({ tests: own, runs: runs.slice(next - count, next), readTimes, place });
  });
  return {
    engine,
    profiles,
    proofs: proofs && { ...proofs, errors: proofs.errors.map(place) },
    readTimes,
    // A sink's faults are told by its proof.
    misnamed: templates.faults.filter(({ code }) => code === 'templateMisnamed'),
    warnings: templates.warnings,
  };
};

const chosenProfiles = ({ templates, names }: { templates: Templates; names: readonly string[] }): string[] => {
  const known = [...templates.profiles.keys()].sort();
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new NvlError('usage', {
      message: `no profile is named ${name}${didYouMean(name, known)}`,
      facts: { known: known.join(', ') },
    });
  }
  return names.length === 0 ? known : [...new Set(names)];
};

/** Stands in for the cases of a profile that has none: it writes nothing, but its blocks are rendered and judged. */
const probeOf = (profile: string): RunCase => ({
  profile,
  name: '',
  file: '',
  line: 0,
  position: 0,
  task: {},
  params: {},
  stream: 'stdout',
  bytes: Buffer.alloc(0),
});

/**
 * Where a template of a folder lies, by its path there. Samples stand in for profiles under that name; what a folder lacks of the default
 * profile is the shipped one's.
 */
export const templateFile = ({ dir, template }: { dir: string | undefined; template: string }): string => {
  const own = dir === undefined ? undefined : join(dir, template);
  return own !== undefined && existsSync(own)
    ? own
    : join(shippedTemplatesDir(), template.replace(/^profiles\//, 'samples/'));
};

const profileResult = ({
  tests: { profile, cases, faults },
  runs,
  readTimes,
  place,
}: {
  tests: ProfileTests;
  runs: readonly CaseRun[];
  readTimes: ReadTimes;
  place: (error: NvlError) => NvlError;
}): ProfileResult => {
  const shared = sharedErrors(runs);
  const results = cases.map((testCase, index): CaseResult => {
    const { events, errors, said, lost } = runs[index] ?? NOT_RUN;
    if (errors.length > 0)
      return {
        testCase,
        events,
        errors: errors.filter((error) => !shared.has(describeError(error))).map(place),
        said,
        lost,
        differences: [],
        isRun: false,
      };
    if (testCase.events === undefined)
      return { testCase, events, errors: [place(unsaid(testCase))], said, lost, differences: [], isRun: true };
    const differences = compareEvents({
      expected: testCase.events,
      actual: events,
      isExact: testCase.isExact,
      readTimes,
    });
    return { testCase, events, errors: [], said, lost, differences, isRun: true };
  });
  return { profile, cases: results, errors: [...faults, ...shared.values()].map(place) };
};

const NOT_RUN: CaseRun = { events: [], errors: [], said: [], lost: [] };

/** What is wrong in each of a profile's cases is wrong with the profile. */
const sharedErrors = (runs: readonly CaseRun[]): Map<string, NvlError> => {
  const [first, ...others] = runs.map(({ errors }) => new Map(errors.map((error) => [describeError(error), error])));
  return new Map([...(first ?? [])].filter(([words]) => others.every((errors) => errors.has(words))));
};

const unsaid = ({ file, line }: TestCase): NvlError =>
  new NvlError('testInvalid', {
    message: 'this case does not say which events it gives',
    facts: { at: `${file}:${line}` },
    advice: 'write them under events, or let nvl test --update write what comes now, and read it',
  });
