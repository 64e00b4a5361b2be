import { createPace, type Pace } from '../vector/pace.ts';
import { PROOFS, type ProofName } from '../vector/proofs.ts';
import { halvesOf, type Unit } from './hanging.ts';

/** What one daemon knows of its proofs. */
export type ProofMemory = {
  /** Blocks set aside since a proof hung with them, in the order in which they are tried again; each entry is tried at once. */
  queue: (readonly Unit[])[];
  /** What could not be proven when it was last told. */
  toldUnproven: string;
  pace(ceilingMs: number): Pace;
  suspect(units: readonly Unit[]): void;
  /** A proof hung over what is live: not over anything new. */
  hung(proof: ProofName): void;
  /** The proofs to run now; undefined: both. */
  proofsNow(candidate: { areSinksLive: boolean }): readonly ProofName[] | undefined;
};

export const newProofMemory = ({
  pace: limits = {},
}: {
  pace?: Partial<Parameters<typeof createPace>[0]>;
} = {}): ProofMemory => {
  let pace: Pace | undefined;
  let restsUntil = 0;
  const memory: ProofMemory = {
    queue: [],
    toldUnproven: '',
    pace: (ceilingMs) => {
      pace ??= createPace({ ceilingMs, ...limits });
      return pace;
    },
    suspect: (units) => {
      memory.queue.push(...halvesOf(units));
    },
    hung: (proof) => {
      pace?.wasSlow();
      if (proof === 'components') restsUntil = Date.now() + REST_MS;
    },
    proofsNow: ({ areSinksLive }) =>
      areSinksLive && Date.now() < restsUntil ? [PROOFS[0]?.name ?? 'configuration'] : undefined,
  };
  return memory;
};

/** How long the second proof rests after it hung over what is live, so that it does not hold up every new task. */
const REST_MS = 120_000;
