import { existsSync } from 'node:fs';
import { relative as relativePath } from 'node:path';
import type { Config } from '../config/config.ts';
import type { PlanReport } from '../plan/report.ts';
import type { TestCase } from '../profile-test/case.ts';
import { ownFields, type ReadTimes } from '../profile-test/compare.ts';
import { findTests } from '../profile-test/find-tests.ts';
import { runInNvl } from '../profile-test/run-by-engine.ts';
import type { CaseRun } from '../profile-test/run-pipeline.ts';
import { hasPassed, type TestRun, testProfiles } from '../profile-test/test-profiles.ts';
import { ownCommand } from '../vector/config/command.ts';
import { findVector } from '../vector/process/find.ts';
import type { Vrl } from '../vrl/vrl.ts';
import type { Review } from './format.ts';
import { type CaseRuns, droppedFields, lineChanges } from './lines.ts';
import type { Risk } from './risks.ts';
import type { ReviewSide } from './side.ts';

export type RanLines = {
  lines: Review['lines'];
  tests: Review['tests'];
  risks: readonly Risk[];
  notDone: string[];
  hasVector: boolean;
};

/** Runs the cases of every profile whose tasks change, on both sides. */
export const runLines = async ({
  cwd,
  config,
  base,
  head,
  report,
  inBase,
  vrl,
  signal,
}: {
  cwd: string;
  config: Config;
  base: ReviewSide;
  head: ReviewSide;
  report: PlanReport;
  inBase: (file: string) => string;
  vrl: Vrl;
  signal: AbortSignal;
}): Promise<RanLines> => {
  const command = ownCommand({ config, cwd, vectorArgs: [] });
  const vector = await findVector({ command, signal }).catch((error: unknown) => error);
  const hasVector = !(vector instanceof Error);
  const notDone = hasVector ? [] : [`Vector’s own proof of the configuration, since ${vector.message}`];
  const profiles = changedProfiles(report).filter((name) => head.templates.profiles.has(name));
  if (profiles.length === 0) return { lines: [], tests: [], risks: [], notDone, hasVector };
  const shownPath = (file: string): string => relativePath(cwd, file);
  // What a template names by a relative path, such as a file with VRL, is the base's own.
  const baseCwd = existsSync(inBase(command.cwd)) ? inBase(command.cwd) : command.cwd;
  const given = { dir: config.templates, shownPath, vrl, signal };
  const [after, before] = await Promise.all([
    testProfiles({ ...given, names: profiles, command }),
    runOnBase({ ...given, base, profiles, command: { cwd: baseCwd } }),
  ]);
  const runs = caseRuns({ before, after });
  return {
    lines: lineChanges(runs),
    risks: droppedFields(runs),
    hasVector,
    notDone: [
      ...notDone,
      ...withoutCases({ profiles, after }).map((name) => `lines of the profile ${name}, which has no tests`),
    ],
    tests: testResults(after),
  };
};

const changedProfiles = (report: PlanReport): string[] => {
  const changed = report.jobs.flatMap(({ tasks }) => tasks.filter(({ change }) => change !== 'removed'));
  return [...new Set(changed.map(({ profile }) => profile))].sort();
};

/** What this checkout's cases give with the base's templates. */
type BaseRuns = { readTimes: ReadTimes; byPlace: ReadonlyMap<string, CaseRun> };

/** A profile that the base does not have is left out. Undefined when nothing is left to run. */
const runOnBase = async ({
  base,
  dir,
  profiles,
  ...run
}: {
  base: ReviewSide;
  dir: Config['templates'];
  profiles: readonly string[];
  command: { cwd: string };
  shownPath: (file: string) => string;
  vrl: Vrl;
  signal: AbortSignal;
}): Promise<BaseRuns | undefined> => {
  const known = profiles.filter((name) => base.templates.profiles.has(name) && base.isThere);
  const cases = (await findTests({ dir, profiles: known })).flatMap((tests) => tests.cases);
  if (cases.length === 0) return undefined;
  const { runs, readTimes } = await runInNvl({ cases, templates: base.templates, files: base.files, ...run });
  const byPlace = new Map<string, CaseRun>();
  for (const [index, testCase] of cases.entries()) {
    const one = runs[index];
    if (one !== undefined) byPlace.set(placeOf(testCase), one);
  }
  return { readTimes, byPlace };
};

const placeOf = ({ file, line }: TestCase): string => `${file}:${line}`;

/** Each case's events of both sides. Pure. */
const caseRuns = ({ before, after }: { before: BaseRuns | undefined; after: TestRun }): CaseRuns[] =>
  after.profiles.flatMap(({ cases }) =>
    cases.map(({ testCase, events, isRun }): CaseRuns => {
      const old = before?.byPlace.get(placeOf(testCase));
      return {
        testCase,
        before:
          before === undefined || old === undefined || old.errors.length > 0
            ? undefined
            : old.events.map((event) => ownFields({ event, readTimes: before.readTimes })),
        after: isRun ? events.map((event) => ownFields({ event, readTimes: after.readTimes })) : undefined,
      };
    }),
  );

const withoutCases = ({ profiles, after }: { profiles: readonly string[]; after: TestRun }): string[] =>
  profiles.filter((name) => after.profiles.every(({ profile, cases }) => profile !== name || cases.length === 0));

const testResults = ({ profiles }: TestRun): Review['tests'] =>
  profiles
    .filter(({ cases, errors }) => cases.length > 0 || errors.length > 0)
    .map(({ profile, cases, errors }) => ({
      profile,
      passed: cases.filter(hasPassed).length,
      failed: [
        ...cases.filter((result) => !hasPassed(result)).map(({ testCase }) => testCase.name),
        ...errors.map(({ message }) => message),
      ],
    }));
