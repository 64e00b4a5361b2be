import { digestOf } from '../plan/plan.ts';
import type { StateStore } from '../state/state.ts';
import { withoutVector } from '../state/without-vector.ts';
import type { VectorRecord } from '../vector/process/survivor.ts';

/** Keeps three facts on nvl's Vector in the state, for an nvl started later: its process, the file it has loaded, and whether it was told to end. */
export const createVectorInState = ({ store }: { store: Pick<StateStore, 'read' | 'hold'> }) => {
  let hasFailedStart = false;
  return {
    /** nvl starts: nothing counts as loaded. `isAlone`: no Vector of an earlier nvl is left. */
    begin: ({ isAlone }: { isAlone: boolean }): void => {
      const { loaded: _, vector, ...fresh } = store.read();
      const left = isAlone || vector === undefined ? {} : { vector };
      store.hold(withoutVector({ state: { ...fresh, ...left } }));
    },
    /** `text`: what it reads at its start. */
    spawned: ({ vector, text }: { vector: VectorRecord; text: string | undefined }): void => {
      const state = { ...withoutVector({ state: store.read() }), vector };
      // Where the last one could not start, the file counts as loaded only when this one says that it has started.
      store.hold({ ...state, ...(hasFailedStart ? {} : loadedAs(text)) });
    },
    started: ({ text }: { text: string | undefined }): void => {
      const { vector, ...state } = store.read();
      const own = vector === undefined ? {} : { vector: { ...vector, hasStarted: true as const } };
      store.hold({ ...state, ...own, ...(hasFailedStart ? loadedAs(text) : {}) });
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
