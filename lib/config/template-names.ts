import { nearest } from '../nearest.ts';

/**
 * The names that a templates folder knows, and what a file is probably meant to be whose name is nearly right. Pure; paths
 * are below the folder, with `/`.
 */

/** A file that nvl reads: a template, a partial or the settings of a profile. */
export const isTemplatePath = (path: string): boolean => (isSlot(path) || PARTIAL.test(path)) && !isQuiet(path);

const SLOT =
  /^(?:vector\/(?:source|transform|sink|labels)\.toml\.hbs|profiles\/(?!default\/)[^/]+\/(?:(?:source|transform|sink)\.toml\.hbs|profile\.yaml))$/;
const PARTIAL = /^partials\/.+\.hbs$/;

const isSlot = (path: string): boolean => SLOT.test(path);

/** The profile whose folder this is. What belongs to `default` lies in `vector/`. */
export const profileOfFolder = (path: string): string | undefined => {
  const name = /^profiles\/([^/]+)$/.exec(path)?.[1];
  return name === undefined || name === 'default' || isQuiet(path) ? undefined : name;
};

/** Where nvl looks for no template: tests, samples, documents, and what tools keep for themselves. */
export const isQuiet = (path: string): boolean =>
  path.split('/').some((name) => name.startsWith('.') || name === 'node_modules') ||
  /^(?:vector|profiles\/(?!default\/)[^/]+)\/tests(?:\/|$)/.test(path) ||
  /^(?:docs?|samples|init|recordings)(?:\/|$)/.test(path);

/**
 * A file that nvl does not read. `place`: the known one that it is probably meant for. `takes`: it is so near that an
 * empty place is an error, as otherwise what comes with nvl would stand in without a word. `isSetAside`: where the place is
 * filled, nobody need be told.
 */
export type Stranger = { path: string; place: string | undefined; takes: boolean; isSetAside?: true };

/**
 * Those of the files that are neither read nor known to be something else, with their nearest place. `textOf`: a file's
 * text, where it may be a template.
 */
export const strangersAmong = (files: readonly { path: string; text: string }[]): Stranger[] =>
  files.flatMap(({ path, text }) => strangerOf({ path, text }) ?? []);

/** Where a sink that is set aside leaves its place empty, lines would go to the console. */
const NODE_SINK = 'vector/sink.toml.hbs';

