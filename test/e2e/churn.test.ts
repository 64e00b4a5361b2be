import { expect, test } from 'vitest';
import { runChurn } from '../../bench/support/run-churn.ts';
import { toTable } from '../../bench/support/table.ts';
import { percentile } from '../support/count-lines.ts';
import { needs, nomad, vector } from '../support/programs.ts';

// How soon lines come is printed by `npm run bench:churn`. Here only a broken nvl may fail: an nvl that misses its news looks again 30 s
// later, and one that loses a reload waits 45 s for it. A machine with forty processes that want its two cores took 10 s for one task.
const BROKEN_MS = { p50: 10_000, p99: 25_000 };

const clean = { lost: 0, repeated: 0, unlabelled: 0, mislabelled: 0 };

test(
  '60 tasks come and go, ten at a time, and each of their lines arrives once, labelled, and soon',
  needs(nomad, vector),
  async () => {
    const churn = await runChurn();
    console.log(toTable(churn));
    expect(
      churn.rows.map(({ name, lost, repeated, unlabelled, mislabelled }) => ({
        name,
        lost,
        repeated,
        unlabelled,
        mislabelled,
      })),
    ).toEqual(churn.rows.map(({ name }) => ({ name, ...clean })));
    expect(churn).toMatchObject({ unknown: [], nvlExitCode: 0 });
    // Of 60 writers, one was there before nvl and one profile throws the time away.
    expect(churn.all.firstLineMs).toHaveLength(58);
    expect(percentile({ values: churn.all.firstLineMs, share: 0.5 })).toBeLessThanOrEqual(BROKEN_MS.p50);
    expect(percentile({ values: churn.all.firstLineMs, share: 0.99 })).toBeLessThanOrEqual(BROKEN_MS.p99);
    // The scenarios were what they are called.
    expect(churn.tasks).toBe(60);
    expect(churn.filesAlike).toBeGreaterThanOrEqual(2);
  },
);

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'nvl starts again after a %s in the middle of it, and nothing is lost or repeated',
  needs(nomad, vector),
  async (restartBy) => {
    const churn = await runChurn({ batchJobs: 12, atOnce: 6, restartBy });
    console.log(toTable(churn));
    expect(churn.all).toMatchObject(clean);
    expect(churn.unknown).toEqual([]);
  },
);
