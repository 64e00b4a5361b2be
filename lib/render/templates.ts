import { posix } from 'node:path';
import type { TemplateFiles } from '../config/read-templates.ts';
import { NO_SETTINGS, type ProfileSettings, readProfileSettings } from '../context/profile-settings.ts';
import { NvlError } from '../errors.ts';
import { compare } from '../order.ts';
import { compileOne } from './compile-one.ts';
import type { BlockVerdict } from './judge-block.ts';
import { partialsNamedIn, partialsOf } from './partials.ts';
import type { SafeTemplate } from './safe/index.ts';
import { strangerWarnings, unreadFault } from './unread-files.ts';

export type BlockKind = 'source' | 'transform' | 'sink' | 'labels';

/** One template, ready to render, or what is wrong with it. */
export type Template = {
  path: string;
  text: string;
  compiled: SafeTemplate<BlockVerdict> | undefined;
  faults: readonly NvlError[];
  /** All files that it is compiled from: its own first, then its profile's settings and the partials that it may call. */
  from: readonly TextFile[];
};

/** A file of a templates folder, by its path there. */
export type TextFile = { path: string; text: string };

export type Profile = {
  name: string;
  settings: ProfileSettings;
  settingsFile: TextFile | undefined;
  source: Template;
  transform: Template | undefined;
  /** Its own, which takes the lines of its tasks in place of the node's sink. */
  sink: Template | undefined;
  /** What is wrong with its settings or its folder. */
  faults: readonly NvlError[];
};

/** Everything that is rendered from, compiled once per edit. */
export type Templates = {
  profiles: ReadonlyMap<string, Profile>;
  labels: Template;
  sink: Template;
  /** The source and the labels that come with nvl. */
  shipped: { source: Template | undefined; labels: Template | undefined };
  /** Those that are read, by the paths of their files. */
  partials: readonly { path: string; text: string }[];
  /** The parameters that any profile declares. */
  parameters: ReadonlySet<string>;
  /** Each fault of each template, partial and profile, by file and place. */
  faults: readonly NvlError[];
  /** Files of the folder that are not read, though somebody may think so. */
  warnings: readonly NvlError[];
};

export const DEFAULT_PROFILE = 'default';

/**
 * Compiles a templates folder. Pure, and it never throws for what an author wrote: a fault belongs to its template, and
 * whoever renders from that template is quarantined with it.
 */
export const compileTemplates = (read: TemplateFiles): Templates => {
  const { files, profileFolders, shipped = [], strangers = [], isShipped = false } = read;
  const byPath = new Map(files.map((file) => [file.path, file]));
  const partials = partialsOf(files);
  const made: Template[] = [];
  const compile = (path: string, kind: BlockKind, settings: () => ProfileSettings = () => NO_SETTINGS): Template => {
    const file = byPath.get(path) ?? { path, text: '' };
    const template = lazyTemplate({
      file,
      others: () => [...(settingsFileOf({ path, byPath }) ?? []), ...partialsNamedIn({ text: file.text, partials })],
      make: () => compileOne({ file, kind, partials, settings: settings() }),
    });
    made.push(template);
    return template;
  };
  const compileIfThere = (path: string, kind: BlockKind, settings?: () => ProfileSettings): Template | undefined =>
    byPath.has(path) ? compile(path, kind, settings) : undefined;

  const source = compile('vector/source.toml.hbs', 'source');
  const transform = compileIfThere('vector/transform.toml.hbs', 'transform');
  const profiles = new Map<string, Profile>();
  profiles.set(DEFAULT_PROFILE, {
    name: DEFAULT_PROFILE,
    settings: NO_SETTINGS,
    settingsFile: undefined,
    source,
    transform,
    sink: undefined,
    faults: [],
  });
  for (const name of profileFolders) {
    profiles.set(name, ownProfile({ name, byPath, compileIfThere, source, transform }));
  }
  const labels = compile('vector/labels.toml.hbs', 'labels');
  const sink = compile('vector/sink.toml.hbs', 'sink');
  const parameters = once(() => parametersOf({ profiles, isShipped }));
  return {
    profiles,
    labels,
    sink,
    shipped: {
      source: shippedTemplate({ shipped, path: source.path, kind: 'source' }),
      labels: shippedTemplate({ shipped, path: labels.path, kind: 'labels' }),
    },
    partials: Object.values(partials.sources).map(({ name, text }) => ({ path: name, text })),
    get parameters() {
      return parameters();
    },
    get faults() {
      // What comes with nvl has been tried: to compile three dozen samples takes memory for those that no job uses.
      const asked = isShipped ? [source, labels, sink] : [...made, ...profiles.values()];
      return uniqueFaults([...partials.faults, ...asked.flatMap(({ faults }) => faults)]);
    },
    warnings: strangerWarnings({ strangers, hasFile: (path) => byPath.has(path) }),
  };
};

const parametersOf = ({
  profiles,
  isShipped,
}: {
  profiles: ReadonlyMap<string, Profile>;
  isShipped: boolean;
}): ReadonlySet<string> =>
  new Set(
    [...profiles.values()].flatMap((profile) =>
      isShipped ? parameterNames(profile.settingsFile?.text ?? '') : Object.keys(profile.settings.parameters),
    ),
  );

