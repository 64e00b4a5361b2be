import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createChanges } from '../../lib/files/gather-changes.ts';

test('a quiet folder is looked at at once, and a burst in one look', async () => {
  const looks: [string, readonly string[] | undefined][] = [];
  const changes = createChanges((allocId, names) => looks.push([allocId, names]));
  onTestFinished(changes.stop);
  for (const name of ['a', 'b', 'a']) changes.add('one', name);
  changes.add('two', undefined);
  await sleep(8);
  expect(looks).toEqual([
    ['one', ['a', 'b']],
    ['two', undefined],
  ]);
});

test('a folder that never rests takes a tenth of the time, and keeps no other waiting', async () => {
  const noisy: number[] = [];
  let quiet = 0;
  const changes = createChanges((allocId) => {
    const began = performance.now();
    if (allocId === 'quiet') quiet += 1;
    else {
      while (performance.now() - began < 5);
      noisy.push(performance.now() - began);
    }
  });
  onTestFinished(changes.stop);
  const began = performance.now();
  let asked = 0;
  while (performance.now() - began < 1_000) {
    for (let times = 0; times < 200; times += 1) changes.add('noisy', `name-${times}`);
    if (quiet === asked && performance.now() - began > asked * 100) {
      asked += 1;
      changes.add('quiet', 'a');
    }
    await sleep(1);
  }
  // The pause behind the last look is not over.
  const busyMs = noisy.slice(0, -1).reduce((sum, ms) => sum + ms, 0);
  expect(noisy.length).toBeGreaterThan(1);
  expect(busyMs).toBeLessThan((performance.now() - began) / 9);
  expect(asked).toBeGreaterThan(1);
  expect(quiet).toBeGreaterThanOrEqual(asked - 1);
});
