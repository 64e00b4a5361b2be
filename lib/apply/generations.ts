import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../errors.ts';
import { FILE_NAME, type RootPaths } from './paths.ts';
import { syncFolder, writeSynced } from './sync.ts';

export type Generation = { number: number; text: string };

/** Keeps a text that is about to go live under the next number, and returns that. It is not good before `markGood` says so. */
export const addGeneration = async ({
  paths,
  text,
}: {
  paths: Pick<RootPaths, 'generations'>;
  text: string;
}): Promise<number> => {
  const number = (await listNumbers(paths)).reduce((a, b) => Math.max(a, b), 0) + 1;
  const whole = folderOf({ paths, number });
  // Under another name until it is whole, so that a number never stands for half a file.
  const partial = join(paths.generations, `.${number}`);
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { mode: 0o700 });
  await writeSynced({ file: join(partial, FILE_NAME), text });
  await syncFolder(partial);
  await rename(partial, whole);
  await syncFolder(paths.generations);
  return number;
};

/** Marks one that Vector has loaded and lived with, and lets go of all older ones beyond the last `keep` good ones. */
export const markGood = async ({
  paths,
  number,
  keep = 5,
}: {
  paths: Pick<RootPaths, 'generations'>;
  number: number;
  keep?: number;
}): Promise<void> => {
  const folder = folderOf({ paths, number });
  await writeSynced({ file: join(folder, goodMark), text: '' });
  await syncFolder(folder);
  const good = (await listGood(paths)).slice(0, keep);
  const old = (await listNumbers(paths)).filter((other) => other < number && !good.includes(other));
  await Promise.all(old.map((other) => rm(folderOf({ paths, number: other }), { recursive: true, force: true })));
};

/** The newest good one, for a roll back; `before` asks for one older than that number. */
export const lastGood = async ({
  paths,
  before = Number.POSITIVE_INFINITY,
}: {
  paths: Pick<RootPaths, 'generations'>;
  before?: number;
}): Promise<Generation | undefined> => {
  const number = (await listGood(paths)).find((good) => good < before);
  if (number === undefined) return undefined;
  return { number, text: await readFile(join(folderOf({ paths, number }), FILE_NAME), 'utf8') };
};

const goodMark = 'good';

const folderOf = ({ paths, number }: { paths: Pick<RootPaths, 'generations'>; number: number }): string =>
  join(paths.generations, String(number));

const listNumbers = async (paths: Pick<RootPaths, 'generations'>): Promise<number[]> =>
  (await readdir(paths.generations)).filter((name) => /^[1-9]\d*$/.test(name)).map(Number);

/** The newest first. */
const listGood = async (paths: Pick<RootPaths, 'generations'>): Promise<number[]> => {
  const numbers = (await listNumbers(paths)).sort((a, b) => b - a);
  const isGood = await Promise.all(numbers.map((number) => exists(join(folderOf({ paths, number }), goodMark))));
  return numbers.filter((_, index) => isGood[index]);
};

const exists = async (file: string): Promise<boolean> => {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
};
