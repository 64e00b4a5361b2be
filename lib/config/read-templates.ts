import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { messageOf, NvlError } from '../errors.ts';
import { packageRoot } from '../package-root.ts';
import { type Entry, type Listing, listFolder } from './list-folder.ts';
import { readBounded } from './read-bounded.ts';
import { isQuiet, isTemplatePath, profileOfFolder, type Stranger, strangersAmong } from './template-names.ts';

/** The templates that come with nvl. */
export const shippedTemplatesDir = (): string => join(packageRoot(), 'templates');

/**
 * Reads a templates folder. Files of the default profile, and partials of nvl's own, that the folder lacks come from the shipped ones. Without a
 * folder the shipped ones are all there is, and the samples beside them can be chosen as profiles. A file that cannot be
 * read says so in its place: one bad template must not stop the others. So does a place that is empty beside a file of
 * nearly its name.
 */
export const readTemplates = async (dir: string | undefined): Promise<TemplateFiles> => {
  const shipped = await readShipped();
  const defaults = shipped.filter((file) => isDefault(file.path));
  if (dir === undefined) return shippedAlone({ shipped, defaults });
  const listing = await listTemplates(dir);
  const read = await inTurns(knownIn(listing), (entry) => readOne({ dir, entry }));
  const strangers = await strangersIn({ dir, listing });
  const own = [...read, ...unreadProfiles(listing), ...misnamed({ strangers, files: read })];
  const paths = new Set(own.map((file) => file.path));
  const stands = shipped.filter(({ path: file }) => (isDefault(file) && isRequired(file)) || isPartial(file));
  const files = [...own, ...stands.filter((file) => !paths.has(file.path))];
  return {
    dir,
    files: sorted(files),
    profileFolders: profilesIn([...foldersIn(listing), ...own.map((file) => posix.dirname(file.path))]),
    shipped: defaults,
    strangers: strangers.filter(
      ({ takes, place, isSetAside }) => !takes || (!isSetAside && read.some((file) => file.path === place)),
    ),
  };
};

type TemplateFile = TemplateFiles['files'][number];

const shippedAlone = ({
  shipped,
  defaults,
}: Record<'shipped' | 'defaults', readonly TemplateFile[]>): TemplateFiles => ({
  dir: shippedTemplatesDir(),
  isShipped: true,
  files: sorted(shipped),
  profileFolders: profilesIn(shipped.map((file) => posix.dirname(file.path))),
  shipped: defaults,
});

/**
 * The samples stand in for profiles. Read once: an upgrade replaces these files while nvl runs, and this nvl's code goes with this nvl's
 * templates.
 */
const readShipped = async (): Promise<readonly TemplateFile[]> => {
  if (shippedFiles !== undefined) return shippedFiles;
  const read = await readShippedFiles();
  // What cannot be read for a moment, such as for want of open files, is tried again.
  if (read.every(({ unreadable }) => unreadable === undefined)) shippedFiles = read;
  return read;
};

let shippedFiles: readonly TemplateFile[] | undefined;

const readShippedFiles = async (): Promise<TemplateFile[]> => {
  const dir = shippedTemplatesDir();
  const { entries } = await listTemplates(dir, () => false);
  const named = entries.map((entry) => ({ entry, name: entry.path.replace(/^samples\/(?=[^/]+)/, 'profiles/') }));
  const known = named.filter(({ entry, name }) => entry.kind === 'file' && isTemplatePath(name));
  return inTurns(known, async ({ entry, name }) =>
    name === entry.path ? readOne({ dir, entry }) : sampleFile({ file: join(dir, entry.path), path: name }),
  );
};

/** Read when it is asked for, and not kept: a node uses few of three dozen samples, whose texts take a daemon 4 MB. */
const sampleFile = ({ file, path: name }: { file: string; path: string }): TemplateFile => ({
  path: name,
  get text() {
    return this.unreadable === undefined ? readFileSync(file, 'utf8') : '';
  },
  get unreadable() {
    return existsSync(file) ? undefined : 'it is gone: nvl was upgraded, and has to be restarted';
  },
});

const listTemplates = async (dir: string, isSkipped = isQuiet): Promise<Listing> => {
  try {
    const listing = await listFolder({ dir, isSkipped });
    const [fault] = listing.unread.filter(({ path: folder }) => /^(?:vector|profiles|partials)$/.test(folder));
    if (fault !== undefined) throw fault.error;
    return listing;
  } catch (error) {
    throw new NvlError('templateInvalid', {
      message: `the templates folder ${dir} cannot be read`,
      facts: { said: messageOf(error) },
      advice: 'check the path in `templates`, or make a first one with: nvl init',
      cause: error,
    });
  }
};

