import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Seconds that a file of tests takes, of those that take longest: begun last, one of them alone would hold up the end. */
const SLOW: Readonly<Record<string, number>> = {
  'e2e/rollout.test.ts': 280,
  'e2e/samples.test.ts': 260,
  'e2e/sidecar.test.ts': 240,
  'e2e/jobspecs.test.ts': 230,
  'e2e/own-files.test.ts': 180,
  'e2e/churn.test.ts': 160,
  'e2e/alerts.test.ts': 150,
  'e2e/held.test.ts': 130,
  'e2e/two-vectors.test.ts': 120,
  'e2e/removed-sink.test.ts': 120,
  'e2e/readme.test.ts': 110,
  'e2e/safe-values.test.ts': 100,
  'e2e/status.test.ts': 95,
  'e2e/samples-cross.test.ts': 90,
  'e2e/access.test.ts': 85,
  'e2e/slips.test.ts': 80,
  'e2e/stalled-log.test.ts': 80,
  'e2e/sinks.test.ts': 80,
  'e2e/bench.test.ts': 80,
  'e2e/restarts.test.ts': 75,
  'e2e/review.test.ts': 70,
  'vrl/corpus.test.ts': 70,
  'engine/corpus.test.ts': 70,
  'e2e/doctor.test.ts': 65,
  'commands/disk.test.ts': 65,
  'e2e/tls.test.ts': 60,
  'commands/demo.test.ts': 60,
  'e2e/own-user.test.ts': 50,
  'profile-test/run.test.ts': 45,
  'bin/stalled-log.test.ts': 45,
  'e2e/late.test.ts': 40,
  'e2e/backlog.test.ts': 40,
  'e2e/tail.test.ts': 40,
  'e2e/nomad.test.ts': 40,
  'tail/tail.test.ts': 40,
};

/** Begins with what takes longest. A fresh clone has no memory of its own of that. */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const secondsOf = ({ moduleId }: TestSpecification): number => SLOW[moduleId.replace(/^.*\/test\//, '')] ?? 0;
    return (await super.sort(files)).sort((one, other) => secondsOf(other) - secondsOf(one));
  }
}
