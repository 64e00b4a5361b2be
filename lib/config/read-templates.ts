import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { NvlError } from '../errors.ts';
import { packageRoot } from '../package-root.ts';
import type { TemplateFiles } from '../render/templates.ts';

/** The templates that come with nvl. */
export const shippedTemplatesDir = (): string => path.join(packageRoot(), 'templates');

/**
 * Reads a templates folder. Files of the default profile that the folder lacks come from the shipped ones. Without a
 * folder the shipped ones are all there is, and the samples beside them can be chosen as profiles.
 */
export const readTemplates = async (dir: string | undefined): Promise<TemplateFiles> => {
  const shipped = await readBelow(shippedTemplatesDir());
  if (dir === undefined) return { dir: shippedTemplatesDir(), files: sorted(shipped.map(asProfile)) };
  const own = await readBelow(dir);
  const paths = new Set(own.map((file) => file.path));
  const missing = shipped.filter(
    (file) => file.path.startsWith('vector/') && isRequired(file.path) && !paths.has(file.path),
  );
  return { dir, files: sorted([...own, ...missing]) };
};

/** A transform is the default profile's choice; the others have to exist. */
const isRequired = (file: string): boolean => file !== 'vector/transform.toml.hbs';

const asProfile = (file: TemplateFile): TemplateFile => ({
  ...file,
  path: file.path.replace(/^samples\/(?=[^/]+\/)/, 'profiles/'),
});

type TemplateFile = TemplateFiles['files'][number];

const readBelow = async (dir: string): Promise<TemplateFile[]> => {
  try {
    const entries = await readdir(dir, { recursive: true, withFileTypes: true });
    const names = entries
      .filter((entry) => entry.name.endsWith('.hbs') && !entry.isDirectory())
      .map((entry) => path.join(entry.parentPath, entry.name));
    return await Promise.all(names.map((name) => readOne(dir, name)));
  } catch (error) {
    if (error instanceof NvlError) throw error;
    throw new NvlError('templateInvalid', {
      message: `the templates folder ${dir} cannot be read`,
      facts: { said: error instanceof Error ? error.message : String(error) },
      advice: 'check the path in `templates`, or make a first one with: nvl init',
      cause: error,
    });
  }
};

const readOne = async (dir: string, name: string): Promise<TemplateFile> => {
  const bytes = await readFile(name);
  const relative = path.relative(dir, name).split(path.sep).join('/');
  try {
    return { path: relative, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (error) {
    throw new NvlError('templateInvalid', {
      message: 'a template is not UTF-8 text',
      facts: { at: relative },
      advice: 'save it as UTF-8',
      cause: error,
    });
  }
};

const sorted = (files: TemplateFile[]): TemplateFile[] => files.sort((a, b) => (a.path < b.path ? -1 : 1));
