import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import type { VectorCommand } from '../../lib/vector/config/command.ts';

/** A folder of the test's own, gone when it ends. */
export const ownFolder = async (): Promise<string> => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'nvl-vector-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

/** Writes files by their paths below the folder; a value `-> x` makes a link to x. */
export const writeFiles = async (folder: string, files: Readonly<Record<string, string>>): Promise<void> => {
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await (text.startsWith('-> ') ? symlink(text.slice(3), file) : writeFile(file, text));
  }
};

/** A tiny executable, by default called vector, run by this very Node. */
export const writeProgram = async ({
  folder,
  source,
  name = 'vector',
}: {
  folder: string;
  source: string;
  name?: string;
}): Promise<string> => {
  const file = join(folder, name);
  await writeFile(file, source.startsWith('#!') ? source : `#!${process.execPath}\n${source}`, { mode: 0o755 });
  return file;
};

export const aCommand = (given: Partial<VectorCommand> & { cwd: string }): VectorCommand => ({
  binary: 'vector',
  args: [],
  env: {},
  ...given,
});

export const silentLog = pino({ level: 'silent' });

/** A stream that keeps what it got. */
export const keeper = (): { stream: PassThrough; text: () => string } => {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return { stream, text: () => text };
};

export const linesOf = async (file: string): Promise<string[]> =>
  (await readFile(file, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');

/** The moment something has happened, or the test's failure. */
export const until = async (
  what: string,
  isSo: () => boolean | Promise<boolean>,
  timeoutMs = 30_000,
): Promise<void> => {
  const end = Date.now() + timeoutMs;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};
