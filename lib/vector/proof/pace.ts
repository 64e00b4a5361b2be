import type { ProofName } from './proofs.ts';

/**
 * How long a proof may take before it counts as one that hangs. It follows what proofs have taken here of late, so that a
 * hang costs new tasks seconds, and a large node or a busy machine is not taken for one.
 */
export type Pace = {
  limitMs(candidate: { proof: ProofName; bytes: number }): number;
  /** A proof came to an end. */
  took(candidate: { proof: ProofName; bytes: number; ms: number }): void;
  /** What was known to be good hung: it was the machine. The next proof may take twice as long. */
  wasSlow(): void;
};

/** `floorMs`: what a proof may take whatever its size; `firstMs`: the least as long as none has come to an end; `ceilingMs`: the most. */
export const createPace = ({
  floorMs = 3_000,
  firstMs = 15_000,
  ceilingMs,
}: {
  floorMs?: number;
  firstMs?: number;
  ceilingMs: number;
}): Pace => {
  const msPerByte = new Map<ProofName, number>();
  let patience = 1;
  return {
    limitMs: ({ proof, bytes }) => {
      const known = msPerByte.get(proof);
      const usualMs = floorMs + ROOM * (known ?? FIRST_MS_PER_BYTE) * bytes;
      return Math.round(Math.min(ceilingMs, Math.max(known === undefined ? firstMs : 0, usualMs * patience)));
    },
    took: ({ proof, bytes, ms }) => {
      // It forgets by halves: one quick proof does not say that the machine is idle for good.
      msPerByte.set(proof, Math.max(ms / Math.max(bytes, FEWEST_BYTES), (msPerByte.get(proof) ?? 0) / 2));
      patience = Math.max(1, patience / 2);
    },
    wasSlow: () => {
      patience *= 2;
    },
  };
};

/** Vector 0.57 took 3 (first proof) and 9 (second) milliseconds of a core for each kilobyte of tasks on an idle machine. */
const FIRST_MS_PER_BYTE = 0.01;

/** A proof may take this many times as long as they took of late. */
const ROOM = 6;

/** Of a small set the start of the program takes most: that says nothing of a large one. */
const FEWEST_BYTES = 10_000;
