import { NvlError } from '../errors.ts';
import { checkVectorConfig } from '../vector-check/check.ts';
import { readVectorConfig } from '../vector-check/read-config.ts';
import type { Vrl } from '../vrl/vrl.ts';
import { createVrlPool } from '../vrl/vrl-pool.ts';
import type { Event } from './case.ts';
import { compareEvents, isReadTime, ownFields, type ReadTimes } from './compare.ts';
import type { Expected } from './matchers.ts';
import type { Proofs } from './prove-sinks.ts';
import { runByProfiles } from './run-by-profiles.ts';
import { runInNode } from './run-in-node.ts';
import { runInTurns, silentOnes } from './run-in-turns.ts';
import type { RanInNvl, RunObserver } from './run-observer.ts';
import { type CaseRun, type PipelineRun, runPipeline } from './run-pipeline.ts';
import { renderTests } from './session.ts';
import { LINKS_DIR, syntheticTask } from './synthetic-task.ts';

/** What runs the lines of a test: nvl itself, or a real Vector beside it. */
export const ENGINES = ['node', 'vector'] as const;
export type EngineName = (typeof ENGINES)[number];

type Given = Parameters<typeof runPipeline>[0];
/** `observer`: looks on at what runs in nvl itself. `vrl`: what runs programs, the caller's to end; without it one is made. */
type Observed = Given & { observer?: RunObserver | undefined; vrl?: Vrl | undefined };

/**
 * Runs cases, by nvl itself or by a real Vector too. Where Vector is at hand it judges all blocks and sinks in both ways. By `vector`, a case
 * of which the two make different events has an error that says so. Throws `vectorMissing` and the like for `vector` alone.
 */
export const runByEngine = ({ engine, ...given }: Observed & { engine: EngineName }): Promise<PipelineRun> =>
  engine === 'vector' ? runInBoth(given) : runProven(given);

/** Runs cases by nvl itself, judged by nobody else. */
export const runInNvl = async ({
  cases,
  templates,
  files,
  shownPath,
  command: { cwd },
  observer,
  vrl: given,
  signal,
}: Pick<Observed, 'cases' | 'templates' | 'files' | 'shownPath' | 'observer' | 'vrl' | 'signal'> & {
  command: Pick<Given['command'], 'cwd'>;
}): Promise<PipelineRun> => {
  const pool = given ?? createVrlPool();
  const run = { templates, files, shownPath, cwd, vrl: observer?.wrapVrl(pool) ?? pool, signal };
  const ranAt = new Map<number, RanInNvl>();
  const watched = (at: number): RunObserver | undefined =>
    observer && { wrapVrl: (vrl) => vrl, ran: (part) => void ranAt.set(at, part) };
  try {
    const done = await runByProfiles({
      cases,
      run: (own, at) => runInNode({ ...run, cases: own, observer: watched(at) }),
    });
    // They were done in any order.
    const parts = [...ranAt].sort(([a], [b]) => a - b).map(([, part]) => part);
    observer?.ran({
      templates,
      linksDir: LINKS_DIR,
      blocks: parts.flatMap(({ blocks }) => blocks),
      programs: parts.flatMap(({ programs }) => programs),
      tasks: parts.flatMap(({ tasks }) => tasks),
    });
    return done;
  } finally {
    if (given === undefined) await pool.close();
  }
};

/** A case of which the two make different events runs in Vector once more, beside nothing but its like. */
const runInBoth = async ({ observer, vrl, ...given }: Observed): Promise<PipelineRun> => {
  const [byVector, byNode] = [await runInTurns(given), await runInNvl({ ...given, observer, vrl })];
  const first = comparedRuns({ byVector, byNode });
  const again = [...first.keys()].filter((index) => first[index]?.errors.some(isDifference));
  if (again.length === 0) return { ...byVector, runs: first };
  const pick = <T>(all: readonly T[]): T[] => all.filter((_, index) => again.includes(index));
  const alone = await runInTurns({ ...given, cases: pick(given.cases), provesSinks: false });
  const second = comparedRuns({ byVector: alone, byNode: { ...byNode, runs: pick(byNode.runs) } });
  return {
    ...byVector,
    readTimes: { fromMs: byVector.readTimes.fromMs, toMs: alone.readTimes.toMs },
    runs: first.map((run, index) => second[again.indexOf(index)] ?? run),
  };
};

/**
 * What Vector made, with an error where nvl made something else. That may be the machine's doing: Vector joins the lines of an event by the
 * time on a clock, and a machine with much to do lets more of it pass between two lines.
 */
