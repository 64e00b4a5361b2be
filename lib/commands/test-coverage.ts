import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { NodeTasks } from '../collect/node-tasks.ts';
import type { Config } from '../config/config.ts';
import type { Coverage } from '../coverage/coverage.ts';
import { wholeShare } from '../coverage/coverage.ts';
import { type DefaultJob, defaultJobs } from '../coverage/default-jobs.ts';
import { measureCoverage } from '../coverage/measure.ts';
import type { ProgramFile } from '../coverage/pipeline-branches.ts';
import { toHtml } from '../coverage/show/html.ts';
import { coverageSuite } from '../coverage/show/junit.ts';
import { toLcov } from '../coverage/show/lcov.ts';
import { isEnough, showCoverage, type View } from '../coverage/show/text.ts';
import { createVrlWatch, type VrlWatch } from '../coverage/vrl/watch.ts';
import { NvlError } from '../errors.ts';
import { recordingSource } from '../nomad/node-source.ts';
import type { RanInNvl, RunObserver } from '../profile-test/run-observer.ts';
import { type TestRun, templateFile } from '../profile-test/test-profiles.ts';
import { git } from '../review/git.ts';
import { recordingsIn } from '../review/recordings.ts';
import type { Io } from '../wiring/io.ts';
import { type Flags, textFlag } from '../wiring/prepare.ts';

/** Watches the runs of `nvl test`, and says what they leave out. */
export type TestCoverage = {
  /** Runs the tests, watched. */
  watched: (run: (observer: RunObserver) => Promise<TestRun>) => Promise<TestRun>;
  /** What a watched run leaves out; writes the files that were asked for. */
  report: (run: TestRun) => Promise<CoverageReport>;
};

/** `suites`: for JUnit; `files`: what was written. */
export type CoverageReport = { text: string; suites: readonly string[]; isEnough: boolean; files: readonly string[] };

type Given = {
  io: Io;
  flags: Flags;
  config: Config;
  /** The templates folder; undefined for the shipped one. */
  dir: string | undefined;
  /** From where templates name files with VRL. */
  programDir: string;
  /** A file's path as people are to see it. */
  shownPath: (file: string) => string;
  view: Omit<View, 'shownFile'>;
};

/** Undefined where no flag asks for it. Throws `usage` for a limit that is no percentage. */
export const openTestCoverage = (given: Given): TestCoverage | undefined => {
  const { flags } = given;
  const min = minOf(flags);
  const isAsked = flags.coverage === true || [min, flags.lcov, flags.html].some((flag) => flag !== undefined);
  if (!isAsked) return undefined;
  const seen = new WeakMap<TestRun, { watch: VrlWatch; ran: RanInNvl | undefined }>();
  return {
    watched: async (start) => {
      const watch = createVrlWatch();
      let ran: RanInNvl | undefined;
      const observer: RunObserver = {
        wrapVrl: watch.wrap,
        ran: (run) => {
          ran = run;
        },
      };
      const run = await start(observer);
      seen.set(run, { watch, ran });
      return run;
    },
    report: async (run) => {
      const { watch, ran } = seen.get(run) ?? {};
      if (watch === undefined || ran === undefined) throw new Error('a run that was not watched has no coverage');
      const { programFile, isOwn } = filesOf(given);
      const coverage = measureCoverage({ run: ran, results: run.profiles, watch, isOwn, programFile });
      return reportOf({ given, coverage, min, jobs: await jobsOf(given) });
    },
  };
};

const minOf = (flags: Flags): number | undefined => {
  const said = textFlag(flags, 'min');
  const min = said === undefined ? undefined : Number(said);
  if (min === undefined || (min >= 0 && min <= 100 && said?.trim() !== '')) return min;
  throw new NvlError('usage', {
    message: `--min is a percentage, from 0 to 100, and ${said} is none`,
    advice: 'as in: nvl test --coverage --min 90',
  });
};

const filesOf = ({ dir, programDir }: Given) => ({
  isOwn: (file: string): boolean => dir === undefined || isAbsolute(file) || existsSync(join(dir, file)),
  programFile: (path: string): ProgramFile | undefined => {
    const file = resolve(programDir, path);
    try {
      return { file, text: readFileSync(file, 'utf8') };
    } catch {
      // That it cannot be read its profile's error says.
      return undefined;
    }
  },
});

/** The jobs of the recordings that `nvl review` would read; undefined without any. */
const jobsOf = async ({ io, flags, config }: Given): Promise<DefaultJob[] | undefined> => {
  const named = textFlag(flags, 'allocations');
  const files = named === undefined ? await recordingsIn(await topOf(io.cwd)) : [resolve(io.cwd, named)];
  if (files.length === 0) return undefined;
  const tasks = [];
  for (const allocationsFile of files) {
    const source = await recordingSource({ allocationsFile, nodeFile: undefined, allocDir: config.nomad.allocDir });
    tasks.push(...new NodeTasks().of({ snapshot: await source.ask(), config, ownAllocId: undefined }));
  }
  return defaultJobs({ tasks, rules: config.rules });
};

/** Of the checkout; where there is none, the folder itself. */
const topOf = async (cwd: string): Promise<string> => {
  const { exitCode, stdout } = await git({ cwd, args: ['rev-parse', '--show-toplevel'] }).catch(() => NO_GIT);
  return exitCode === 0 ? stdout : cwd;
};

const NO_GIT = { exitCode: 1, stdout: '' };

const reportOf = async ({
  given: { io, flags, dir, shownPath, view },
  coverage,
  min,
  jobs,
}: {
  given: Given;
  coverage: Coverage;
  min: number | undefined;
  jobs: DefaultJob[] | undefined;
}): Promise<CoverageReport> => {
  const shownFile = (file: string): string =>
    shownPath(isAbsolute(file) ? file : templateFile({ dir, template: file }));
  const files: string[] = [];
  const [lcov, html] = [textFlag(flags, 'lcov'), textFlag(flags, 'html')];
  if (lcov !== undefined) {
    files.push(resolve(io.cwd, lcov));
    await writeFile(resolve(io.cwd, lcov), toLcov({ coverage, shownFile }));
  }
  if (html !== undefined) {
    const page = join(resolve(io.cwd, html), 'index.html');
    files.push(page);
    await mkdir(resolve(io.cwd, html), { recursive: true });
    await writeFile(page, toHtml({ coverage, shownFile }));
  }
  return {
    text: showCoverage({ coverage, jobs, min, ...view, shownFile }),
    suites: [coverageSuite({ coverage, min, shownFile })],
    isEnough: isEnough(wholeShare(coverage), min),
    files,
  };
};
