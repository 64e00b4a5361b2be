import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunCase } from './session.ts';

/** How many bytes of a case are whole lines: behind them lies the start of one whose newline never came, or nothing. */
export const wholeLines = ({ bytes }: Pick<RunCase, 'bytes'>): number => bytes.lastIndexOf(NEWLINE) + 1;

/**
 * Takes these files away, as nvl does when a task has ended. Vector holds a last line without its newline back until then,
 * so it has to have found the file before; one that it does not find in that time no source reads. `hasFound`: of a file's path.
 */
export const takeAway = async ({
  files,
  hasFound,
  isOver,
}: {
  files: readonly string[];
  hasFound: (file: string) => boolean;
  isOver: () => boolean;
}): Promise<void> => {
  const began = Date.now();
  while (!files.every(hasFound) && !isOver() && Date.now() - began < FIND_MS) await sleep(EVERY_MS);
  for (const file of files) await rm(file, { force: true });
};

const NEWLINE = 0x0a;
const FIND_MS = 10_000;
const EVERY_MS = 60;
