import type { CycleResult } from '../cycle-deps.ts';
import type { Log } from '../log.ts';
import { insteadLine } from '../render/refused.ts';

/** Each block that is left out or replaced, once for each reason: the facts say what Vector said. Its end is told too. */
export const createRefusedReporter = (log: Log) => {
  const isNew = createNews();
  let wereRefused = false;
  return (refused: CycleResult['refused']): void => {
    const told = refused.flatMap(({ key, heading, errors, instead }) =>
      errors.map((error) => ({
        said: JSON.stringify([key, instead, error.code, error.message, error.facts]),
        tell: () =>
          log.error({ err: error, block: key, instead }, `${insteadLine({ instead, heading })}: ${error.message}`),
      })),
    );
    for (const { tell } of isNew(told)) tell();
    if (told.length === 0 && wereRefused) log.info('nothing is left out or replaced any more');
    wereRefused = told.length > 0;
  };
};

/** What is odd about a task and costs it nothing: each once, however long it stays. */
export const createNoteReporter = (log: Log) => {
  const isNew = createNews();
  return (notes: CycleResult['notes']): void => {
    const told = notes.flatMap(({ key, heading, errors }) =>
      errors.map((error) => ({
        said: JSON.stringify([key, error.message, error.facts]),
        tell: () => log.warn({ err: error, block: key }, `${heading}: ${error.message}`),
      })),
    );
    for (const { tell } of isNew(told)) tell();
  };
};

/** Of what is said in a cycle, what was not said in the one before. */
const createNews = () => {
  let before: ReadonlySet<string> = new Set();
  return <T extends { said: string }>(now: readonly T[]): T[] => {
    const news = now.filter(({ said }) => !before.has(said));
    before = new Set(now.map(({ said }) => said));
    return news;
  };
};
