import { expect, test } from 'vitest';
import type { CycleResult } from '../../lib/cycle-deps.ts';
import { createReporter } from '../../lib/daemon/reporter.ts';
import { NvlError } from '../../lib/errors.ts';
import { aResult } from '../support/cycle-result.ts';
import { aLog } from '../watch/support.ts';

const error = (message: string, facts: Record<string, string> = {}) => new NvlError('vectorDied', { message, facts });

/** What is logged of these cycles, one after the other. */
const linesOf = (...cycles: (CycleResult | Error)[]): string[] => {
  const { log, lines } = aLog();
  const reporter = createReporter(log);
  for (const cycle of cycles) {
    if (cycle instanceof Error) reporter.failure(cycle);
    else reporter.result(cycle);
  }
  return lines;
};

const refused = (said: string): CycleResult['refused'][number] => ({
  key: 'web',
  heading: 'shop / web',
  errors: [error('Vector refuses it', { said })],
  instead: 'nothing',
});

test('a trouble is told when it begins, and its end once', () => {
  const away = new NvlError('nomadAway', { message: 'Nomad does not answer' });
  expect(linesOf(aResult(), away, away, aResult(), aResult())).toEqual([
    'error Nomad does not answer',
    'info all is well again',
  ]);
});

test('another trouble is told though the first has not ended', () => {
  const rolledBack = aResult({ outcome: 'rolledBack', why: error('it died') });
  const refusedLoad = aResult({ outcome: 'rejected', why: error('it was refused') });
  expect(linesOf(rolledBack, refusedLoad, refusedLoad)).toEqual(['error it died', 'error it was refused']);
});

test('all is not well as long as a block is left out', () => {
  const lines = linesOf(
    aResult({ outcome: 'rejected', why: error('it was refused'), refused: [refused('x')] }),
    aResult({ refused: [refused('x')] }),
    aResult(),
  );
  expect(lines).toEqual([
    'error it was refused',
    'error left out: shop / web: Vector refuses it',
    'info nothing is left out or replaced any more',
  ]);
});

test('a refused block is told again when Vector says something else of it', () => {
  expect(linesOf(...['x', 'x', 'y'].map((said) => aResult({ refused: [refused(said)] })))).toHaveLength(2);
});

test('what is only assumed is told once, and has no end', () => {
  const assumed = aResult({ outcome: 'unconfirmed', why: error('nobody can tell', { said: 'x' }), isAssumed: true });
  const again = aResult({ outcome: 'unconfirmed', why: error('nobody can tell', { said: 'x' }) });
  expect(linesOf(assumed, assumed, again, aResult(), assumed)).toEqual(['warn nobody can tell']);
});

test('a note is told once as long as it stays, and again when it is back', () => {
  const noted = aResult({ notes: [{ key: 'web', heading: 'shop / web', errors: [error('an odd switch')] }] });
  expect(linesOf(noted, noted, aResult(), noted)).toEqual([
    'warn shop / web: an odd switch',
    'warn shop / web: an odd switch',
  ]);
});

test('templates: their faults once, and that they are sound again', () => {
  const { log, lines } = aLog();
  const { templates } = createReporter(log);
  const [broken, sound] = [
    { faults: [error('no end of a tag')], warnings: [] },
    { faults: [], warnings: [] },
  ];
  for (const read of [sound, broken, broken, sound, sound]) templates(read);
  expect(lines).toEqual([
    'error a template is broken, the last good one stays in use: no end of a tag',
    'info all templates are sound again',
  ]);
});
