import type { AllocationStub } from '../nomad/allocation-stub.ts';

/**
 * Which of a job's allocations are shown at first: all that live; where none does, those of the newest one's job and version, as a batch job that is
 * done has them. Those that Nomad tells of later are shown in any case. Pure.
 */
export const firstChoice = (stubs: readonly AllocationStub[]): AllocationStub[] => {
  const living = stubs.filter(({ isOver }) => !isOver);
  if (living.length > 0) return inOrder(living);
  const newest = inOrder(stubs).at(-1);
  return inOrder(stubs.filter(({ jobId, jobVersion }) => jobId === newest?.jobId && jobVersion === newest.jobVersion));
};

const inOrder = (stubs: readonly AllocationStub[]): AllocationStub[] =>
  [...stubs].sort((a, b) => a.createIndex - b.createIndex);
