import { newProofMemory } from './apply/prove-memory.ts';
import type { Memory } from './cycle-deps.ts';
import { noLastGood } from './render/last-good.ts';

export const newMemory = (): Memory => ({ barred: new Map(), proofs: newProofMemory(), lastGood: noLastGood });
