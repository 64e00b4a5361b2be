import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { NvlError } from '../errors.ts';
import { packageRoot } from '../package-root.ts';
import type { TemplateFiles } from '../render/templates.ts';

/** The templates that come with nvl. */
export const shippedTemplatesDir = (): string => path.join(packageRoot(), 'templates');

/**
 * Reads a templates folder. Files of the default profile that the folder lacks come from the shipped ones. Without a
 * folder the shipped ones are all there is, and the samples beside them can be chosen as profiles. A file that cannot be
 * read says so in its place: one bad template must not stop the others.
 */
export const readTemplates = async (dir: string | undefined): Promise<TemplateFiles> => {
  const shipped = await readBelow(shippedTemplatesDir());
  if (dir === undefined) return withFolders({ dir: shippedTemplatesDir(), read: asProfiles(shipped), shipped });
  const own = await readBelow(dir);
  const paths = new Set(own.files.map((file) => file.path));
  const missing = shipped.files.filter(
    (file) => file.path.startsWith('vector/') && isRequired(file.path) && !paths.has(file.path),
  );
  return withFolders({ dir, read: { ...own, files: [...own.files, ...missing] }, shipped });
};

type Read = { files: TemplateFile[]; folders: string[] };

const withFolders = ({
  dir,
  read: { files, folders },
  shipped,
}: {
  dir: string;
  read: Read;
  shipped: Read;
}): TemplateFiles => ({
  dir,
  files: files.sort((a, b) => (a.path < b.path ? -1 : 1)),
  profileFolders: folders.flatMap((folder) => /^profiles\/([^/]+)$/.exec(folder)?.[1] ?? []).sort(),
  shipped: shipped.files.filter((file) => file.path.startsWith('vector/')),
});

/** A transform is the default profile's choice; the others have to exist. */
const isRequired = (file: string): boolean => file !== 'vector/transform.toml.hbs';

const asProfiles = ({ files, folders }: Read): Read => ({
  files: files.map((file) => ({ ...file, path: asProfile(file.path) })),
  folders: folders.map(asProfile),
});

const asProfile = (name: string): string => name.replace(/^samples\/(?=[^/]+)/, 'profiles/');

type TemplateFile = TemplateFiles['files'][number];

const readBelow = async (dir: string): Promise<Read> => {
  try {
    const entries = await readdir(dir, { recursive: true, withFileTypes: true });
    const named = entries.map((entry) => ({ entry, name: nameBelow(dir, path.join(entry.parentPath, entry.name)) }));
    const files = named.filter(({ entry, name }) => !entry.isDirectory() && isTemplate(name));
    return {
      files: await Promise.all(files.map(({ name }) => readOne(dir, name))),
      folders: named.filter(({ entry }) => entry.isDirectory()).map(({ name }) => name),
    };
  } catch (error) {
    throw new NvlError('templateInvalid', {
      message: `the templates folder ${dir} cannot be read`,
      facts: { said: error instanceof Error ? error.message : String(error) },
      advice: 'check the path in `templates`, or make a first one with: nvl init',
      cause: error,
    });
  }
};

const isTemplate = (name: string): boolean => name.endsWith('.hbs') || path.basename(name) === 'profile.yaml';

const nameBelow = (dir: string, file: string): string => path.relative(dir, file).split(path.sep).join('/');

const readOne = async (dir: string, name: string): Promise<TemplateFile> => {
  try {
    const bytes = await readFile(path.join(dir, name));
    return { path: name, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (error) {
    const why =
      error instanceof TypeError
        ? 'it is not UTF-8 text'
        : `it cannot be read: ${error instanceof Error ? error.message : error}`;
    return { path: name, text: '', unreadable: why };
  }
};
