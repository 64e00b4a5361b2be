import { readFile, writeFile } from 'node:fs/promises';
import type { Event } from './case.ts';
import { type CaseResult, hasPassed, type TestRun } from './test-profiles.ts';
import { type Actual, updateCases } from './update.ts';

/** What an update came to: the run after it, the files it wrote, and the cases it could not write. */
export type Updated = { run: TestRun; files: string[]; unsteady: Unsteady[] };

/** A case that does not even give the same number of events each time. */
export type Unsteady = { at: { file: string; line: number }; name: string; counts: readonly number[] };

/**
 * Writes what came into the test files of the cases that were run and did not pass. They are run once more first, and after the
 * writing again: what is another value each time is no expectation, and becomes `!any`.
 */
export const updateTests = async ({
  run,
  again,
}: {
  run: TestRun;
  /** Runs these profiles once more, all of the first run's when undefined. */
  again: (profiles?: readonly string[]) => Promise<TestRun>;
}): Promise<Updated> => {
  const toWrite = casesOf(run).filter((one) => one.isRun && !hasPassed(one));
  if (toWrite.length === 0) return { run, files: [], unsteady: [] };
  const runs = [run, await again([...new Set(toWrite.map(({ testCase }) => testCase.profile))])];
  const files = new Set<string>();
  let written = toWrite;
  for (;;) {
    const steady = written.filter((one) => new Set(eventsOf({ runs, one }).map(({ length }) => length)).size === 1);
    for (const file of await writeCases({ cases: steady, runs })) files.add(file);
    const after = files.size === 0 ? run : await again();
    const failed = new Set(
      casesOf(after)
        .filter((one) => one.isRun && !hasPassed(one))
        .map(keyOf),
    );
    written = steady.filter((one) => failed.has(keyOf(one)));
    if (written.length === 0 || runs.length >= MOST_RUNS) {
      return { run: after, files: [...files], unsteady: unsteadyOf({ cases: toWrite, runs }) };
    }
    runs.push(after);
  }
};

/** A coin that falls the same way each time is met once in eight updates. */
const MOST_RUNS = 4;

const casesOf = ({ profiles }: TestRun): CaseResult[] => profiles.flatMap(({ cases }) => [...cases]);

const keyOf = ({ testCase: { file, position } }: CaseResult): string => `${file}:${position}`;

const eventsOf = ({ runs, one }: { runs: readonly TestRun[]; one: CaseResult }): (readonly Event[])[] =>
  runs.flatMap((run) => {
    const same = casesOf(run).find((other) => keyOf(other) === keyOf(one));
    return same?.isRun === true ? [same.events] : [];
  });

const writeCases = async ({
  cases,
  runs,
}: {
  cases: readonly CaseResult[];
  runs: readonly TestRun[];
}): Promise<string[]> => {
  const byFile = new Map<string, Actual[]>();
  for (const one of cases) {
    const { file, position, isExact, bytes } = one.testCase;
    const [events = [], ...others] = eventsOf({ runs, one });
    const actual = { position, isExact, events, others, lines: bytes.toString('utf8') };
    byFile.set(file, [...(byFile.get(file) ?? []), actual]);
  }
  const readTimes = runs[0]?.readTimes ?? { fromMs: 0, toMs: 0 };
  for (const [file, actuals] of byFile) {
    const [, bom = '', text = ''] = /^(\ufeff?)(.*)$/s.exec(await readFile(file, 'utf8')) ?? [];
    await writeFile(file, `${bom}${updateCases({ text, actuals, readTimes })}`);
  }
  return [...byFile.keys()];
};

const unsteadyOf = ({ cases, runs }: { cases: readonly CaseResult[]; runs: readonly TestRun[] }): Unsteady[] =>
  cases.flatMap((one) => {
    const counts = eventsOf({ runs, one }).map(({ length }) => length);
    const { file, line, name } = one.testCase;
    return new Set(counts).size <= 1 ? [] : [{ at: { file, line }, name, counts }];
  });
