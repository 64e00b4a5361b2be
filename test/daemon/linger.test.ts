import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CycleResult } from '../../lib/cycle-deps.ts';
import { lingerUntilRead } from '../../lib/daemon/linger.ts';
import { readAllocation } from '../../lib/nomad/read-allocation.ts';
import { aRawAllocation } from '../support/builders.ts';
import { aLog } from '../watch/support.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Phase = 'collected' | 'unlinked' | 'drained' | 'forgotten';

/** A cycle of these tasks; `event`: what Nomad did to nvl's own task, and how many ms ago. */
const resultOf = (phases: Phase[], { desired = 'run', event }: { desired?: string; event?: [string, number] } = {}) => {
  const Events = event === undefined ? [] : [{ Type: event[0], Time: (Date.now() - event[1]) * 1e6 }];
  const allocation = readAllocation({
    ...aRawAllocation({ tasks: ['app', 'nvl'] }),
    DesiredStatus: desired,
    TaskStates: { nvl: { State: 'running', Events } },
  });
  const collectedTasks = phases.map((phase) => ({
    listed: { allocation },
    decision: { record: phase === 'forgotten' ? undefined : { phase } },
  }));
  return { collectedTasks } as unknown as Pick<CycleResult, 'collectedTasks'>;
};

/** nvl, whose last cycle was of these tasks, is told to end. */
const anEnd = (before?: Phase[]) => {
  const controller = new AbortController();
  const { log, lines } = aLog();
  const linger = lingerUntilRead({ told: controller.signal, ownTask: 'nvl', mostMs: 20_000, log });
  if (before !== undefined) linger.see(resultOf(before));
  expect(linger.signal.aborted).toBe(false);
  controller.abort();
  return {
    lines,
    see: (...result: Parameters<typeof resultOf>) => linger.see(resultOf(...result)),
    isOver: () => linger.over.aborted,
    hasEnded: () => linger.signal.aborted,
    wait: (ms: number) => void vi.advanceTimersByTime(ms),
  };
};

test.each<[string, Phase[]]>([
  ['of which all is delivered', ['drained', 'forgotten']],
  ['of no other task', []],
])('in a group %s nvl ends at once', (_, before) => {
  expect(anEnd(before).hasEnded()).toBe(true);
});

test('of no restart is heard: the group is over, and all that it wrote is waited for', () => {
  const end = anEnd(['collected', 'drained']);
  end.wait(1_999);
  expect(end.isOver()).toBe(false);
  end.wait(1);
  expect(end.isOver()).toBe(true);
  end.see(['unlinked', 'drained']);
  end.wait(10_000);
  expect(end.hasEnded()).toBe(false);
  end.see(['drained', 'drained']);
  expect(end.hasEnded()).toBe(true);
});

test('where Nomad says that the allocation is to stop, the group is over at once', () => {
  const end = anEnd(['collected']);
  end.see(['collected'], { desired: 'stop' });
  expect([end.isOver(), end.hasEnded()]).toEqual([true, false]);
});

test.each<[string, string, number, boolean]>([
  ['a restart of nvl alone', 'Restart Signaled', 500, true],
  ['the same, by Nomad', 'Restarting', 500, true],
  ['a restart of an hour ago', 'Restart Signaled', 3_600_000, false],
  ['another event', 'Signaling', 500, false],
])('%s: what others write meanwhile is for the next nvl', (_, type, agoMs, isRestart) => {
  const end = anEnd(['collected']);
  end.see(['collected'], { event: [type, agoMs] });
  expect(end.hasEnded()).toBe(isRestart);
});

test('no wait is longer than was set, and what was left is said', () => {
  const end = anEnd(['collected', 'drained']);
  end.wait(19_999);
  expect(end.hasEnded()).toBe(false);
  end.wait(1);
  expect(end.hasEnded()).toBe(true);
  expect(end.lines.at(-1)).toContain('not all of what other tasks wrote is delivered');
});

test('told before its first cycle, nvl has one', () => {
  const end = anEnd();
  end.wait(5_000);
  expect([end.isOver(), end.hasEnded()]).toEqual([true, false]);
  end.see(['drained']);
  expect(end.hasEnded()).toBe(true);
});
