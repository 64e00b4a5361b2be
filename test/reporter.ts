import type { Reporter, TestCase, TestModule } from 'vitest/node';
import { findProgram } from './support/programs.ts';

/**
 * Stands beside vitest's own reporter and speaks after it: one line for each absent program with the tests that were
 * skipped for it, and `N passed, N failed, N skipped` alone on the very last line, for those who read only that.
 */
export const summaryReporter = ({
  print = (line: string) => process.stdout.write(`${line}\n`),
  whyAbsent = (program: string) => findProgram(program).absent,
}: {
  print?: (line: string) => void;
  whyAbsent?: (program: string) => string | undefined;
} = {}): Reporter => ({
  onTestRunEnd(modules, unhandledErrors) {
    const summary = summarise({
      tests: modules.flatMap((module) => [...module.children.allTests()].map(toOutcome)),
      brokenModules: modules.filter(isBroken).length,
      unhandledErrors: unhandledErrors.length,
      whyAbsent,
    });
    // The default reporter writes its own summary in this same turn.
    setImmediate(() => summary.forEach(print));
  },
});

export type TestOutcome = {
  name: string;
  state: 'passed' | 'failed' | 'skipped';
  needs: string[];
  note: string | undefined;
};

/** The reporter's lines, pure. A module that does not load and an error outside any test count as one failure each. */
export const summarise = ({
  tests,
  brokenModules,
  unhandledErrors,
  whyAbsent,
}: {
  tests: TestOutcome[];
  brokenModules: number;
  unhandledErrors: number;
  whyAbsent: (program: string) => string | undefined;
}): string[] => {
  const count = (state: TestOutcome['state']) => tests.filter((test) => test.state === state).length;
  const skipped = tests.filter(({ state }) => state === 'skipped');
  const reasons = skipped.map((test) => ({ test, reasons: reasonsOf({ test, whyAbsent }) }));
  const lines = [...new Set(reasons.flatMap((entry) => entry.reasons))].sort().map((reason) => {
    const names = reasons.filter((entry) => entry.reasons.includes(reason)).map(({ test }) => test.name);
    return `skipped, ${reason}: ${names.join('; ')}`;
  });
  return [
    ...lines,
    `${count('passed')} passed, ${count('failed') + brokenModules + unhandledErrors} failed, ${count('skipped')} skipped`,
  ];
};

const reasonsOf = ({ test, whyAbsent }: { test: TestOutcome; whyAbsent: (program: string) => string | undefined }) => {
  const absent = test.needs.map(whyAbsent).filter((reason) => reason !== undefined);
  return absent.length > 0 ? absent : [test.note ?? 'no reason given'];
};

const toOutcome = (test: TestCase): TestOutcome => {
  const result = test.result();
  return {
    name: `${test.module.relativeModuleId} > ${test.fullName}`,
    // A test that is still pending when the run ends was cut off.
    state: result.state === 'pending' ? 'failed' : result.state,
    needs: test.meta().needs ?? [],
    note: result.state === 'skipped' ? result.note : undefined,
  };
};

const isBroken = (module: TestModule): boolean => module.state() === 'failed' && module.children.size === 0;
