import type { AllocationStub } from '../nomad/allocation-stub.ts';

/** An allocation as the newest list has it. `isGone`: that names it no more. */
export type AllocationState = AllocationStub & { isGone: boolean };

/** An allocation that is followed, and waits for news of it. */
export type FollowedAllocation = {
  now(): AllocationState;
  /** As a newer list has it; undefined where that does not. */
  update(stub: AllocationStub | undefined): void;
  /** Resolves as soon as it is so, also at once; or when the signal aborts. */
  until(isSo: (state: AllocationState) => boolean, signal: AbortSignal): Promise<void>;
};

export const createFollowed = (first: AllocationStub): FollowedAllocation => {
  let state: AllocationState = { ...first, isGone: false };
  const waiting = new Set<() => void>();
  return {
    now: () => state,
    update: (stub) => {
      state = stub === undefined ? { ...state, isGone: true } : { ...stub, isGone: false };
      for (const look of [...waiting]) look();
    },
    until: (isSo, signal) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!isSo(state) && !signal.aborted) return;
          waiting.delete(look);
          signal.removeEventListener('abort', look);
          resolve();
        };
        waiting.add(look);
        signal.addEventListener('abort', look);
        look();
      }),
  };
};

/** Whether a task is over, as far as that can be known: Nomad tells nothing more of an allocation that its lists lack. Pure. */
export const isTaskOver = ({ isOver, isGone, tasks }: AllocationState, task: string): boolean =>
  isOver || isGone || tasks.get(task)?.isOver === true;

/** Whether a task has begun, so that it has logs. Pure. */
export const hasTaskStarted = ({ tasks }: AllocationStub, task: string): boolean =>
  tasks.get(task)?.hasStarted === true;
