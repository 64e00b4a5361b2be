import { rename } from 'node:fs/promises';
import { moveFolderAway } from './move-away.ts';
import { readOwnFile } from './own.ts';
import type { RootPaths } from './paths.ts';
import { syncFolder, writeSynced } from './sync.ts';

/** The templates that Vector took last, as an nvl kept them; undefined for none, and for what nvl can't have put there. */
export const readKeptTemplates = async ({ templatesFile }: RootPaths): Promise<string | undefined> =>
  (await readOwnFile(templatesFile))?.toString('utf8');

/** Puts them in their place at once, for nvl alone. The same text is not written again. */
const writeKeptTemplates = async ({ paths, text }: { paths: RootPaths; text: string }): Promise<void> => {
  const { templatesFile: file, state, stage } = paths;
  if ((await readKeptTemplates(paths)) === text) return;
  const staged = `${file}.new`;
  await writeSynced({ file: staged, text, mode: 0o600 });
  await moveFolderAway({ file, stage });
  await rename(staged, file);
  await syncFolder(state);
};

/** What a cycle does with them; `check` throws where nothing may be written. */
export const keptTemplatesOn = ({ paths, check }: { paths: RootPaths; check: () => Promise<void> }) => ({
  readTemplates: () => readKeptTemplates(paths),
  keepTemplates: async (text: string) => {
    await check();
    await writeKeptTemplates({ paths, text });
  },
  setTemplatesAside: () => setKeptTemplatesAside(paths),
});

/** One such file at most is there: the next one takes its place. */
const setKeptTemplatesAside = async ({ templatesFile }: RootPaths): Promise<string> => {
  const to = `${templatesFile}.aside`;
  await rename(templatesFile, to);
  return to;
};
