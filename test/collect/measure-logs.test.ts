import { expect, test } from 'vitest';
import { measureLogs, writtenBy } from '../../lib/collect/measure-logs.ts';
import type { LogSize } from '../../lib/files/log-sizes.ts';
import { readAllocation } from '../../lib/nomad/read-allocation.ts';
import { aSite } from '../files/support.ts';
import { aRawAllocation, firstTask, type GivenAllocation, idOf } from '../support/builders.ts';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 0, 2);

/** Made a day ago. */
const anAllocation = (given: GivenAllocation = {}) => {
  const allocation = readAllocation({ ...aRawAllocation(given), CreateTime: (NOW - 24 * HOUR) * 1e6 });
  if (allocation === undefined) throw new Error('no allocation');
  return allocation;
};

const aFile = (index: number, bytes: number, hoursAgo = 0): LogSize => ({
  task: 'app',
  stream: 'stdout',
  index,
  bytes,
  modifiedMs: NOW - hoursAgo * HOUR,
});

test.each<[string, GivenAllocation, LogSize[], { bytes: number; hours: number } | undefined]>([
  ['one file: all since the allocation was made', {}, [aFile(0, 100)], { bytes: 100, hours: 24 }],
  ['rotated, none deleted', {}, [aFile(1, 50), aFile(0, 100, 3)], { bytes: 150, hours: 24 }],
  [
    'older ones deleted: since the last write to the oldest that is left, without its own bytes',
    {},
    [aFile(7, 100, 4), aFile(8, 100, 1), aFile(9, 30)],
    { bytes: 130, hours: 4 },
  ],
  ['the tenth is not the second', {}, [aFile(10, 30), aFile(9, 100, 2)], { bytes: 30, hours: 2 }],
  ['nothing written is known too', {}, [aFile(0, 0)], { bytes: 0, hours: 24 }],
  ['only one of many is left: nobody knows since when', {}, [aFile(5, 100)], undefined],
  ['no file of this task', {}, [{ ...aFile(0, 5), task: 'app2' }], undefined],
  [
    'finished: until then',
    { status: 'complete', finishedAt: new Date(NOW - 20 * HOUR).toISOString() },
    [aFile(0, 100, 20)],
    { bytes: 100, hours: 4 },
  ],
  ['a clock that went back', {}, [aFile(3, 1, -5), aFile(4, 1)], undefined],
])('%s', (_, given, files, expected) => {
  const allocation = anAllocation(given);
  const found = writtenBy({ allocation, task: firstTask(allocation), files, now: NOW });
  expect(found.map(({ bytes, from, to }) => ({ bytes, hours: (Date.parse(to) - Date.parse(from)) / HOUR }))).toEqual(
    expected === undefined ? [] : [expected],
  );
});

test('streams are told apart, and allocations without files are counted where they still run', () => {
  const site = aSite();
  site.write('app.stdout.0', 'abc');
  site.write('app.stderr.0', 'e');
  const allocations = [
    anAllocation({ id: idOf(3) }),
    anAllocation({ id: idOf(1) }),
    anAllocation({ id: idOf(2), status: 'complete' }),
  ];
  const { logs, unmeasured } = measureLogs({ snapshot: { allocations, allocDir: site.allocDir }, now: NOW });
  expect(logs.at).toBe('2026-01-02T00:00:00.000Z');
  expect(logs.written).toMatchObject([
    { allocId: idOf(1), task: 'app', stream: 'stdout', bytes: 3 },
    { allocId: idOf(1), task: 'app', stream: 'stderr', bytes: 1 },
  ]);
  expect(unmeasured).toEqual({ allocations: 1, why: `${site.allocDir} has no log folder of it on this machine` });
});