const comparedRuns = ({ byVector, byNode }: { byVector: PipelineRun; byNode: PipelineRun }): CaseRun[] =>
  byVector.runs.map((run, index) => {
    const other = byNode.runs[index];
    return other === undefined ? run : compared({ run, other, readTimes: [byVector.readTimes, byNode.readTimes] });
  });

const isDifference = ({ code }: NvlError): boolean => code === 'enginesDiffer';

const runProven = async ({ observer, vrl, ...given }: Observed): Promise<PipelineRun> => {
  const [run, judged] = await Promise.all([runInNvl({ ...given, observer, vrl }), judgedByVector(given)]);
  if ('missing' in judged) return { ...run, proofs: judged.proofs };
  return {
    ...run,
    runs: run.runs.map((one, index) => {
      const errors = judged.errors.get(given.cases[index]?.profile ?? '') ?? [];
      return one.errors.length > 0 || errors.length === 0 ? one : { ...one, events: [], errors };
    }),
    proofs: judged.proofs,
  };
};

type Judged = { errors: ReadonlyMap<string, readonly NvlError[]>; proofs: Proofs | undefined };

/** What Vector has against each profile, and against the sinks; without it, what nvl has against these. Nothing is run. */
const judgedByVector = async (given: Given): Promise<Judged | (Pick<Judged, 'proofs'> & { missing: NvlError })> => {
  const cases = silentOnes(given.cases);
  try {
    const { runs, proofs } = await runPipeline({ ...given, cases });
    const errors = new Map(cases.map(({ profile }, index) => [profile, runs[index]?.errors ?? []]));
    return { errors, proofs };
  } catch (error) {
    if (!(error instanceof NvlError) || error.code !== 'vectorMissing') throw error;
    return { missing: error, proofs: given.provesSinks === true ? checkedSinks({ given, missing: error }) : undefined };
  }
};

/** Without a Vector: what nvl's own check has against the sinks. */
const checkedSinks = ({ given, missing }: { given: Given; missing: NvlError }): Proofs => {
  const cases = silentOnes(given.cases).map((testCase) => ({
    testCase,
    task: syntheticTask({ testCase, linksDir: LINKS_DIR }),
  }));
  const session = { cases, templates: given.templates, folders: { links: LINKS_DIR } };
  const { text } = renderTests({ session, isIn: () => true, hasSinks: true });
  const found = checkVectorConfig({ config: readVectorConfig([{ file: 'nomad.toml', text }]), isWhole: false });
  const why = `${missing.message}; the lines ran in nvl itself, and sinks had its own check alone`;
  return {
    ran: [],
    unproven: [{ proof: 'both', why }],
    errors: found
      .filter(({ severity, kind }) => severity === 'error' && kind === 'sink')
      .map(
        ({ message: said }) =>
          new NvlError('vectorRefused', {
            message: 'nvl’s own check refuses a sink, as Vector would',
            facts: { said },
            advice: 'fix the template of the sink',
          }),
      ),
  };
};

const compared = ({
  run,
  other,
  readTimes: [ofVector, ofNode],
}: {
  run: CaseRun;
  other: CaseRun;
  readTimes: readonly [ReadTimes, ReadTimes];
}): CaseRun => {
  if (run.errors.length > 0) return run;
  if (other.errors.length > 0)
    return { ...run, errors: [differ({ said: other.errors.map(({ message }) => message) })] };
  const differences = compareEvents({
    expected: run.events.map((event) => comparable({ event, readTimes: ofVector }) as Record<string, Expected>),
    actual: other.events.map((event) => comparable({ event, readTimes: ofNode })),
    isExact: true,
    readTimes: ofNode,
  });
  if (differences.length === 0) return run;
  const said = differences.flatMap(({ number, rows }) =>
    rows.map(({ field, expected, actual }) => `event ${number}, ${field}: Vector ${expected}, nvl ${actual}`),
  );
  return { ...run, errors: [differ({ said })] };
};

/** What comes from the line. A time of reading, which `reduce` keeps the last one of, is another each time. */
const comparable = ({ event, readTimes }: { event: Event; readTimes: ReadTimes }): Event =>
  Object.fromEntries(
    Object.entries(ownFields({ event, readTimes })).map(([name, value]) => [
      name,
      isReadTime({ value, readTimes }) ? 'a time of reading' : value,
    ]),
  );

const differ = ({ said }: { said: readonly string[] }): NvlError =>
  new NvlError('enginesDiffer', {
    message: 'nvl and Vector make different events of these lines',
    facts: { said: said.slice(0, MOST_SAID).join('\n') },
    advice: 'believe Vector, and please report it with the template and the lines',
  });

const MOST_SAID = 10;
