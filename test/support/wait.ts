import { setTimeout as sleep } from 'node:timers/promises';

/** `seen` tells what there is in the place of what was waited for. */
type Patience = { timeoutMs?: number; everyMs?: number; seen?: () => Promise<string> };

/** A wait ends when what it waits for is so: a limit only ends a test that fails, and a busy machine takes long for all. */
const PATIENCE = 3;

/**
 * Asks until the answer is not undefined, and gives it. A probe that throws counts as "not yet"; after three times `timeoutMs`,
 * which is ample on a machine that does nothing else, the error names what was waited for, says what `seen` tells of it, and carries the
 * last thrown one as its cause.
 */
export const waitFor = async <T>(
  what: string,
  probe: () => T | undefined | Promise<T | undefined>,
  { timeoutMs = 30_000, everyMs = 50, seen }: Patience = {},
): Promise<T> => {
  const start = Date.now();
  const end = start + PATIENCE * timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined) return answer;
    } catch (error) {
      cause = error;
    }
    if (Date.now() >= end) {
      const waitedMs = Date.now() - start;
      const state = seen === undefined ? '' : `: ${await seen().catch(String)}`;
      throw new Error(`waited ${waitedMs} ms in vain for ${what}${state}`, { cause });
    }
    await sleep(everyMs);
  }
};

/** For a probe that answers yes or no. */
export const waitUntil = async (
  what: string,
  isSo: () => boolean | Promise<boolean>,
  options?: Patience,
): Promise<void> => {
  await waitFor(what, async () => ((await isSo()) ? true : undefined), options);
};
