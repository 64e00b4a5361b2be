import { expect, test } from 'vitest';
import { NvlError } from '../../lib/errors.ts';
import { EMPTY_LOG, withFailure } from '../../lib/status/cycle-log.ts';
import { makeStatus } from '../../lib/status/make-status.ts';
import { showJob } from '../../lib/status/show/show-job.ts';
import { showStatus } from '../../lib/status/show/show-status.ts';
import { plainLine, shownBytes, shownSeconds, wrapped } from '../../lib/status/show/units.ts';
import { anAllocation } from '../support/builders.ts';
import { aFile, heldFacts, heldFor, NOW } from './support.ts';

const widest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

test('a node that is well, in lines of 80 characters', async () => {
  const held = await heldFor([anAllocation({ job: 'web' })]);
  const [{ id = '' } = {}] = held.seen.tasks;
  const text = showStatus(
    makeStatus({ held: { ...held, sample: { at: NOW, files: [aFile({ id, readBytes: 60 })] } } }),
  );
  expect(text.split('\n')).toEqual([
    'nvl 0.1.0     runs since 1970-02-11T15:00:00Z (1h), process 4711',
    expect.stringMatching(/^node {10}node-1 /),
    'Vector        process 4720, since 1970-02-11T15:00:00Z (1h)',
    'generation    ab12cd34ef56, loaded 1970-02-11T15:57:00Z (3m)',
    'templates     0123456789ab, read 1970-02-11T15:00:00Z (1h)',
    'last list     none has come from Nomad yet',
    'tasks         1 reading',
    'logs          40 B unread, 0 B held of 2.0 GiB',
    'wrong         nothing',
    '',
    'TASK    ALLOC    STATE   UNREAD WRITES/S SAFE LAST',
    'web/app 11111111 reading 40 B   ?        -    5s',
    '',
  ]);
});

test('what is wrong is told with since when, why and what to do', () => {
  const error = new NvlError('nomadAway', {
    message: 'Nomad does not answer',
    facts: { said: 'refused' },
    advice: 'look',
  });
  const time = { startedAt: NOW - 60_000, endedAt: NOW - 59_000 };
  const cycles = withFailure({ log: EMPTY_LOG, error, time });
  const text = showStatus(makeStatus({ held: heldFacts({ cycles }) }));
  expect(text).toContain('last cycle    1m ago: failed (1000 ms) Nomad does not answer\n');
  expect(text).toContain(
    '\nlook  Nomad does not answer\n  since 1970-02-11T15:59:01Z (59s)\n  said  refused\n  try   look\n',
  );
});

test('without a daemon that is said, and nothing is claimed of it', () => {
  const nobody = { version: '', pid: null, startedAt: null, root: '/r', configFile: null };
  const vector = {
    runBy: null,
    pid: null,
    startedAt: null,
    hasStarted: null,
    generation: null,
    loadedAt: null,
  } as const;
  const text = showStatus(makeStatus({ held: heldFacts({ source: 'state', nvl: nobody, vector }) }));
  expect(text).toContain('nvl           does not run on this output root: this is what its state says\n');
  expect(text).toContain('Vector        does not run\n');
  expect(text).not.toContain('last list');
});

test('a job shows why a file is not read', async () => {
  const held = await heldFor([anAllocation({ job: 'web' })]);
  const [{ id = '', allocation }] = held.seen.tasks as [(typeof held.seen.tasks)[number]];
  const sample = { at: NOW, files: [aFile({ id, readBytes: 0 })] };
  const refusedFiles = [{ allocId: allocation.id, name: 'app.stdout.9', why: 'it is a symbolic link' }];
  const text = showJob(makeStatus({ held: { ...held, sample, refusedFiles }, asked: { job: 'web' } }));
  expect(text).toContain('  - stdout.0 (100 B unread): Vector has not delivered any of it yet\n');
  expect(text).toContain('  - app.stdout.9: it is refused: it is a symbolic link\n');
});

test('names of jobs and words of others neither move the cursor nor break the lines', async () => {
  const hostile = `web\u001b[2J\u202e${'x'.repeat(200)}`;
  const held = await heldFor([anAllocation({ job: hostile, task: 'y'.repeat(120) })]);
  const error = new NvlError('vectorRefused', { message: `${'z'.repeat(300)}\u0007\n\u001b]0;x` });
  const [{ id = '' } = {}] = held.seen.tasks;
  const refused = [{ key: id, heading: hostile, errors: [error], instead: 'default' as const }];
  const cycles = withFailure({ log: EMPTY_LOG, error, time: { startedAt: NOW, endedAt: NOW } });
  const full = { ...held, cycles, seen: { ...held.seen, refused } };
  for (const text of [
    showStatus(makeStatus({ held: full })),
    showJob(makeStatus({ held: full, asked: { job: hostile } })),
  ]) {
    expect(widest(text)).toBeLessThanOrEqual(80);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  }
});

test('twenty tasks are shown of many', async () => {
  const allocations = Array.from({ length: 30 }, (_, n) =>
    anAllocation({ id: `${String(n).padStart(8, '0')}-0000-4000-8000-000000000000`, job: `job-${n}` }),
  );
  const text = showStatus(makeStatus({ held: await heldFor(allocations) }));
  expect(text.match(/job-\d+\/app/g)).toHaveLength(20);
  expect(text).toContain('and 10 more: nvl status JOB');
});

test.each([
  [null, '?'],
  [0, '0 B'],
  [1_023, '1023 B'],
  [1_024, '1.0 KiB'],
  [12_897_485, '12.3 MiB'],
  [500 * 1_024 ** 3, '500 GiB'],
  [2 ** 80, '1073741824 PiB'],
])('%s bytes are shown as %s', (bytes, shown) => expect(shownBytes(bytes)).toBe(shown));

test.each([
  [null, '-'],
  [0, '0s'],
  [59.9, '59s'],
  [60, '1m'],
  [86_399, '23h'],
  [90_000, '1d'],
  [1e12, '>999d'],
  [-5, '0s'],
])('%s seconds are shown as %s', (seconds, shown) => expect(shownSeconds(seconds)).toBe(shown));

test('text is wrapped at words, and a long word is cut', () => {
  expect(wrapped({ text: 'one two three', width: 8, indent: '  ' })).toEqual(['one two', '  three']);
  expect(wrapped({ text: 'abcdefghijkl', width: 8, indent: '  ' })).toEqual(['abcdef', '  ghijkl']);
  expect(plainLine('a\tb\u001b[1m\r\nc')).toBe('a b [1m c');
});
