import { newProofMemory } from './apply/prove-memory.ts';
import { noLastGood } from './render/last-good.ts';
import type { Memory } from './world.ts';

export const newMemory = (): Memory => ({ barred: new Map(), proofs: newProofMemory(), lastGood: noLastGood });
