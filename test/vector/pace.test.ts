import { expect, test } from 'vitest';
import { createPace } from '../../lib/vector/proof/pace.ts';

const small = { proof: 'components', bytes: 7_000 } as const;
const large = { proof: 'components', bytes: 700_000 } as const;
const aPace = () => createPace({ ceilingMs: 45_000 });

test('the first proof has time, and more where there is more: nothing is known of the machine yet', () => {
  expect([aPace().limitMs(small), aPace().limitMs(large)]).toEqual([15_000, 45_000]);
});

test('a hang costs seconds once a proof has come to an end', () => {
  const pace = aPace();
  pace.took({ ...small, ms: 60 });
  expect(pace.limitMs(small)).toBeLessThan(3_500);
});

test('a thousand tasks have six times what they took', () => {
  const pace = aPace();
  pace.took({ ...large, ms: 2_000 });
  expect(pace.limitMs(large)).toBe(15_000);
});

test('each proof has a pace of its own', () => {
  const pace = aPace();
  pace.took({ ...large, proof: 'configuration', ms: 500 });
  expect([pace.limitMs({ ...large, proof: 'configuration' }), pace.limitMs(large)]).toEqual([6_000, 45_000]);
});

test('a slow machine has more, and loses it step by step', () => {
  const pace = aPace();
  pace.took({ ...large, ms: 4_000 });
  pace.took({ ...large, ms: 10 });
  expect(pace.limitMs(large)).toBe(15_000);
  pace.took({ ...large, ms: 10 });
  expect(pace.limitMs(large)).toBe(9_000);
});

test('what was good before and hung now doubles it, up to the ceiling', () => {
  const pace = aPace();
  pace.took({ ...small, ms: 60 });
  for (let times = 0; times < 10; times += 1) pace.wasSlow();
  expect(pace.limitMs(small)).toBe(45_000);
});
