import type { TemplateFiles } from '../config/read-templates.ts';
import type { Stranger } from '../config/template-names.ts';
import { NvlError } from '../errors.ts';

/** Why a file has no text. */
export const unreadFault = ({ path, unreadable, misnamed }: TemplateFiles['files'][number]): NvlError | undefined => {
  if (misnamed !== undefined) return misnamedFault({ place: path, found: misnamed });
  const advice = 'save it as a file of UTF-8 text that nvl may read';
  return unreadable === undefined
    ? undefined
    : new NvlError('templateInvalid', { message: unreadable, facts: { at: path }, advice });
};

/** For a place that is empty, beside files of nearly its name. What comes with nvl must not stand in without a word. */
const misnamedFault = ({ place, found }: { place: string; found: readonly string[] }): NvlError =>
  new NvlError('templateMisnamed', {
    message: `${listed(found)} not read: ${found.length === 1 ? 'its name' : 'the name'} should be ${place}, which is missing`,
    facts: { at: found[0] },
    advice: `rename ${found.length === 1 ? 'it' : 'the one that is meant'} to ${place}, or take it out of the templates folder`,
  });

/** On one line. */
export const warningText = ({ message, advice }: NvlError): string =>
  advice === undefined ? message : `${message}; ${advice}`;

const listed = (names: readonly string[]): string => {
  if (names.length === 1) return `${names[0]} is`;
  const more = names.length - MOST_NAMED;
  return `${names.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''} are`;
};

const MOST_NAMED = 3;

/** One for each file that is not read; what lies together in a folder that nvl knows nothing of is one. Pure. */
export const strangerWarnings = ({
  strangers,
  hasFile,
}: {
  strangers: readonly Stranger[];
  hasFile: (path: string) => boolean;
}): NvlError[] => {
  const near = strangers.filter(({ place }) => place !== undefined);
  const far = Map.groupBy(
    strangers.filter(({ place }) => place === undefined),
    ({ path }) => folderOf(path),
  );
  return [
    ...near.map(({ path, place = '' }) => nearWarning({ path, place, isFilled: hasFile(place) })),
    ...[...far].map(([folder, found]) => farWarning({ folder, paths: found.map(({ path }) => path) })),
  ];
};

/** The folder at the top; of what lies in a known one, the one it is in. */
const folderOf = (path: string): string => {
  const segments = path.split('/').slice(0, -1);
  const isKnown = ['vector', 'profiles', 'partials'].includes(segments[0] ?? '');
  return segments.slice(0, isKnown ? 2 : 1).join('/');
};

const nearWarning = ({ path, place, isFilled }: { path: string; place: string; isFilled: boolean }): NvlError =>
  new NvlError('templateMisnamed', {
    message: isFilled
      ? `${path} is not read; ${place} is there, and is used`
      : `${path} is not read; did you mean ${place}?`,
    facts: { at: path },
    advice: isFilled
      ? `move what it says into ${place}, or take it out of the templates folder`
      : `rename it to ${place}, or take it out of the templates folder`,
  });

const farWarning = ({ folder, paths }: { folder: string; paths: readonly string[] }): NvlError => {
  const [first = ''] = paths;
  const where = folder === '' ? 'the templates folder' : `${folder}/`;
  return new NvlError('templateMisnamed', {
    message:
      paths.length === 1 ? `${first} is not read` : `${paths.length} files of ${where} are not read: ${first}, …`,
    facts: { at: first },
    advice: `known are ${KNOWN}`,
  });
};

const KNOWN =
  'vector/{source,transform,sink,labels}.toml.hbs, profiles/<name>/{source,transform,sink}.toml.hbs and profile.yaml, and partials/<name>.hbs';
