import type { Guard } from './go/parts.ts';
import type { Word } from './go/skeleton.ts';
import type { WrittenComponent } from './vector/component.ts';

/** A component of somebody who moves to nvl. */
export type FoundComponent = {
  component: WrittenComponent;
  /** Its id, the same for each task where a `range` writes it. */
  shape: string;
  /** What it reads, in the same way. */
  inputs: readonly string[];
  ofTask: boolean;
  guards: readonly Guard[];
  /** What a word of its text stands for. */
  words: ReadonlyMap<string, Word>;
};

/** A component of a file that is no template. */
export const foundAs = (component: WrittenComponent): FoundComponent => ({
  component,
  shape: component.id,
  inputs: component.inputs,
  ofTask: false,
  guards: [],
  words: new Map(),
});

/** A text with other texts in place of its words. Pure. */
export const withWords = ({
  text,
  words,
  put,
}: {
  text: string;
  words: ReadonlyMap<string, Word>;
  put: (word: Word) => string;
}): string => {
  if (words.size === 0) return text;
  // Each ends in a letter behind its number, so that none is the beginning of another.
  const pattern = new RegExp([...words.keys()].join('|'), 'g');
  return text.replace(pattern, (name) => {
    const word = words.get(name);
    return word === undefined ? name : put(word);
  });
};
