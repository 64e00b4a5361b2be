import { expect, test } from 'vitest';
import { healthOf, whyNotReady } from '../../lib/status/health.ts';
import type { FaultStatus } from '../../lib/status/status.ts';

const aFault = (given: Partial<FaultStatus> = {}): FaultStatus => ({
  level: 'red',
  kind: 'quarantine',
  about: 'default / web / app',
  since: 0,
  message: 'no such function',
  said: null,
  advice: null,
  ...given,
});

test.each([
  ['nothing is wrong', [], 'green'],
  ['a note', [aFault({ level: 'yellow', kind: 'note' })], 'yellow'],
  ['a quarantine', [aFault()], 'red'],
  [
    'a roll-back among notes',
    [aFault({ level: 'yellow', kind: 'note' }), aFault({ kind: 'cycle', about: null })],
    'red',
  ],
])('health: %s', (_, faults, level) => expect(healthOf({ faults }).level).toBe(level));

test('it says why, in words that nvl status has too', () => {
  expect(healthOf({ faults: [aFault()] }).why).toEqual(['red quarantine: default / web / app: no such function']);
  expect(healthOf({ faults: Array.from({ length: 99 }, () => aFault()) }).why).toHaveLength(20);
});

const vector = { runBy: 'nvl', pid: 7, startedAt: 0, hasStarted: true, generation: 'ab', loadedAt: 0 } as const;

test.each([
  ['a list is known, and Vector runs what nvl wrote', { vector, lastGoodListAt: 1 }, 0],
  ['no list yet', { vector, lastGoodListAt: null }, 1],
  ['Vector does not run', { vector: { ...vector, pid: null }, lastGoodListAt: 1 }, 1],
  ['somebody else runs it', { vector: { ...vector, runBy: 'others' as const, pid: null }, lastGoodListAt: 1 }, 0],
  ['it has loaded nothing yet', { vector: { ...vector, generation: null }, lastGoodListAt: 1 }, 1],
])('ready: %s', (_, given, reasons) => expect(whyNotReady(given)).toHaveLength(reasons));
