import type { Field } from '../context/schema.ts';
import { sinkSchema, taskSchema } from '../context/schema.ts';
import { NvlError } from '../errors.ts';
import { type CheckedTemplate, checkNames, parseForCheck } from './check-names.ts';
import { compare } from './file.ts';
import { helpers } from './helpers.ts';
import { compileSafe, type SafeTemplate } from './plain.ts';

/** A templates folder as it was read: paths below it with `/`, sorted, and texts. */
export type TemplateFiles = { dir: string; files: readonly { path: string; text: string }[] };

export type BlockKind = 'source' | 'transform' | 'sink' | 'labels';

/** One template, ready to render, or what is wrong with it. */
export type Template = { path: string; compiled: SafeTemplate | undefined; faults: readonly NvlError[] };

export type Profile = { name: string; source: Template; transform: Template | undefined };

/** Everything that is rendered from, compiled once per edit. */
export type Templates = {
  profiles: ReadonlyMap<string, Profile>;
  labels: Template;
  sink: Template;
  /** Each fault of each template and partial, by file and place. */
  faults: readonly NvlError[];
};

export const DEFAULT_PROFILE = 'default';

const PROFILE_PATH = /^profiles\/([^/]+)\/(source|transform)\.toml\.hbs$/;
const PARTIAL_PATH = /^partials\/(.+?)(?:\.toml)?\.hbs$/;

/**
 * Compiles a templates folder. Pure, and it never throws for what an author wrote: a fault belongs to its template, and
 * whoever renders from that template is quarantined with it.
 */
export const compileTemplates = ({ files }: TemplateFiles): Templates => {
  const texts = new Map(files.map((file) => [file.path, file.text]));
  const partials = partialsOf(files);
  const made: Template[] = [];
  const compile = (path: string, kind: BlockKind): Template => {
    const template = compileOne({ path, text: texts.get(path) ?? '', kind, partials });
    made.push(template);
    return template;
  };
  const source = compile('vector/source.toml.hbs', 'source');
  const own = texts.has('vector/transform.toml.hbs') ? compile('vector/transform.toml.hbs', 'transform') : undefined;
  const profiles = new Map<string, Profile>([[DEFAULT_PROFILE, { name: DEFAULT_PROFILE, source, transform: own }]]);
  for (const { path } of files) {
    const [, name, kind] = PROFILE_PATH.exec(path) ?? [];
    if (name === undefined || (kind !== 'source' && kind !== 'transform')) continue;
    const profile = profiles.get(name) ?? { name, source, transform: undefined };
    profiles.set(name, { ...profile, [kind]: compile(path, kind) });
  }
  const labels = compile('vector/labels.toml.hbs', 'labels');
  const sink = compile('vector/sink.toml.hbs', 'sink');
  return { profiles, labels, sink, faults: uniqueFaults(made) };
};

type Partials = { texts: Record<string, { name: string; text: string }>; checked: Map<string, CheckedTemplate> };

const partialsOf = (files: TemplateFiles['files']): Partials => {
  const texts: Partials['texts'] = {};
  const checked = new Map<string, CheckedTemplate>();
  for (const file of files) {
    const name = PARTIAL_PATH.exec(file.path)?.[1];
    if (name === undefined) continue;
    texts[name] = { name: file.path, text: file.text };
    const parsed = parseForCheck(file.path, file.text);
    if (parsed !== undefined) checked.set(name, parsed);
  }
  return { texts, checked };
};

/** Handlebars' own helpers that stay, and ours. */
const HELPER_NAMES = new Set([...Object.keys(helpers), 'if', 'unless', 'each', 'with', 'lookup', 'raw']);

const SCHEMAS: Record<BlockKind, Field> = {
  source: taskSchema,
  transform: taskSchema,
  labels: taskSchema,
  sink: sinkSchema,
};

const compileOne = ({
  path,
  text,
  kind,
  partials,
}: {
  path: string;
  text: string;
  kind: BlockKind;
  partials: Partials;
}): Template => {
  try {
    const compiled = compileSafe({ text, name: path, partials: partials.texts, helpers });
    const template = parseForCheck(path, text);
    const faults =
      template === undefined
        ? []
        : checkNames({
            template,
            partials: partials.checked,
            helpers: HELPER_NAMES,
            schema: SCHEMAS[kind],
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
    return { path, compiled: errors.length === 0 ? compiled : undefined, faults: errors };
  } catch (error) {
    if (error instanceof NvlError) return { path, compiled: undefined, faults: [error] };
    throw error;
  }
};

const uniqueFaults = (templates: readonly Template[]): NvlError[] => {
  const byPlace = new Map<string, NvlError>();
  for (const fault of templates.flatMap((template) => template.faults)) {
    byPlace.set(`${fault.facts.at ?? ''} ${fault.message}`, fault);
  }
  return [...byPlace].sort(([a], [b]) => compare(a, b)).map(([, fault]) => fault);
};
