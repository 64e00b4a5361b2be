import { expect, test } from 'vitest';
import type { CycleResult } from '../../lib/cycle-deps.ts';
import { NvlError } from '../../lib/errors.ts';
import { type CycleLog, EMPTY_LOG, withFailure, withResult, withTemplates } from '../../lib/status/cycle-log.ts';
import { aResult } from '../support/cycle-result.ts';

const away = new NvlError('nomadAway', {
  message: 'Nomad does not answer',
  facts: { said: 'refused' },
  advice: 'look',
});
const died = new NvlError('vectorDied', { message: 'Vector died of it' });

/** The log after these cycles, one a second, each 10 ms long. */
const after = (...cycles: (CycleResult | Error)[]): CycleLog =>
  cycles.reduce<CycleLog>((log, cycle, count) => {
    const time = { startedAt: count * 1_000, endedAt: count * 1_000 + 10 };
    return cycle instanceof Error ? withFailure({ log, error: cycle, time }) : withResult({ log, result: cycle, time });
  }, EMPTY_LOG);

const sinceOf = (faults: CycleLog['cycleFaults']) => faults.map(({ message, since }) => [message, since]);

test('the last cycle is told, whatever came of it', () => {
  const changes = { added: 0, changed: 0, removed: 0 };
  expect(after(aResult(), away).last).toEqual({
    at: 1_000,
    tookMs: 10,
    outcome: 'failed',
    changes,
    said: away.message,
  });
  expect(after(away, aResult()).last).toEqual({ at: 1_000, tookMs: 10, outcome: 'unchanged', changes, said: null });
});

test.each([
  ['the same fault lasts since it began', [away, away, away], [[away.message, 10]]],
  ['another one is another', [away, aResult({ outcome: 'rolledBack', why: died })], [[died.message, 1_010]]],
  ['it ends with a cycle that is well', [away, aResult()], []],
  ['one that comes again begins again', [away, aResult(), away], [[away.message, 2_010]]],
  ['a cycle that was overtaken says nothing of it', [away, aResult({ outcome: 'rolledBack' })], [[away.message, 10]]],
])('what is wrong with cycles: %s', (_, cycles, faults) => {
  expect(sinceOf(after(...cycles).cycleFaults)).toEqual(faults);
});

test('a fault has what was said and what to do, and is red; what is assumed, and a Nomad that is away, is not', () => {
  expect(after(away).cycleFaults[0]).toMatchObject({ level: 'yellow', kind: 'cycle', said: 'refused', advice: 'look' });
  expect(after(died).cycleFaults[0]?.level).toBe('red');
  expect(after(new NvlError('nomadRefused', { message: 'no' })).cycleFaults[0]?.level).toBe('red');
  expect(after(new Error('a bug')).cycleFaults[0]?.level).toBe('red');
  expect(after(aResult({ outcome: 'unconfirmed', why: died, isAssumed: true })).cycleFaults[0]?.level).toBe('yellow');
});

test('the last good list is of the last cycle that came to its end, from servers with a leader', () => {
  expect(after(aResult(), away, aResult({ hasLeader: false })).lastGoodListAt).toBe(0);
  expect(after(aResult(), away, aResult()).lastGoodListAt).toBe(2_000);
  expect(after(away).lastGoodListAt).toBeUndefined();
});

test('what a cycle finds out is a fault each, the quarantine of a task, a sink that drops, links, notes', () => {
  const { foundFaults } = after(
    aResult({
      refused: [{ key: 'x', heading: 'default / web / app', errors: [died], instead: 'default' }],
      troubles: [
        { component: 'loki', kind: 'drops', since: 5, dropped: 7, said: '400' },
        { component: 'es', kind: 'retries', since: 6, dropped: 0, said: '' },
      ],
      linkFaults: 'nvl_1_app: EACCES',
      notes: [{ key: 'y', heading: 'default / db / app', errors: [away] }],
    }),
  );
  expect(foundFaults.map(({ kind, level, about, since }) => [kind, level, about, since])).toEqual([
    ['quarantine', 'red', 'default / web / app', 10],
    ['delivery', 'red', 'loki', 5],
    ['delivery', 'yellow', 'es', 6],
    ['take', 'red', null, 10],
    ['note', 'yellow', 'default / db / app', 10],
  ]);
});

test('what was found stays while cycles fail', () => {
  const quarantine = aResult({ refused: [{ key: 'x', heading: 'web', errors: [died], instead: 'default' }] });
  expect(after(quarantine, away).foundFaults).toHaveLength(1);
  expect(after(quarantine, away, aResult()).foundFaults).toHaveLength(0);
});

test('a broken template is a fault until it is read without', () => {
  const broken = new NvlError('templateInvalid', { message: 'no such name', facts: { from: 'sink.toml.hbs:3' } });
  const log = withTemplates({ log: EMPTY_LOG, faults: [broken], at: 5 });
  expect(log.templateFaults).toMatchObject([{ level: 'red', kind: 'template', about: 'sink.toml.hbs:3', since: 5 }]);
  expect(withTemplates({ log, faults: [broken], at: 9 }).templateFaults[0]?.since).toBe(5);
  expect(withTemplates({ log, faults: [], at: 9 }).templateFaults).toEqual([]);
});
