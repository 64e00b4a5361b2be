import type { ProofMemory } from '../cycle-deps.ts';
import { createFileGate } from '../render/gate-file.ts';
import { createPace, type Pace } from '../vector/proof/pace.ts';
import { PROOFS } from '../vector/proof/proofs.ts';
import { halvesOf } from './hanging.ts';

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
    gateFile: createFileGate(),
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
