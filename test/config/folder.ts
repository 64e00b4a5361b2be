import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { loadConfig } from '../../lib/config/load.ts';
import { describeError, NvlError } from '../../lib/errors.ts';

/** A temporary folder of the running test with these files in it, by path; a path that ends with `/` is a folder. */
export const aFolder = async (files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-config-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name.endsWith('/') ? name : dirname(name)), { recursive: true });
    if (!name.endsWith('/')) await writeFile(join(folder, name), content);
  }
  return folder;
};

type Given = Partial<Parameters<typeof loadConfig>[0]>;

/** Loads as on a machine that has no configuration outside the folder. */
export const loadIn = (cwd: string, given: Given = {}) =>
  loadConfig({ cwd, env: {}, systemDir: join(cwd, 'no-such-folder'), ...given });

/** What a person reads of the faults, without the first and the last line. */
export const faultsOf = async (loading: Promise<unknown>): Promise<string[]> => {
  const error = await loading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof NvlError) || error.code !== 'configInvalid') throw error ?? new Error('no fault was found');
  return Object.entries(error.facts).flatMap(([where, texts]) => texts.split('\n').map((text) => `${where}  ${text}`));
};

/** The whole error, as it is printed. */
export const printed = async (loading: Promise<unknown>): Promise<string> =>
  loading.then(
    () => '',
    (error: unknown) => describeError(error),
  );
