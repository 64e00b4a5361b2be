import { expect, test } from 'vitest';
import { stemOf } from '../../lib/context/id.ts';
import { recordedTasks } from '../../lib/cost/recorded-tasks.ts';
import { anAllocation, type GivenAllocation, idOf } from '../support/builders.ts';

const HOUR = 3_600_000;
const AT = Date.UTC(2026, 0, 10);
const iso = (hoursAgo: number): string => new Date(AT - hoursAgo * HOUR).toISOString();

const made = (hoursAgo: number, given: GivenAllocation) => ({ ...anAllocation(given), createTime: iso(hoursAgo) });

const ENDED = { status: 'complete', finishedAt: iso(0.5) };

const taskOf = (allocations: ReturnType<typeof made>[], written: object[] | undefined = []) => {
  const logs = written && { at: iso(0), written: written as never };
  const found = recordedTasks([{ allocations, ...(logs && { logs }) }]);
  return found.get(stemOf({ allocId: idOf(1), task: 'app' }));
};

test.each<[string, ReturnType<typeof made>[], { isNow: boolean; weight: number | undefined }]>([
  ['it runs, and nothing has ended', [made(5, { id: idOf(1) })], { isNow: true, weight: undefined }],
  [
    'what ended since six hours comes four times a day',
    [made(6, { id: idOf(1), ...ENDED })],
    { isNow: false, weight: 4 },
  ],
  [
    'the oldest of what ended counts, and not what runs for longer',
    [made(12, { id: idOf(1), ...ENDED }), made(1, { id: idOf(2), ...ENDED }), made(100, { id: idOf(3) })],
    { isNow: false, weight: 2 },
  ],
  [
    'what ended within minutes tells nothing of a day',
    [made(0.1, { id: idOf(1), ...ENDED })],
    { isNow: false, weight: undefined },
  ],
])('%s', (_, allocations, expected) => {
  expect(taskOf(allocations)).toMatchObject(expected);
});

test('of a recording that does not say when it was made nothing is known of a day', () => {
  const [found] = recordedTasks([{ allocations: [made(6, { id: idOf(1), ...ENDED })] }]).values();
  expect(found).toMatchObject({ isNow: false, weight: undefined, volume: undefined });
});

test('a run of a periodic job counts to that, and a stream that stayed empty is none', () => {
  const written = (stream: string, bytes: number) => ({
    allocId: idOf(1),
    task: 'app',
    stream,
    bytes,
    from: iso(5),
    to: iso(0),
  });
  const allocation = made(5, { id: idOf(1), job: 'backup/periodic-1', parent: 'backup' });
  expect(taskOf([allocation], [written('stdout', 5), written('stderr', 0)])).toMatchObject({
    job: 'backup',
    streams: ['stdout'],
  });
  expect(taskOf([allocation])).toMatchObject({ streams: ['stdout', 'stderr'] });
});
