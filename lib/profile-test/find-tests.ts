import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { shippedTemplatesDir } from '../config/read-templates.ts';
import { hasCode, NvlError } from '../errors.ts';
import { DEFAULT_PROFILE } from '../render/templates.ts';
import type { TestCase } from './case.ts';
import { type RawCase, readCases } from './read-cases.ts';

/** What a profile's `tests/` folder holds. */
export type ProfileTests = { profile: string; cases: TestCase[]; faults: NvlError[] };

/**
 * Reads the tests of these profiles: `tests/*.yaml` beside their templates (`vector/tests/` for the default profile), and
 * the files of lines that cases name.
 *
 * @param dir the templates folder; undefined for the shipped one, whose profiles are its samples
 */
export const findTests = ({
  dir,
  profiles,
}: {
  dir: string | undefined;
  profiles: readonly string[];
}): Promise<ProfileTests[]> =>
  Promise.all(profiles.map((profile) => readTests({ profile, folder: profileFolder({ dir, profile }) })));

/** Where a profile's files lie. */
export const profileFolder = ({ dir, profile }: { dir: string | undefined; profile: string }): string => {
  const root = dir ?? shippedTemplatesDir();
  if (profile === DEFAULT_PROFILE) return join(root, 'vector');
  return join(root, dir === undefined ? 'samples' : 'profiles', profile);
};

const readTests = async ({ profile, folder }: { profile: string; folder: string }): Promise<ProfileTests> => {
  const dir = join(folder, 'tests');
  const tests: ProfileTests = { profile, cases: [], faults: [] };
  for (const name of (await namesIn(dir)).filter((entry) => /\.ya?ml$/.test(entry)).sort()) {
    const file = join(dir, name);
    const { cases, faults } = readCases({ profile, file, text: (await readFile(file, 'utf8')).replace(BOM, '') });
    tests.faults.push(...faults);
    for (const raw of cases) {
      try {
        tests.cases.push(await withBytes({ raw, folder }));
      } catch (error) {
        if (!(error instanceof NvlError)) throw error;
        tests.faults.push(error);
      }
    }
  }
  return tests;
};

/** Some editors begin a file with it; `yaml` counts it as a column. */
const BOM = /^\ufeff/;

const namesIn = async (dir: string): Promise<string[]> => {
  try {
    return await readdir(dir);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
};

const withBytes = async ({
  raw: { lines, linesFile, ...rest },
  folder,
}: {
  raw: RawCase;
  folder: string;
}): Promise<TestCase> => {
  const bytes =
    linesFile === undefined ? Buffer.from(lines ?? '') : await readLines({ file: linesFile, beside: rest, folder });
  return { ...rest, bytes };
};

/** A case names a file of its own profile: what a report shows must not be some other file of the machine. */
const readLines = async ({
  file,
  beside,
  folder,
}: {
  file: string;
  beside: { file: string; line: number };
  folder: string;
}): Promise<Buffer> => {
  const fault = (message: string, cause?: unknown) =>
    new NvlError('testInvalid', {
      message,
      facts: { at: `${beside.file}:${beside.line}` },
      advice: 'name a file beside the test file, or at least in the folder of its profile',
      cause,
    });
  const found = resolve(dirname(beside.file), file);
  if (!found.startsWith(`${folder}${sep}`)) throw fault(`${file} lies outside the profile's folder`);
  try {
    return await readFile(found);
  } catch (error) {
    throw fault(`${file} cannot be read: ${error instanceof Error ? error.message : error}`, error);
  }
};
