import { grouped } from '../../../grouped.ts';

/** Nested deeper, partials would end in an overflow of the stack. */
const DEEPEST_PARTIALS = 32;

/** Text that passes through helpers, rounds and partials, in characters: however often, this is soon done. */
const MOST_HANDLED = 16_777_216;

/**
 * How much one rendering of a template may do. It counts and takes no time, so that equal input is always rendered, or
 * always refused.
 */
export type Limits = {
  /** Values, calls of helpers, rounds of `#each` and calls of partials. */
  steps: number;
  /** Of the rendered text and the values put into it, and of a template's own text. */
  characters: number;
};

/** Thrown when a rendering does too much; where in the template it did, as far as that is known. */
export class LimitFault extends Error {
  readonly loc: hbs.AST.SourceLocation | undefined;

  constructor(message: string, loc: hbs.AST.SourceLocation | undefined) {
    super(message);
    this.name = 'LimitFault';
    this.loc = loc;
  }
}

/** Counts what a rendering does, and throws `LimitFault` when it is too much. */
export type Budget = ReturnType<typeof createBudget>;

/** Counts what a rendering does; `begin` starts anew. Each of its methods throws `LimitFault` when it was too much. */
export const createBudget = ({ steps: mostSteps, characters: mostCharacters }: Limits) => {
  let steps = 0;
  let written = 0;
  let handled = 0;
  let lastLoc: hbs.AST.SourceLocation | undefined;
  let partials: string[] = [];
  const refuse = (message: string): never => {
    throw new LimitFault(message, lastLoc);
  };
  return {
    begin: (): void => {
      steps = 0;
      written = 0;
      handled = 0;
      lastLoc = undefined;
      partials = [];
    },
    /** One more value, call, round or partial. */
    step: (loc: hbs.AST.SourceLocation | undefined): void => {
      lastLoc = loc ?? lastLoc;
      steps += 1;
      if (steps > mostSteps)
        refuse(`it takes over ${grouped(mostSteps)} steps (values, calls of helpers, rounds of #each, partials)`);
    },
    /** Text that stays in what is rendered. */
    write: (characters: number): void => {
      written += characters;
      if (written > mostCharacters) refuse(`it renders over ${grouped(mostCharacters)} characters`);
    },
    /** Text that a helper, a round or a partial was given or has made. */
    handle: (characters: number): void => {
      handled += characters;
      if (handled > MOST_HANDLED)
        refuse(`its helpers, rounds of #each and partials handle over ${grouped(MOST_HANDLED)} characters`);
    },
    enter: (partial: string): void => {
      partials.push(partial);
      if (partials.length <= DEEPEST_PARTIALS) return;
      const isCircle = partials.indexOf(partial) < partials.length - 1;
      refuse(
        isCircle
          ? `the partial ${partial} calls itself for ever`
          : `partials call each other over ${DEEPEST_PARTIALS} levels deep`,
      );
    },
    leave: (): void => {
      partials.pop();
    },
  };
};

/** How many characters a value is about; it stops counting when it is far too many. */
export const sizeOf = (value: unknown, depth = 0): number => {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null || depth > 40) return 8;
  let size = 2;
  for (const [key, item] of Object.entries(value)) {
    size += key.length + sizeOf(item, depth + 1);
    if (size > MOST_HANDLED) break;
  }
  return size;
};
