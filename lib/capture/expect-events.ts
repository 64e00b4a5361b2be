import { NvlError } from '../errors.ts';
import { compareEvents, type ReadTimes } from '../profile-test/compare.ts';
import { readCases } from '../profile-test/read-cases.ts';
import type { CaseRun, PipelineRun } from '../profile-test/run-pipeline.ts';
import type { RunCase } from '../profile-test/session.ts';
import { updateCases } from '../profile-test/update.ts';

/**
 * The text of a test file with the events that come of its cases now. They run more than once: what is another value each time is no expectation. What
 * is returned fits what came last. Throws the first error of a case, and `captureRefused` for lines that do not give the same number of events each time.
 */
export const expectEvents = async ({
  text,
  cases,
  run,
}: {
  text: string;
  cases: readonly RunCase[];
  run: () => Promise<PipelineRun>;
}): Promise<{ text: string; runs: readonly CaseRun[] }> => {
  const runs = [checked(await run()), checked(await run())];
  for (;;) {
    const written = withEvents({ text, cases, runs });
    const last = checked(await run());
    if (fitsAll({ text: written, cases, run: last })) return { text: written, runs: last.runs };
    if (runs.length >= MOST_RUNS) throw unsteady();
    runs.push(last);
  }
};

/** As for `nvl test --update`. */
const MOST_RUNS = 4;

const checked = (run: PipelineRun): PipelineRun => {
  for (const { errors } of run.runs) if (errors[0] !== undefined) throw errors[0];
  return run;
};

const withEvents = ({
  text,
  cases,
  runs,
}: {
  text: string;
  cases: readonly RunCase[];
  runs: readonly PipelineRun[];
}): string => {
  const readTimes = timesOf(runs);
  const actuals = cases.map(({ position, bytes }, index) => {
    const [events = [], ...others] = runs.map((run) => run.runs[index]?.events ?? []);
    if (others.some(({ length }) => length !== events.length)) throw unsteady();
    return { position, isExact: false, events, others, lines: bytes.toString('utf8') };
  });
  return updateCases({ text, actuals, readTimes });
};

/** From before the first to after the last. */
const timesOf = (runs: readonly PipelineRun[]): ReadTimes => ({
  fromMs: Math.min(...runs.map(({ readTimes }) => readTimes.fromMs)),
  toMs: Math.max(...runs.map(({ readTimes }) => readTimes.toMs)),
});

/** As `nvl test` will find it: the lines are those that ran, and the events fit. */
const fitsAll = ({ text, cases, run }: { text: string; cases: readonly RunCase[]; run: PipelineRun }): boolean => {
  const [first] = cases;
  const read = readCases({ profile: first?.profile ?? '', file: first?.file ?? '', text });
  const [fault] = read.faults;
  if (fault !== undefined) throw fault;
  return cases.every(({ bytes }, index) => {
    const found = read.cases[index];
    if (found?.lines === undefined || !Buffer.from(found.lines).equals(bytes))
      throw new Error('the lines are not those that ran');
    const differences = compareEvents({
      expected: found.events ?? [],
      actual: run.runs[index]?.events ?? [],
      isExact: false,
      readTimes: run.readTimes,
    });
    return differences.length === 0;
  });
};

const unsteady = (): NvlError =>
  new NvlError('captureRefused', {
    message: 'the same lines give other events each time, so nothing can be expected of them',
    advice: 'look for what draws lots or tells the time in the profile: sample, throttle, now()',
  });
