import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { prepareRoot } from '../../lib/apply/root.ts';

/** A folder of the test's own, gone when it ends. */
export const ownFolder = async (): Promise<string> => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'nvl-apply-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

export const ownRoot = async () => prepareRoot({ root: join(await ownFolder(), 'root') });