const knownIn = ({ entries }: Listing): Entry[] => entries.filter((entry) => isTemplatePath(entry.path));

const foldersIn = ({ entries }: Listing): string[] =>
  entries.filter(({ kind }) => kind === 'folder').map((entry) => entry.path);

const profilesIn = (folders: readonly string[]): string[] =>
  [...new Set(folders.flatMap((folder) => profileOfFolder(folder) ?? []))].sort();

/** A profile whose folder cannot be read is bad, and no other is. */
const unreadProfiles = ({ unread }: Listing): TemplateFile[] =>
  unread.flatMap(({ path: folder, error }) =>
    profileOfFolder(folder) === undefined
      ? []
      : [{ path: `${folder}/profile.yaml`, text: '', unreadable: `its folder cannot be read: ${messageOf(error)}` }],
  );

/** What stands in the place of a template that is there under another name. */
const misnamed = ({ strangers, files }: { strangers: Stranger[]; files: TemplateFile[] }): TemplateFile[] => {
  const paths = new Set(files.map((file) => file.path));
  const near = strangers.flatMap(({ path: name, place, takes }) =>
    takes && place !== undefined && !paths.has(place) ? [{ name, place }] : [],
  );
  return [...Map.groupBy(near, ({ place }) => place)].map(([place, found]) => ({
    path: place,
    text: '',
    misnamed: found.map(({ name }) => name).sort(),
  }));
};

const strangersIn = async ({ dir, listing }: { dir: string; listing: Listing }): Promise<Stranger[]> => {
  const others = listing.entries.filter(({ kind, path: name }) => kind !== 'folder' && !isTemplatePath(name));
  const files = await inTurns(others, async (entry) => ({
    path: entry.path,
    text: MAY_BE_TEMPLATE.test(entry.path) && !isQuiet(entry.path) ? (await readOne({ dir, entry })).text : '',
  }));
  return strangersAmong(files).sort((a, b) => (a.path < b.path ? -1 : 1));
};

const MAY_BE_TEMPLATE = /\.(?:hbs|hb|handlebars|mustache|toml|ya?ml|json|tmpl|tpl|j2)$/i;

/** So that a large folder does not use up the open files. */
const inTurns = async <T, R>(list: readonly T[], make: (one: T) => Promise<R>): Promise<R[]> => {
  const made: R[] = [];
  for (let at = 0; at < list.length; at += 64) made.push(...(await Promise.all(list.slice(at, at + 64).map(make))));
  return made;
};

const isDefault = (file: string): boolean => file.startsWith('vector/');

/** Samples that were copied call them. */
const isPartial = (file: string): boolean => file.startsWith('partials/');

/** A transform is the default profile's choice; the others have to exist. */
const isRequired = (file: string): boolean => file !== 'vector/transform.toml.hbs';

const sorted = (files: readonly TemplateFile[]): TemplateFile[] => files.toSorted((a, b) => (a.path < b.path ? -1 : 1));

/** More than any template may have; how much that is, each kind says for itself. */
const MOST_BYTES = 8_388_608;

const readOne = async ({ dir, entry }: { dir: string; entry: Entry }): Promise<TemplateFile> => {
  const unread = (unreadable: string): TemplateFile => ({ path: entry.path, text: '', unreadable });
  try {
    const read = await readBounded({ file: join(dir, entry.path), mostBytes: MOST_BYTES });
    if ('why' in read) return unread(read.why);
    return { path: entry.path, text: new TextDecoder('utf-8', { fatal: true }).decode(read.bytes) };
  } catch (error) {
    return unread(error instanceof TypeError ? 'it is not UTF-8 text' : `it cannot be read: ${messageOf(error)}`);
  }
};

/**
 * A templates folder as it was read: paths below it with `/`, sorted, and texts. `unreadable` says why a file has none;
 * `misnamed`: it is missing, and these files are there in its place under a name that is nearly right.
 * `profileFolders`: the names of the folders below `profiles/`, empty ones too.
 */
export type TemplateFiles = {
  /** What comes with nvl, and no folder of a team. */
  isShipped?: boolean;
  dir: string;
  files: readonly { path: string; text: string; unreadable?: string | undefined; misnamed?: readonly string[] }[];
  profileFolders: readonly string[];
  /** The default profile as it comes with nvl: what is left when the folder's own can't be used. */
  shipped?: readonly { path: string; text: string }[];
  /** Files that are not read, and nothing that is known to be something else. */
  strangers?: readonly Stranger[];
};
