import { backoffMs, pause } from '../backoff.ts';
import { NvlError } from '../errors.ts';
import type { AllocationStub } from '../nomad/allocation-stub.ts';
import type { Target, TargetList } from './find-target.ts';

/**
 * A target's allocations, and again whenever they may have changed, until the signal aborts. What the first question throws is thrown; a later failure is
 * told once, and tried again after growing pauses.
 */
export async function* followList({
  target,
  onTrouble,
  onGood,
  signal,
  leastMs = 500,
  random = Math.random,
}: {
  target: Target;
  onTrouble: (error: NvlError) => void;
  onGood: () => void;
  signal: AbortSignal;
  /** Between two questions: a list that changes all the time is not asked for all the time. */
  leastMs?: number;
  random?: () => number;
}): AsyncGenerator<readonly AllocationStub[]> {
  let index: number | undefined;
  let failures = 0;
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    let answer: TargetList | undefined;
    try {
      answer = await target.list({ index, signal });
      failures = 0;
      onGood();
    } catch (error) {
      if (signal.aborted) return;
      if (isFirst || !(error instanceof NvlError)) throw error;
      onTrouble(error);
      failures += 1;
    }
    if (answer !== undefined) {
      // As after a restore of Nomad's state: what was waited for is no index of this one.
      index = answer.index < (index ?? 0) ? undefined : answer.index;
      yield answer.stubs;
    }
    await pause(answer === undefined ? backoffMs({ attempt: failures - 1, random: random() }) : leastMs, signal);
  }
}
