import { expect, test } from 'vitest';
import { measureMemory } from '../../bench/support/measure-memory.ts';

const LIMIT_MIB = 90;

test('the published daemon stays small while 60 tasks come and go', { timeout: 180_000 }, async () => {
  // As on a node. What is kept of an earlier start comes with 3 MB.
  delete process.env.NODE_COMPILE_CACHE;
  const { settled } = await measureMemory({ tasks: 60, seconds: 15, isSource: false, vector: undefined });
  expect(settled / 2 ** 20).toBeLessThan(LIMIT_MIB);
});