const strangerOf = ({ path, text }: { path: string; text: string }): Stranger | undefined => {
  if (isTemplatePath(path) || isQuiet(path)) return undefined;
  const base = path.split('/').at(-1) ?? '';
  if (/^#.*#$/.test(base)) return undefined;
  const setAside = base.replace(SET_ASIDE, '');
  if (setAside !== base) {
    const beside = `${path.slice(0, path.length - base.length)}${setAside}`;
    return beside === NODE_SINK ? { path, place: NODE_SINK, takes: true, isSetAside: true } : undefined;
  }
  const found = rightPlaceOf({ path, text });
  if (isOther(base) && !(found?.takes === true && PROGRAM.test(base))) return undefined;
  return { path, place: found?.place, takes: found?.takes ?? false };
};

/** What editors, patches and people put behind the name of a file that is not to be used. */
const SET_ASIDE =
  /(?:~|[._-](?:bak|back|backup|old|orig|rej|tmp|temp|swp|swo|swx|save|saved|off|disabled|inactive|unused|new|wip|draft|prev|copy|dist|example)\d*~?)$/i;

/** Documents, and what else lies at the top of a repository. */
const DOCUMENT =
  /^(?:readme|licen[cs]e|copying|notice|changelog|changes|contributing|codeowners|owners|authors|maintainers|security|makefile|justfile)(?:[._-](?!.*\.(?:hbs|toml|ya?ml|json)$)|$)|^(?:nvl\.(?:ya?ml|toml|json)|taskfile\.ya?ml|package(?:-lock)?\.json)$|\.(?:md|markdown|rst|adoc|png|svg|pdf)$/i;
/** Lines for tests, and programs that a transform reads from a file. */
const DATA = /\.(?:txt|text|log|lines|jsonl|ndjson|csv|tsv|gz|zst|vrl)$/i;

/** A transform's program in place of the transform. */
const PROGRAM = /^transforms?\.vrl$/i;

const isOther = (base: string): boolean => DOCUMENT.test(base) || (DATA.test(base) && !/\.(?:hbs|toml)\./i.test(base));

type Place = { place: string; takes: boolean };

/** Where a file lies, as it was probably meant, and its path from there. */
type Home = { home: string; rest: readonly string[] };

const rightPlaceOf = ({ path, text }: { path: string; text: string }): Place | undefined => {
  const segments = path.split('/');
  const lone = loneProfile(segments);
  if (lone !== undefined)
    return { place: `profiles/${lone}/${definesSink(text) ? 'sink' : 'transform'}.toml.hbs`, takes: true };
  const found = homeOf(segments);
  if (found === undefined) {
    // The folder of a profile that lies beside `profiles/`, or the templates folder is the one above.
    const place = `profiles/${path}`;
    return isSlot(place) ? { place, takes: false } : undefined;
  }
  const { home, rest } = found;
  const base = rest.at(-1) ?? '';
  if (home === 'partials') {
    const name = [...rest.slice(0, -1), stemOf(base)].join('/');
    return { place: `partials/${name}.hbs`, takes: false };
  }
  if (rest.length > 1 && nearest(rest[0] ?? '', ['tests']) !== undefined)
    return { place: `${home}/tests/${rest.slice(1).join('/')}`, takes: false };
  if (/^tests?\.ya?ml$/i.test(base)) return { place: `${home}/tests/${base}`, takes: false };
  if (rest.length > 2) return undefined;
  const word = kindOf(stemOf(base)) ?? (rest.length === 2 ? kindOf(rest[0] ?? '') : undefined);
  if (word === undefined) return definesSink(text) ? { place: `${home}/sink.toml.hbs`, takes: true } : undefined;
  return slotOf({ home, word });
};

const slotOf = ({ home, word }: { home: string; word: string }): Place => {
  const isDefault = home === 'vector';
  // The labels are the whole folder's, and the default profile has no settings.
  if (word === 'labels') return { place: 'vector/labels.toml.hbs', takes: isDefault };
  if (word === 'profile') {
    return { place: `${isDefault ? 'profiles/<name>' : home}/profile.yaml`, takes: !isDefault };
  }
  return { place: `${home}/${word}.toml.hbs`, takes: true };
};

const homeOf = ([first = '', ...rest]: readonly string[]): Home | undefined => {
  if (rest.length === 0) return { home: 'vector', rest: [first] };
  const folder = folderOf(first);
  const inner = rest.length > 1 ? folderOf(rest[0] ?? '') : undefined;
  if (folder === 'templates') return homeOf(rest);
  if (folder === 'vector')
    return inner === 'profiles' || inner === 'partials' ? homeOf(rest) : { home: 'vector', rest };
  if (folder === 'partials') return { home: 'partials', rest };
  if (folder === 'profiles') {
    const [name = '', ...files] = rest;
    // A file of one of the known names: whose profile it is, it does not say.
    if (files.length === 0) return { home: 'vector', rest: [name] };
    const isDeeper = files.length > 1 && folderOf(files[0] ?? '') === 'vector';
    return { home: name === 'default' ? 'vector' : `profiles/${name}`, rest: isDeeper ? files.slice(1) : files };
  }
  return undefined;
};

/** `profiles/web.toml.hbs`, a file where a profile has a folder. */
const loneProfile = (segments: readonly string[]): string | undefined => {
  const [base = '', folder = ''] = [...segments].reverse();
  if (segments.length < 2 || segments.length > 3 || folderOf(folder) !== 'profiles') return undefined;
  const name = stemOf(base);
  return /\.(?:hbs|toml|ya?ml)$/i.test(base) && kindOf(name) === undefined && name !== 'default' ? name : undefined;
};

const FOLDERS: Readonly<Record<string, string>> = {
  vector: 'vector',
  default: 'vector',
  profiles: 'profiles',
  partials: 'partials',
  templates: 'templates',
};

const folderOf = (name: string): string | undefined => FOLDERS[nearest(name, Object.keys(FOLDERS)) ?? ''];

const KINDS = ['source', 'transform', 'sink', 'labels', 'profile'];

/** The whole name, or a word of it: `sinks`, `my-sink`, `sink copy (2)`. */
const kindOf = (stem: string): string | undefined =>
  nearest(stem, KINDS) ??
  KINDS.find((kind) => lettersOf(kind) === lettersOf(stem.toLowerCase())) ??
  stem
    .toLowerCase()
    .split(/[^a-z]+/)
    .flatMap((word) => KINDS.find((kind) => word === kind || word === `${kind}s`) ?? [])[0];

const lettersOf = (word: string): string => [...word].sort().join('');

const stemOf = (base: string): string => base.trim().split('.')[0]?.trim() ?? '';

/** A template in which lines end up somewhere, whatever its file is called. */
const definesSink = (text: string): boolean => /^\s*(?:\[sinks\.|sinks:|"sinks"\s*:)/m.test(text);
