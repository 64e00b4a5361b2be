import type { TemplateFiles } from '../config/read-templates.ts';
import { NO_SETTINGS, type ProfileSettings, readProfileSettings } from '../context/profile-settings.ts';
import type { Field } from '../context/schema.ts';
import { sinkSchema, taskSchema } from '../context/schema.ts';
import { NvlError } from '../errors.ts';
import { compare } from '../order.ts';
import { checkNames } from './check-names.ts';
import { helpers } from './helpers.ts';
import { type BlockVerdict, judgeBlock } from './judge-block.ts';
import {
  compileSafe,
  foreignFaults,
  type Limits,
  lengthFault,
  type ParsedSource,
  parseOnce,
  type SafeTemplate,
} from './safe/index.ts';
import { strangerWarnings, unreadFault } from './unread-files.ts';

export type BlockKind = 'source' | 'transform' | 'sink' | 'labels';

/** One template, ready to render, or what is wrong with it. */
export type Template = {
  path: string;
  text: string;
  compiled: SafeTemplate<BlockVerdict> | undefined;
  faults: readonly NvlError[];
};

export type Profile = {
  name: string;
  settings: ProfileSettings;
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
  /** The parameters that any profile declares. */
  parameters: ReadonlySet<string>;
  /** Each fault of each template, partial and profile, by file and place. */
  faults: readonly NvlError[];
  /** Files of the folder that are not read, though somebody may think so. */
  warnings: readonly NvlError[];
};

export const DEFAULT_PROFILE = 'default';

const PARTIAL_PATH = /^partials\/(.+?)(?:\.toml)?\.hbs$/;

/**
 * Compiles a templates folder. Pure, and it never throws for what an author wrote: a fault belongs to its template, and
 * whoever renders from that template is quarantined with it.
 */
export const compileTemplates = ({ files, profileFolders, shipped = [], strangers = [] }: TemplateFiles): Templates => {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const partials = partialsOf(files);
  const made: Template[] = [];
  const compile = (path: string, kind: BlockKind, settings: () => ProfileSettings = () => NO_SETTINGS): Template => {
    const file = byPath.get(path) ?? { path, text: '' };
    const template = lazyTemplate(file, () => compileOne({ file, kind, partials, settings: settings() }));
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
  const parameters = once(
    () => new Set([...profiles.values()].flatMap(({ settings }) => Object.keys(settings.parameters))),
  );
  return {
    profiles,
    labels,
    sink,
    shipped: {
      source: shippedTemplate({ shipped, path: source.path, kind: 'source' }),
      labels: shippedTemplate({ shipped, path: labels.path, kind: 'labels' }),
    },
    get parameters() {
      return parameters();
    },
    get faults() {
      return uniqueFaults([...partials.faults, ...[...made, ...profiles.values()].flatMap(({ faults }) => faults)]);
    },
    warnings: strangerWarnings({ strangers, hasFile: (path) => byPath.has(path) }),
  };
};

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

const lazyTemplate = ({ path, text }: TemplateFile, make: () => Pick<Template, 'compiled' | 'faults'>): Template => {
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
  return lazyTemplate(file, () => compileOne({ file, kind, partials: partialsOf([]), settings: NO_SETTINGS }));
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

type Partials = {
  /** By the names that templates call them by. */
  sources: Record<string, ParsedSource>;
  /** Of those that cannot be read; to a template that calls one it is missing. */
  faults: NvlError[];
};

const partialsOf = (files: TemplateFiles['files']): Partials => {
  const partials: Partials = { sources: {}, faults: [] };
  for (const file of files) {
    const name = PARTIAL_PATH.exec(file.path)?.[1];
    if (name === undefined) continue;
    const unread = unreadFault(file);
    if (unread === undefined) partials.sources[name] = parseOnce({ name: file.path, text: file.text });
    else partials.faults.push(unread);
  }
  return partials;
};

/** Handlebars' own helpers that stay, and ours. */
const HELPER_NAMES = new Set([...Object.keys(helpers), 'if', 'unless', 'each', 'with', 'lookup', 'raw']);

/** The schema of a task with the parameters that its profile declares, and no others. */
const withParams = ({ parameters }: ProfileSettings): Field => {
  const fields = Object.entries(parameters).map(([name, { type, description }]): [string, Field] => [
    name,
    {
      type: type === 'number' || type === 'duration' ? 'number' : type === 'boolean' ? 'boolean' : 'string',
      doc: description,
    },
  ]);
  const params: Field = { type: 'object', doc: "The profile's parameters", fields: Object.fromEntries(fields) };
  return { ...taskSchema, fields: { ...taskSchema.fields, params } };
};

/**
 * A task's block is rendered for each task, and a sink's once, for all of them. Far above what parses a log; far below what
 * holds up the other tasks.
 */
const limitsOf = (kind: BlockKind): Limits =>
  kind === 'sink' ? { steps: 50_000, characters: 2_097_152 } : { steps: 5_000, characters: 262_144 };

const compileOne = ({
  file,
  kind,
  partials,
  settings,
}: {
  file: TemplateFile;
  kind: BlockKind;
  partials: Partials;
  settings: ProfileSettings;
}): Pick<Template, 'compiled' | 'faults'> => {
  const { path, text } = file;
  const unread = unreadFault(file);
  if (unread !== undefined) return { compiled: undefined, faults: [unread] };
  const tooLong = lengthFault({ name: path, text }, limitsOf(kind));
  if (tooLong !== undefined) return { compiled: undefined, faults: [tooLong] };
  const foreign = foreignFaults({ name: path, text });
  if (foreign.length > 0) return { compiled: undefined, faults: foreign };
  try {
    const template = parseOnce({ name: path, text });
    const compiled = compileSafe(
      { ...template, partials: partials.sources, helpers, rawAllowed: settings.raw, limits: limitsOf(kind) },
      { judge: (rendered) => judgeBlock({ template: file, kind, ...rendered }) },
    );
    const faults = checkNames({
      template,
      partials: partials.sources,
      helpers: HELPER_NAMES,
      schema: kind === 'sink' ? sinkSchema : withParams(settings),
      allowsVolatile: kind === 'sink',
    });
    const errors = faults.map(
      (fault) =>
        new NvlError('templateInvalid', {
          message: fault.message,
          facts: { at: `${fault.template}:${fault.line}:${fault.column}` },
          ...(fault.advice === undefined ? {} : { advice: fault.advice }),
        }),
    );
    return { compiled: errors.length === 0 ? compiled : undefined, faults: errors };
  } catch (error) {
    if (error instanceof NvlError) return { compiled: undefined, faults: [error] };
    throw error;
  }
};

const uniqueFaults = (faults: readonly NvlError[]): NvlError[] => {
  const byPlace = new Map(faults.map((fault) => [`${fault.facts.at ?? ''} ${fault.message}`, fault]));
  return [...byPlace].sort(([a], [b]) => compare(a, b)).map(([, fault]) => fault);
};
