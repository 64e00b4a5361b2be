import { expect, test } from 'vitest';
import { stemOf } from '../../lib/context/id.ts';
import { taskVolumes } from '../../lib/cost/task-volumes.ts';
import type { Allocation } from '../../lib/nomad/allocation.ts';
import { anAllocation, type GivenAllocation, idOf } from '../support/builders.ts';

const HOUR = 3_600_000;
const AT = Date.UTC(2026, 0, 10);
const timeOf = (hoursAgo: number): string => new Date(AT - hoursAgo * HOUR).toISOString();

/** An allocation, and what its task wrote to both streams together between two times. */
type Given = GivenAllocation & {
  made: number;
  from?: number;
  to?: number;
  bytes?: number;
  streams?: ('stdout' | 'stderr')[];
};

const recording = (given: readonly Given[]) => {
  const allocations: Allocation[] = given.map(({ made, ...one }, index) => ({
    ...anAllocation({ id: idOf(index + 1), ...one }),
    createTime: timeOf(made),
  }));
  const written = given.flatMap(({ made, from = made, to = 0, bytes, streams = ['stdout', 'stderr'] }, index) =>
    bytes === undefined
      ? []
      : streams.map((stream) => ({
          allocId: idOf(index + 1),
          task: 'app',
          stream,
          bytes: bytes / streams.length,
          from: timeOf(from),
          to: timeOf(to),
        })),
  );
  return { allocations, logs: { at: timeOf(0), written } };
};

const volumes = (given: readonly Given[]) => {
  const found = taskVolumes(recording(given));
  return given.map((_, index) => {
    const one = found.get(stemOf({ allocId: idOf(index + 1), task: 'app' }));
    return one && Math.round(one.bytesPerDay);
  });
};

test.each<[string, Given[], (number | undefined)[]]>([
  ['one that runs for a day', [{ made: 24, bytes: 100 }], [100]],
  ['for an hour: as much for all of a day', [{ made: 1, bytes: 100 }], [2_400]],
  ['rotated away: at the pace of the hours that are left', [{ made: 240, from: 6, bytes: 100 }], [400]],
  ['three instances, each for itself', [1, 2, 3].map(() => ({ made: 24, bytes: 100 })), [100, 100, 100]],
  [
    'one that took another’s place: each for its part of the time',
    [
      { made: 48, to: 24, bytes: 100, status: 'complete' },
      { made: 24, bytes: 100 },
    ],
    [50, 50],
  ],
  [
    'runs of a periodic job are one job: of the time since the first of them',
    [
      { job: 'backup/periodic-1', parent: 'backup', made: 48, to: 47, bytes: 100 },
      { job: 'backup/periodic-2', parent: 'backup', made: 24, to: 23, bytes: 300 },
    ],
    [50, 150],
  ],
  [
    'another job’s age is nothing to it, nor is another namespace’s',
    [
      { job: 'old', made: 480, bytes: 0 },
      { namespace: 'other', made: 480, bytes: 0 },
      { made: 24, bytes: 100 },
    ],
    [0, 0, 100],
  ],
  ['younger than ten minutes: nothing is said of a day', [{ made: 0.1, bytes: 100 }], [undefined]],
  ['not measured', [{ made: 24 }], [undefined]],
  ['measured over no time', [{ made: 24, from: 1, to: 1, bytes: 5 }], [0]],
])('bytes a day: %s', (_, given, expected) => {
  expect(volumes(given)).toEqual(expected);
});

test('a task of which one stream alone is known writes at least so much', () => {
  const [one] = taskVolumes(recording([{ made: 24, bytes: 100, streams: ['stdout'] }])).values();
  expect(one).toMatchObject({ bytesPerDay: 100, isWhole: false, overMs: 24 * HOUR });
});

test('a recording of before tells of none', () => {
  expect(taskVolumes({ allocations: [anAllocation()], logs: undefined }).size).toBe(0);
});
