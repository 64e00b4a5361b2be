import { expect, test } from 'vitest';
import { whyOver } from '../../lib/collect/why-over.ts';
import { stemOf } from '../../lib/context/id.ts';
import type { WhyOver } from '../../lib/nomad/known-list.ts';
import type { TaskRecord } from '../../lib/state/record.ts';
import { aConfig, anAllocation, type GivenAllocation, idOf } from '../support/builders.ts';
import { aRecord, HOUR, SECOND, T0 } from './support.ts';

type Given = {
  allocation?: GivenAllocation;
  finished?: number;
  tasks?: Record<string, Partial<TaskRecord>>;
  hasFiles?: boolean;
  backfill?: ReturnType<typeof aConfig>['collect']['backfill'];
};

const ALL = { kind: 'all' } as const;
const LONG_AGO = T0 - HOUR;

test.each<[string, Given, WhyOver | undefined]>([
  ['it runs', { allocation: { status: 'running' } }, undefined],
  [
    'it runs, and had been drained',
    { allocation: { status: 'running' }, tasks: { app: { phase: 'drained' } } },
    undefined,
  ],
  ['it has finished just now, and has no files', { finished: T0 - 599 * SECOND }, undefined],
  ['it has finished and no files', {}, 'noFiles'],
  ['it has finished, and Nomad does not say when', { finished: 0 }, undefined],
  ['it has finished, and its files are there', { hasFiles: true }, undefined],
  ['it is still collected', { tasks: { app: { phase: 'collected' } } }, undefined],
  ['its link is away', { tasks: { app: { phase: 'unlinked' } } }, undefined],
  ['it was drained', { tasks: { app: { phase: 'drained' } }, hasFiles: true }, 'past'],
  ['it was drained just now', { tasks: { app: { phase: 'drained' } }, finished: T0 - SECOND }, undefined],
  ['it had finished before nvl came, and nobody wants that', { backfill: { kind: 'none' }, hasFiles: true }, 'past'],
  ['it had finished long before nvl came', { backfill: { kind: 'since', ms: 60_000 }, hasFiles: true }, 'past'],
  ['it had finished shortly before nvl came', { backfill: { kind: 'since', ms: HOUR }, hasFiles: true }, undefined],
  [
    'one of two was drained',
    { allocation: { tasks: ['app', 'b'] }, tasks: { app: { phase: 'drained' } }, hasFiles: true },
    undefined,
  ],
  [
    'one of two was drained, the other has no files',
    { allocation: { tasks: ['app', 'b'] }, tasks: { app: { phase: 'drained' } } },
    'noFiles',
  ],
  ['one of two still runs', { allocation: { tasks: ['app', 'b'], status: 'running', state: 'running' } }, undefined],
])('whether nothing of an allocation is left to collect: %s', (_, given, expected) => {
  const { allocation = {}, finished = LONG_AGO, tasks = {}, hasFiles = false, backfill = ALL } = given;
  const finishedAt = finished === 0 ? '0001-01-01T00:00:00Z' : new Date(finished).toISOString();
  const records = Object.entries(tasks).map(
    ([task, record]) => [stemOf({ allocId: idOf(1), task }), aRecord({ task, ...record })] as const,
  );
  expect(
    whyOver({
      allocation: anAllocation({ status: 'complete', finishedAt, ...allocation }),
      state: { tasks: Object.fromEntries(records), installedAt: T0 - HOUR / 2 },
      collect: aConfig({ collect: { backfill } }).collect,
      hasFiles: () => hasFiles,
      now: T0,
    }),
  ).toBe(expected);
});