/** The names alone of a sample's parameters, which costs a daemon less than to read three dozen files of settings. */
const parameterNames = (text: string): string[] => [...text.matchAll(/^ {2}(\w+):$/gm)].map(([, name = '']) => name);

/** A profile's folder: what it has no template for is the default profile's. */
const ownProfile = ({
  name,
  byPath,
  compileIfThere,
  source,
  transform,
}: {
  name: string;
  byPath: ReadonlyMap<string, TemplateFile>;
  compileIfThere: (path: string, kind: BlockKind, settings: () => ProfileSettings) => Template | undefined;
  source: Template;
  transform: Template | undefined;
}): Profile => {
  const at = (file: string) => `profiles/${name}/${file}`;
  const read = once(() => settingsOf(byPath.get(at('profile.yaml'))));
  const settings = () => read().settings;
  const own = {
    source: compileIfThere(at('source.toml.hbs'), 'source', settings),
    transform: compileIfThere(at('transform.toml.hbs'), 'transform', settings),
    sink: compileIfThere(at('sink.toml.hbs'), 'sink', settings),
  };
  const isEmpty = own.source === undefined && own.transform === undefined && own.sink === undefined;
  return {
    name,
    get settings() {
      return read().settings;
    },
    settingsFile: byPath.get(at('profile.yaml')),
    source: own.source ?? source,
    transform: own.transform ?? transform,
    sink: own.sink,
    get faults() {
      const isUnread = byPath.get(at('profile.yaml'))?.unreadable !== undefined;
      return isEmpty && !isUnread ? [...read().faults, emptyProfile(name)] : read().faults;
    },
  };
};

/** A folder may hold many profiles of which a node uses few: each is read and compiled when it is first looked at. */
const once = <T>(make: () => T): (() => T) => {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

/** A template out of all files that it was compiled from once (`from`). Pure. */
export const templateFrom = ({
  from: [file, ...others],
  kind,
}: {
  from: readonly [TextFile, ...TextFile[]];
  kind: BlockKind;
}): Template =>
  lazyTemplate({
    file,
    others: () => others,
    make: () => {
      const { settings } = settingsOf(others.find(({ path }) => path.endsWith('/profile.yaml')));
      return compileOne({ file, kind, partials: partialsOf(others), settings });
    },
  });

/** The settings of a `profile.yaml`; those of none where it is broken. Pure. */
export const settingsFrom = (file: TextFile | undefined): ProfileSettings => settingsOf(file).settings;

const settingsFileOf = ({
  path,
  byPath,
}: {
  path: string;
  byPath: ReadonlyMap<string, TemplateFile>;
}): TemplateFile[] | undefined => {
  const found = path.startsWith('profiles/') ? byPath.get(`${posix.dirname(path)}/profile.yaml`) : undefined;
  return found === undefined ? undefined : [found];
};

const lazyTemplate = ({
  file: { path, text },
  others,
  make,
}: {
  file: TextFile;
  /** The other files that it is compiled from. */
  others: () => readonly TextFile[];
  make: () => Pick<Template, 'compiled' | 'faults'>;
}): Template => {
  const compile = once(make);
  return {
    path,
    text,
    get compiled() {
      return compile().compiled;
    },
    get faults() {
      return compile().faults;
    },
    get from() {
      return [{ path, text }, ...others().map((other) => ({ path: other.path, text: other.text }))];
    },
  };
};

type TemplateFile = TemplateFiles['files'][number];

/** It calls no partial: those are the folder's. */
const shippedTemplate = ({
  shipped,
  path,
  kind,
}: {
  shipped: readonly TemplateFile[];
  path: string;
  kind: BlockKind;
}): Template | undefined => {
  const found = shipped.find((file) => file.path === path);
  if (found === undefined) return undefined;
  const file = { ...found, path: `${path} (as it comes with nvl)` };
  return lazyTemplate({
    file,
    others: () => [],
    make: () => compileOne({ file, kind, partials: partialsOf([]), settings: NO_SETTINGS }),
  });
};

const settingsOf = (file: TemplateFile | undefined): { settings: ProfileSettings; faults: NvlError[] } => {
  if (file === undefined) return { settings: NO_SETTINGS, faults: [] };
  const fault = unreadFault(file);
  return fault === undefined ? readProfileSettings(file) : { settings: NO_SETTINGS, faults: [fault] };
};

const emptyProfile = (name: string): NvlError =>
  new NvlError('templateInvalid', {
    message: `the profile ${name} has no template`,
    facts: { at: `profiles/${name}` },
    advice: 'add source.toml.hbs, transform.toml.hbs or sink.toml.hbs, or remove the folder',
  });

const uniqueFaults = (faults: readonly NvlError[]): NvlError[] => {
  const byPlace = new Map(faults.map((fault) => [`${fault.facts.at ?? ''} ${fault.message}`, fault]));
  return [...byPlace].sort(([a], [b]) => compare(a, b)).map(([, fault]) => fault);
};
