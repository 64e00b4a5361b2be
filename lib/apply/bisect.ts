import type { Block } from '../render/file.ts';

/**
 * The blocks without which the others are good, found by trying halves; none when the rest is refused as well, for then no
 * block is to blame. Each try runs Vector, so after `limitMs` no more are begun, but for those that lead to a first one: the
 * next proof goes on from there.
 */
export const bisect = async ({
  blocks,
  isGood,
  limitMs = LIMIT_MS,
  now = Date.now,
}: {
  /** Tasks alone. */
  blocks: readonly Block[];
  isGood: (some: readonly Block[]) => Promise<boolean>;
  limitMs?: number;
  now?: () => number;
}): Promise<readonly Block[]> => {
  const until = now() + limitMs;
  if (!(await isGood([]))) return [];
  const leastTries = 2 * Math.ceil(Math.log2(blocks.length + 1));
  let tries = 0;
  const search = async (suspects: readonly Block[]): Promise<Block[]> => {
    if (suspects.length === 0 || (tries > leastTries && now() >= until)) return [];
    tries += 1;
    if (await isGood(suspects)) return [];
    if (suspects.length === 1) return [...suspects];
    const middle = Math.ceil(suspects.length / 2);
    return [...(await search(suspects.slice(0, middle))), ...(await search(suspects.slice(middle)))];
  };
  return search(blocks);
};

/** A new task waits for it. */
const LIMIT_MS = 10_000;
