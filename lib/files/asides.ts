import { join } from 'node:path';
import { removeIfThere } from './own-folders.ts';

/** Names for links that are being made: in `held`, where Vector does not look, and each but once. */
export type Asides = {
  /** Nothing lies there. */
  next(): string;
  /** Takes away what lies there. A disk that lets nothing be taken away now is asked again. */
  discard(path: string): void;
};

/** `by`: tells the names of two that make links at the same time apart. */
export const createAsides = ({ held, by = '' }: { held: string; by?: string }): Asides => {
  const left = new Set<string>();
  let count = 0;
  const discard = (path: string): void => {
    try {
      removeIfThere(path);
      left.delete(path);
    } catch {
      left.add(path);
    }
  };
  return {
    next: () => {
      // A name of nvl's own that nvl does not know would make its file one of two names, which is refused.
      for (const path of left) discard(path);
      count += 1;
      return join(held, `.aside${by}-${process.pid}-${count}`);
    },
    discard,
  };
};
