import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ReadProgram } from './transform.ts';

/** Reads files with VRL where Vector would look for them from this folder. */
export const readProgramsFrom =
  (cwd: string): ReadProgram =>
  (path) => {
    try {
      return readFileSync(resolve(cwd, path), 'utf8');
    } catch {
      return undefined;
    }
  };
