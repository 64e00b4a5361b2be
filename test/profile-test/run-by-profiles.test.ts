import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { runByProfiles } from '../../lib/profile-test/run-by-profiles.ts';
import type { PipelineRun, RunCase } from '../../lib/profile-test/run-pipeline.ts';
import { aRunCase } from './support.ts';

const aCase = (profile: string, name: string): RunCase => aRunCase({ profile, name });

/** A run in which each case gives its own name. */
const ran = (cases: readonly RunCase[], fromMs = 0): PipelineRun => ({
  runs: cases.map(({ name }) => ({ events: [{ name }], errors: [], said: [], lost: [] })),
  readTimes: { fromMs, toMs: fromMs + 1 },
});

test('each profile runs for itself, and what came of its cases lies where they lay', async () => {
  const cases = [aCase('a', '1'), aCase('b', '2'), aCase('a', '3'), aCase('c', '4')];
  const together: string[][] = [];
  const beganMs = [30, 10, 20];
  const { runs, readTimes } = await runByProfiles({
    cases,
    run: async (own) => {
      const fromMs = beganMs[together.length];
      together.push(own.map(({ name }) => name));
      // The first is done last.
      await setTimeout(40 - 10 * together.length);
      return ran(own, fromMs);
    },
  });
  expect(together).toEqual([['1', '3'], ['2'], ['4']]);
  expect(runs.map(({ events }) => events[0]?.name)).toEqual(['1', '2', '3', '4']);
  expect(readTimes).toEqual({ fromMs: 10, toMs: 31 });
});

test('the next one is begun while one waits, and what has come in the meantime goes first', async () => {
  const told: string[] = [];
  setImmediate(() => told.push('an answer comes'));
  await runByProfiles({
    cases: [aCase('a', '1'), aCase('b', '2')],
    run: async (own) => {
      told.push(`${own[0]?.profile} begins`);
      await setTimeout(20);
      told.push(`${own[0]?.profile} is done`);
      return ran(own);
    },
  });
  expect(told.slice(0, 3)).toEqual(['a begins', 'an answer comes', 'b begins']);
});

test('one that fails fails all, without a stray error', async () => {
  const failing = runByProfiles({
    cases: [aCase('a', '1'), aCase('b', '2'), aCase('c', '3')],
    run: async ([one]) => {
      throw new Error(one?.profile);
    },
  });
  await expect(failing).rejects.toThrow('a');
  await setTimeout(10);
});

test('no case at all', async () => {
  expect(await runByProfiles({ cases: [], run: async (own) => ran(own, 5) })).toEqual(ran([], 5));
});
