import { digestOf } from '../plan/plan.ts';
import type { StateStore } from '../state/state.ts';
import { withoutVector } from '../state/without-vector.ts';
import type { VectorRecord } from '../vector/process/survivor.ts';

/** Writes down what outlives nvl of the Vector it runs: which process it is, what it has loaded, and that it was told to end. */
export const createVectorInState = ({ store }: { store: Pick<StateStore, 'read' | 'hold'> }) => {
  let hasFailedStart = false;
  return {
    /** nvl starts: whatever ran before has not loaded anything for this one. `isAlone`: it is gone, too. */
    begin: ({ isAlone }: { isAlone: boolean }): void => {
      const { loaded: _, vector, ...fresh } = store.read();
      const left = isAlone || vector === undefined ? {} : { vector };
      store.hold(withoutVector({ state: { ...fresh, ...left } }));
    },
    /** `text`: what it reads at its start. */
    spawned: ({ vector, text }: { vector: VectorRecord; text: string | undefined }): void => {
      const state = { ...withoutVector({ state: store.read() }), vector };
      // After one that could not even start, the next is believed only once it has.
      store.hold({ ...state, ...(hasFailedStart ? {} : loadedAs(text)) });
    },
    started: ({ text }: { text: string | undefined }): void => {
      if (hasFailedStart) store.hold({ ...store.read(), ...loadedAs(text) });
      hasFailedStart = false;
    },
    toldToEnd: (): void => {
      const { vector, ...state } = store.read();
      if (vector !== undefined) store.hold({ ...state, vector: { ...vector, termSentAt: Date.now() } });
    },
    ended: ({ hadStarted }: { hadStarted: boolean }): void => {
      const { loaded: _, ...state } = store.read();
      store.hold(withoutVector({ state }));
      if (!hadStarted) hasFailedStart = true;
    },
  };
};

const loadedAs = (text: string | undefined) =>
  text === undefined ? {} : { loaded: { digest: digestOf(text), at: Date.now() } };
