import { newProofMemory } from './apply/prove-memory.ts';
import type { Memory } from './cycle-deps.ts';
import { noLastGood } from './render/last-good.ts';

export const newMemory = (): Memory => ({ quarantined: new Map(), proofs: newProofMemory(), lastGood: noLastGood });
