import { expect, test } from 'vitest';
import { collectTasks } from '../../lib/collect/collect.ts';
import { NodeTasks } from '../../lib/collect/node-tasks.ts';
import { stemOf } from '../../lib/context/id.ts';
import { positionsReader } from '../../lib/files/checkpoints.ts';
import type { TaskRecord } from '../../lib/state/record.ts';
import { aConfig, anAllocation, anAnswer, type GivenAllocation, idOf } from '../support/builders.ts';
import { HOUR, SECOND, T0 } from './support.ts';

// A task whose container is read has no log files, and whatever lies in its log folder is not looked at.

const id = stemOf({ allocId: idOf(1), task: 'app' });

const decide = async ({
  given = {},
  record,
  now = T0,
  removalDelay = 30 * SECOND,
}: {
  given?: GivenAllocation;
  record?: TaskRecord | undefined;
  now?: number;
  removalDelay?: number;
}) => {
  const snapshot = anAnswer(anAllocation({ driver: 'docker', logsDisabled: true, ...given }));
  const config = aConfig({ collect: { docker: 'docker_logs', removalDelay } });
  const [collected] = await collectTasks({
    snapshot,
    tasks: new NodeTasks().of({ snapshot, config, ownAllocId: undefined }),
    nodeSource: { ask: async () => snapshot, exists: async () => 'gone' },
    state: { schema: 1, installedAt: 0, tasks: record === undefined ? {} : { [id]: record } },
    config,
    logAccess: {
      filesOf: () => Promise.reject(new Error('nobody looks at its files')),
      isGone: () => {
        throw new Error('nobody looks at its folder');
      },
    },
    positionsOf: positionsReader(undefined),
    isRecorded: false,
    now,
    signal: new AbortController().signal,
  });
  return collected?.decision;
};

const ended = (agoMs: number): GivenAllocation => ({
  status: 'complete',
  finishedAt: new Date(T0 - agoMs).toISOString(),
});

test('one that runs is collected, and has no link', async () => {
  expect(await decide({})).toMatchObject({ isCollected: true, isLinked: false, record: { phase: 'collected' } });
});

test('one that its meta keeps out is not', async () => {
  expect(await decide({ given: { jobMeta: { nvl_enabled: 'false' } } })).toBeUndefined();
});

test.each([
  ['a second ago: its lines may be on their way', SECOND, true],
  ['an hour ago: no engine tells its lines again', HOUR, false],
])('one that had ended before nvl heard of it, %s', async (_, agoMs, isCollected) => {
  expect((await decide({ given: ended(agoMs) }))?.isCollected).toBe(isCollected);
});

test('one that has ended keeps its row for the removal delay, and at least until lines that waited are looked at', async () => {
  const running = (await decide({}))?.record;
  const at = (now: number, removalDelay: number) =>
    decide({ given: ended(0), record: running, now: T0 + now, removalDelay });
  expect(await at(1 * SECOND, 0)).toMatchObject({ isCollected: true, isLinked: false });
  expect(await at(14 * SECOND, 0)).toMatchObject({ record: { phase: 'collected' } });
  // Its positions are looked at for the first time, which others' links wait for.
  const leaving = await at(16 * SECOND, 0);
  expect(leaving?.record?.phase).toBe('unlinked');
  const over = await decide({ given: ended(0), record: leaving?.record, now: T0 + 17 * SECOND, removalDelay: 0 });
  expect(over).toMatchObject({ isCollected: false, record: { phase: 'drained' } });
});
