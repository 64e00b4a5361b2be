import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { writePackage } from './package.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The package of this checkout's nvl, for the files of end-to-end tests: the file that Node runs, and its folder. */
    published: { program: string; folder: string };
  }
}

/** Before all end-to-end tests: writes this checkout's nvl as it is published, and takes it away after them. */
export const setup = (project: TestProject): (() => void) => {
  const folder = mkdtempSync(join(tmpdir(), 'nvl-published-'));
  // A test may become another user, who has to find it.
  chmodSync(folder, 0o755);
  project.provide('published', { program: writePackage(join(folder, 'nvl')), folder });
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
};
