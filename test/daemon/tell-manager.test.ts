import { expect, test } from 'vitest';
import type { CollectedTask } from '../../lib/collect/collect.ts';
import type { CycleResult } from '../../lib/cycle-deps.ts';
import { statusOf, tellManager } from '../../lib/daemon/tell-manager.ts';
import { NvlError } from '../../lib/errors.ts';

const task = (isCollected: boolean): CollectedTask => ({
  id: 'nvl_1',
  listed: undefined,
  decision: { record: undefined, isCollected, isLinked: isCollected },
});

const block: CycleResult['refused'][number] = { key: 'web', heading: 'shop / web', errors: [], instead: 'nothing' };
const died = new NvlError('vectorDied', { message: 'Vector died' });

type Given = Parameters<typeof statusOf>[0];

test.each<[string, Partial<Given>, string]>([
  ['nothing to do', {}, 'collects 0 tasks'],
  ['only what is collected counts', { collectedTasks: [task(true), task(false)] }, 'collects 1 task'],
  [
    'a block that is left out',
    { collectedTasks: [task(true), task(true)], refused: [block] },
    'collects 2 tasks; 1 block is not in use: nvl doctor says which',
  ],
  [
    'two of them',
    { outcome: 'reloaded', refused: [block, block] },
    'collects 0 tasks; 2 blocks are not in use: nvl doctor says which',
  ],
  ['a reload that failed', { outcome: 'rolledBack', why: died }, 'collects 0 tasks; rolledBack: Vector died'],
  ['what is taken to be well', { outcome: 'unconfirmed', why: died, isAssumed: true }, 'collects 0 tasks'],
])('the status: %s', (_, given, expected) => {
  expect(statusOf({ collectedTasks: [], refused: [], outcome: 'unchanged', isAssumed: false, ...given } as Given)).toBe(
    expected,
  );
});

test('the first cycle makes the daemon ready, also one that failed, and the log has it first', () => {
  const order: string[] = [];
  const reporter = tellManager({
    reporter: {
      result: () => order.push('reported'),
      failure: () => order.push('reported'),
      templates: () => order.push('templates'),
    },
    manager: { ready: (status) => order.push(status) },
  });
  reporter.templates({ faults: [], warnings: [] });
  reporter.failure(new NvlError('nomadAway', { message: 'Nomad does not answer' }));
  reporter.failure('odd');
  expect(order).toEqual([
    'templates',
    'reported',
    'tries again: Nomad does not answer',
    'reported',
    'tries again: odd',
  ]);
});
