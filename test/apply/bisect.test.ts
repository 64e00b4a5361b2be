import { expect, test } from 'vitest';
import { bisect } from '../../lib/apply/bisect.ts';
import type { Block } from '../../lib/render/file.ts';

const pipelines = (count: number): Block[] =>
  Array.from({ length: count }, (_, index) => ({ key: `nvl_${index}`, kind: 'pipeline', heading: '', text: '' }));

/** Each try takes a second. */
const search = async ({
  count,
  isGood,
  limitMs,
}: {
  count: number;
  isGood: (keys: string[]) => boolean;
  limitMs: number;
}) => {
  let tries = 0;
  const found = await bisect({
    blocks: pipelines(count),
    isGood: async (some) => {
      tries += 1;
      return isGood(some.map(({ key }) => key));
    },
    limitMs,
    now: () => tries * 1_000,
  });
  return { found: found.map(({ key }) => key), tries };
};
const without =
  (...bad: string[]) =>
  (keys: string[]) =>
    !bad.some((key) => keys.includes(key));

test.each([
  ['the one that is bad', without('nvl_5'), ['nvl_5']],
  ['both', without('nvl_0', 'nvl_7'), ['nvl_0', 'nvl_7']],
  ['none, where what is left is refused too', () => false, []],
  [
    'none, where two are bad together alone',
    (keys: string[]) => !(keys.includes('nvl_0') && keys.includes('nvl_7')),
    [],
  ],
])('found by halves: %s', async (_, isGood, expected) => {
  expect((await search({ count: 8, isGood, limitMs: 60_000 })).found).toEqual(expected);
});

test('the search ends in time: what was found by then is given, whatever else is bad', async () => {
  const bad = pipelines(400).map(({ key }) => key);
  const { found, tries } = await search({ count: 400, isGood: without(...bad), limitMs: 20_000 });
  expect(tries).toBeLessThanOrEqual(22);
  expect(found.length).toBeGreaterThan(0);
  expect(found).toEqual(bad.slice(0, found.length));
});

test.each(['nvl_0', 'nvl_199', 'nvl_200', 'nvl_399'])('however slow Vector is, one is found: %s', async (bad) => {
  const { found, tries } = await search({ count: 400, isGood: without(bad), limitMs: 0 });
  expect(found).toEqual([bad]);
  expect(tries).toBeLessThanOrEqual(20);
});
