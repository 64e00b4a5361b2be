import { expect, test } from 'vitest';
import type { Amount, JobCost } from '../../lib/cost/job-costs.ts';
import { overLimits, readLimit } from '../../lib/cost/limits.ts';
import type { SinkStreams } from '../../lib/cost/sink-streams.ts';

const whole = (value: number): Amount => ({ value, isWhole: true });
const least = (value: number): Amount => ({ value, isWhole: false });

const aJob = (shipped: [Amount, Amount], dropped: [Amount, Amount] = [whole(0), whole(0)]): JobCost => ({
  namespace: 'default',
  job: 'shop',
  tasks: 1,
  written: undefined,
  overMs: 0,
  shipped: { before: shipped[0], after: shipped[1] },
  dropped: { before: dropped[0], after: dropped[1] },
  reasons: [],
  by: [],
  unknown: [],
});

const NO_LIMITS = { bytesPerDay: undefined, dropShare: undefined, streams: undefined };

const verdict = (found: ReturnType<typeof overLimits>): string =>
  found.over.length > 0 ? 'over' : found.unheld.length > 0 ? 'not known' : 'fine';

test.each<[string, [Amount, Amount], string]>([
  ['below it', [whole(5), whole(10)], 'fine'],
  ['the change takes it over', [whole(5), whole(11)], 'over'],
  ['a new job that is over it', [whole(0), whole(11)], 'over'],
  ['it was over it before, and is worse', [whole(11), whole(12)], 'over'],
  ['it was over it before, and is as it was', [whole(11), whole(11)], 'fine'],
  ['it was over it before, and is better', [whole(20), whole(11)], 'fine'],
  ['at least so much, which is over it', [whole(5), least(11)], 'over'],
  ['at least so much, which is below it', [whole(5), least(9)], 'not known'],
  ['not known', [whole(5), undefined], 'not known'],
  ['over it, and nobody knows of before', [undefined, whole(11)], 'not known'],
  ['over it, and of before only a part is known', [least(5), whole(11)], 'not known'],
])('a limit of ten: %s', (_, shipped, expected) => {
  const limits = { ...NO_LIMITS, bytesPerDay: 10 };
  expect(verdict(overLimits({ limits, jobs: [aJob(shipped)], sinks: [] }))).toBe(expected);
  expect(verdict(overLimits({ limits: NO_LIMITS, jobs: [aJob(shipped)], sinks: [] }))).toBe('fine');
});

test('each limit is about its own figure, and names whose that is', () => {
  const sink: SinkStreams = {
    sink: 'loki',
    what: 'streams',
    before: { now: 5, perDay: 10, by: undefined },
    after: { now: 5, perDay: 200, by: undefined },
    unknown: [],
  };
  const limits = { bytesPerDay: 1, dropShare: 0.5, streams: 100 };
  const { over } = overLimits({ limits, jobs: [aJob([whole(0), whole(2)], [whole(0), whole(0.6)])], sinks: [sink] });
  expect(over.map(({ limit, of, before, after }) => [limit, of, before, after])).toEqual([
    ['bytesPerDay', 'default / shop', 0, 2],
    ['dropShare', 'default / shop', 0, 0.6],
    ['streams', 'sink loki', 10, 200],
  ]);
});

test.each<[Parameters<typeof readLimit>[0]['limit'], string | undefined, number | 'usage' | undefined]>([
  ['bytesPerDay', undefined, undefined],
  ['bytesPerDay', '1.5', 1.5e9],
  ['bytesPerDay', '0', 0],
  ['bytesPerDay', '-1', 'usage'],
  ['bytesPerDay', '10GB', 'usage'],
  ['bytesPerDay', '', 'usage'],
  ['bytesPerDay', 'Infinity', 'usage'],
  ['dropShare', '50', 0.5],
  ['dropShare', '100.1', 'usage'],
  ['streams', '5000', 5_000],
])('%s %j is %j', (limit, text, expected) => {
  const read = (): unknown => readLimit({ limit, text });
  if (expected === 'usage') expect(read).toThrow(/is no/);
  else expect(read()).toBe(expected);
});
