import { FOUND, foundPrograms } from './programs.ts';

/** Before all test files: asks each program once whether it is there, which each of some 350 files would ask anew. */
export const setup = (): void => {
  process.env[FOUND] = foundPrograms();
};
