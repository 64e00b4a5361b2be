import { link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../errors.ts';
import { readOwnFile } from './own.ts';
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
  await writeSynced({ file: join(folder, GOOD_MARK), text: '' });
  await syncFolder(folder);
  const good = (await listGood(paths)).slice(0, keep);
  const old = (await listNumbers(paths)).filter((other) => other < number && !good.includes(other));
  await Promise.all(old.map((other) => rm(folderOf({ paths, number: other }), { recursive: true, force: true })));
};

/** The newest good one, for a roll back; `before` asks for one older than that number. One that lost its file is passed over. */
export const lastGood = async ({
  paths,
  before = Number.POSITIVE_INFINITY,
}: {
  paths: Pick<RootPaths, 'generations'>;
  before?: number;
}): Promise<Generation | undefined> => {
  for (const number of (await listGood(paths)).filter((good) => good < before)) {
    const bytes = await readOwnFile(join(folderOf({ paths, number }), FILE_NAME));
    if (bytes !== undefined) return { number, text: bytes.toString('utf8') };
  }
  return undefined;
};

/** Gives the newest good one of this text another name, which takes no room. False where there is none. */
export const linkGood = async ({
  paths,
  text,
  to,
}: {
  paths: Pick<RootPaths, 'generations'>;
  text: string;
  to: string;
}): Promise<boolean> => {
  const good = await lastGood({ paths });
  if (good?.text !== text) return false;
  await rm(to, { recursive: true, force: true });
  await link(join(folderOf({ paths, number: good.number }), FILE_NAME), to);
  return true;
};

export const isGood = ({
  paths,
  number,
}: {
  paths: Pick<RootPaths, 'generations'>;
  number: number;
}): Promise<boolean> => exists(join(folderOf({ paths, number }), GOOD_MARK));

const GOOD_MARK = 'good';

const folderOf = ({ paths, number }: { paths: Pick<RootPaths, 'generations'>; number: number }): string =>
  join(paths.generations, String(number));

/** Folders alone: a link of such a name leads to what is not nvl's. */
const listNumbers = async (paths: Pick<RootPaths, 'generations'>): Promise<number[]> =>
  (await readdir(paths.generations, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && /^[1-9]\d*$/.test(entry.name))
    .map(({ name }) => Number(name));

/** The newest first. */
const listGood = async (paths: Pick<RootPaths, 'generations'>): Promise<number[]> => {
  const numbers = (await listNumbers(paths)).sort((a, b) => b - a);
  const marks = await Promise.all(numbers.map((number) => isGood({ paths, number })));
  return numbers.filter((_, index) => marks[index]);
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
