import type { TaskContext } from '../context/context.ts';
import { readProgramsFrom } from '../engine/read-program.ts';
import type { LogStream } from '../link-name.ts';
import type { NodeSnapshot } from '../nomad/node-source.ts';
import { findTests } from '../profile-test/find-tests.ts';
import type { Rendered } from '../render/render.ts';
import type { Vrl } from '../vrl/vrl.ts';
import { readGivenLines } from './given-lines.ts';
import { type JobCost, jobCosts, type Sides, type TaskCost } from './job-costs.ts';
import { type CostLimits, type LimitsFound, overLimits } from './limits.ts';
import { type RecordedTask, recordedTasks } from './recorded-tasks.ts';
import { isUnknown, type SampleLines } from './sample.ts';
import { createSampleRunner, type SampleMemo, type SampleRunner } from './sample-runner.ts';
import { type SinkStreams, type StreamSide, sinkStreams } from './sink-streams.ts';
import { taskLabels } from './task-labels.ts';

/** What a change costs: the jobs that it touches, the sinks that tell events apart, and what is over a limit. */
export type ChangeCosts = { jobs: readonly JobCost[]; sinks: readonly SinkStreams[]; limits: LimitsFound };

/** One side of a change. `cwd`: from where paths to files with VRL lead. */
export type CostSide = { rendered: Rendered; tasks: readonly TaskContext[]; linksDir: string; cwd: string };

/**
 * Runs the same lines through both sides' pipelines of each task that changes, and counts what that means by what is recorded. Throws `usage`
 * for lines that a person gave and that cannot be used.
 */
export const changeCosts = async ({
  before,
  after,
  changed,
  snapshots,
  templatesDir,
  lines,
  cwd,
  limits,
  vrl,
}: Sides<CostSide> & {
  /** The stems of the tasks that change. */
  changed: readonly string[];
  snapshots: readonly NodeSnapshot[];
  /** Whose tests are run; undefined: the shipped samples. */
  templatesDir: string | undefined;
  /** As a person gave them: `JOB=FILE`. */
  lines: readonly string[];
  cwd: string;
  limits: CostLimits;
  vrl: Vrl;
}): Promise<ChangeCosts> => {
  const recorded = recordedTasks(snapshots);
  const given = await readGivenLines({
    given: lines,
    cwd,
    jobs: new Set([...recorded.values()].map(({ job }) => job)),
  });
  const profiles = new Map([...before.tasks, ...after.tasks].map(({ id, profile }) => [id, profile]));
  const sampleOf = samplesOf({ given, recorded, profiles, templatesDir });
  const memo: SampleMemo = new Map();
  const runners = { before: runnerOf({ side: before, memo, vrl }), after: runnerOf({ side: after, memo, vrl }) };
  const jobs = jobCosts(
    await Promise.all(
      changed.flatMap((stem) => {
        const task = recorded.get(stem);
        return task === undefined ? [] : [costOf({ stem, task, sampleOf, runners, profile: profiles.get(stem) })];
      }),
    ),
  );
  const sinks = await sinkStreams({
    before: streamsOf({ side: before, run: runners.before, sampleOf, vrl }),
    after: streamsOf({ side: after, run: runners.after, sampleOf, vrl }),
    taskOf: (stem) => recorded.get(stem),
  });
  return { jobs, sinks, limits: overLimits({ limits, jobs, sinks }) };
};

type SampleOf = (stem: string) => Promise<SampleLines | undefined>;

/** Lines that a person gave for its job, else those of the tests of its profile: each read once, and only if asked for. */
const samplesOf = ({
  given,
  recorded,
  profiles,
  templatesDir,
}: {
  given: ReadonlyMap<string, SampleLines>;
  recorded: ReadonlyMap<string, RecordedTask>;
  profiles: ReadonlyMap<string, string>;
  templatesDir: string | undefined;
}): SampleOf => {
  const known = new Map<string, Promise<SampleLines | undefined>>();
  return async (stem) => {
    const own = given.get(recorded.get(stem)?.job ?? '');
    const profile = profiles.get(stem);
    if (own !== undefined || profile === undefined) return own;
    const found = known.get(profile) ?? testLines({ profile, templatesDir });
    known.set(profile, found);
    return found;
  };
};

const testLines = async ({
  profile,
  templatesDir,
}: {
  profile: string;
  templatesDir: string | undefined;
}): Promise<SampleLines | undefined> => {
  const [tests] = await findTests({ dir: templatesDir, profiles: [profile] });
  const logs = (tests?.cases ?? []).map(({ stream, bytes }): { stream: LogStream; bytes: Buffer } => ({
    stream,
    bytes,
  }));
  return logs.every(({ bytes }) => bytes.length === 0) ? undefined : { about: `the tests of ${profile}`, logs };
};

const runnerOf = ({ side, memo, vrl }: { side: CostSide; memo: SampleMemo; vrl: Vrl }): SampleRunner => {
  const { rendered, linksDir, cwd } = side;
  return createSampleRunner({ side: { rendered, linksDir, vrl, readProgram: readProgramsFrom(cwd) }, memo });
};

const costOf = async ({
  stem,
  task: { namespace, job, volume },
  sampleOf,
  runners,
  profile,
}: {
  stem: string;
  task: RecordedTask;
  sampleOf: SampleOf;
  runners: Sides<SampleRunner>;
  profile: string | undefined;
}): Promise<TaskCost> => {
  const sample = await sampleOf(stem);
  const none = {
    unknown: `there are no lines to run: the profile ${profile} has no tests, and --lines JOB=FILE gives none`,
  };
  const [before, after] = [
    await runners.before(stem, sample ?? NO_LINES),
    await runners.after(stem, sample ?? NO_LINES),
  ];
  const runs = [before, after].flatMap((run) => (run === undefined || isUnknown(run) ? [] : [run.lines]));
  return {
    namespace,
    job,
    volume,
    before: before && (sample === undefined ? none : before),
    after: after && (sample === undefined ? none : after),
    by: sample === undefined || runs.length === 0 ? '' : `${Math.max(...runs)} lines of ${sample.about}`,
  };
};

const NO_LINES: SampleLines = { about: '', logs: [] };

const streamsOf = ({
  side: { rendered, linksDir },
  run,
  sampleOf,
  vrl,
}: {
  side: CostSide;
  run: SampleRunner;
  sampleOf: SampleOf;
  vrl: Vrl;
}): StreamSide => {
  const { blocks, rows, text } = rendered;
  let labels: ReturnType<typeof taskLabels> | undefined;
  return {
    blocks,
    rows,
    labels: () => {
      labels ??= taskLabels({ rendered, text, linksDir, vrl });
      return labels;
    },
    eventsOf: async (stem) => {
      const sample = await sampleOf(stem);
      const ran = sample && (await run(stem, sample));
      return ran === undefined || isUnknown(ran) ? undefined : ran.events;
    },
  };
};
