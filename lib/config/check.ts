import { dirname } from 'node:path';
import { didYouMean, nearest } from '../nearest.ts';
import type { Config } from './config.ts';
import { type ConfigFault, shown, shownKey, shownName, withoutCredentials } from './faults.ts';
import type { Given } from './flags.ts';
import { type Merged, mergeLayers } from './merge.ts';
import { type ConfigOption, options } from './options.ts';
import type { Parsed } from './parsed.ts';
import { relationFaults } from './relations.ts';
import { configSchema } from './schema.ts';
import { namesAt } from './shape.ts';

/** A configuration file as read; `name` is what a person calls it. */
export type ConfigFile = { path: string; name: string; parsed: Parsed };

type Issue = { code?: string; path: PropertyKey[]; message: string; expected?: unknown; keys?: string[] };

/**
 * Merges file, variables and flags, and checks the result: either a whole Config, or everything that is wrong, each fault
 * with the place that caused it. Values of secret keys stand in none of them.
 */
export const checkConfig = ({
  file,
  given,
  cwd,
}: {
  file: ConfigFile | undefined;
  given: readonly Given[];
  cwd: string;
}): { config: Config; faults: [] } | { config: undefined; faults: ConfigFault[] } => {
  const merged = mergeLayers({
    tree: file?.parsed.tree,
    folder: file === undefined ? cwd : dirname(file.path),
    given,
    cwd,
  });
  const checked = configSchema.safeParse(merged.tree, { error: phrase });
  const isFileWhole = (file?.parsed.faults.length ?? 0) === 0;
  const issues: Issue[] = [
    ...(checked.error?.issues ?? []),
    ...merged.issues,
    ...(isFileWhole ? relationFaults(merged) : []),
  ];
  const unreadable = file?.parsed.faults.map(({ line, text }) => ({ where: file.name, line, text })) ?? [];
  const faults = fileFirst([...unreadable, ...issues.flatMap((issue) => toFaults(issue, { merged, file }))], file);
  return checked.data !== undefined && faults.length === 0
    ? { config: { file: file?.path, ...checked.data }, faults: [] }
    : { config: undefined, faults };
};

/** The file's from top to bottom, then those of variables and flags. */
const fileFirst = (faults: readonly ConfigFault[], file: ConfigFile | undefined): ConfigFault[] => {
  const ofFile = faults.filter(({ where }) => where === file?.name).sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  return [...ofFile, ...faults.filter((fault) => !ofFile.includes(fault))];
};

const toFaults = (issue: Issue, { merged, file }: { merged: Merged; file: ConfigFile | undefined }): ConfigFault[] => {
  if (issue.code === 'unrecognized_keys') {
    return (issue.keys ?? []).map((name) => {
      const path = [...issue.path, name];
      return { ...whereIs(path, { merged, file }), text: `${shownKey(path)} ${unknownKey(issue.path, name)}` };
    });
  }
  const place = whereIs(issue.path, { merged, file });
  if (issue.path.length === 0) return [{ ...place, text: `the file ${issue.message}; it takes keys with values` }];
  const value = merged.get(issue.path);
  const example = shownValue(issue, value);
  const subject = `${shownKey(issue.path)}${example === undefined ? '' : `: ${example}`}`;
  const isUnreadText = merged.origin(issue.path) !== undefined && wantsMany(issue) && typeof value === 'string';
  return [{ ...place, text: `${subject} ${issue.message}${isUnreadText ? '; write it as JSON' : ''}` }];
};

const wantsMany = ({ code, expected }: Issue): boolean =>
  code === 'invalid_type' && ['object', 'record', 'array'].includes(String(expected));

/** The flag or variable that set the key, else its line in the file. */
const whereIs = (path: readonly PropertyKey[], { merged, file }: { merged: Merged; file: ConfigFile | undefined }) => {
  const where = merged.origin(path);
  if (where !== undefined) return { where };
  return { where: file?.name ?? 'configuration', line: path.length === 0 ? undefined : file?.parsed.lineOf(path) };
};

const optionAt = (path: readonly PropertyKey[]): ConfigOption | undefined =>
  options.find((option) => option.path.every((step, index) => step === path[index]));

/**
 * Only single values of keys that hold no secret: a slip can put a secret where a mapping belongs. What is wrong between two
 * keys shows no value.
 */
const shownValue = (issue: Issue, value: unknown): string | undefined => {
  const option = optionAt(issue.path);
  const isSingle = ['string', 'number', 'boolean'].includes(typeof value);
  if (
    option === undefined ||
    issue.code === undefined ||
    option.meta.secret === true ||
    !isSingle ||
    wantsMany(issue) ||
    value === ''
  )
    return undefined;
  return shown(typeof value === 'string' && /:\/\/|@/.test(value) ? withoutCredentials(value) : value);
};

const unknownKey = (path: readonly PropertyKey[], name: string): string => {
  const whole = options.find((option) => option.key === name);
  const [section, inner] = whole?.path ?? [];
  if (path.length === 0 && inner !== undefined) return `is not a key; write "${inner}" under "${section}"`;
  const here = namesAt(path) ?? [];
  const start = shownName(name).replace('…', '');
  const near =
    nearest(start, here) ??
    options.find((option) => nearest(start, [option.path.at(-1) ?? '']) !== undefined && start.length > 3)?.key;
  return near === undefined
    ? `is not a key; here it can be ${here.join(', ')}`
    : `is not a key; did you mean "${near}"?`;
};

/** What any kind of value says of what it cannot be; what only one kind can say stands in `values.ts`. */
const phrase = (issue: { code?: string; input?: unknown; expected?: unknown; values?: readonly unknown[] }): string => {
  if (issue.input === undefined) return 'is missing';
  if (issue.code === 'invalid_value') {
    const values = (issue.values ?? []).map(String);
    return `is not one of ${values.join(', ')}${typeof issue.input === 'string' ? didYouMean(issue.input, values) : ''}`;
  }
  if (issue.code === 'too_small') return 'is empty';
  switch (issue.expected) {
    case 'boolean':
      return 'is not true or false';
    case 'array':
      return `is ${kindOf(issue.input)}, not a list`;
    case 'object':
    case 'record':
      return `is ${kindOf(issue.input)}, not a mapping`;
    default:
      return typeof issue.input === 'object'
        ? `is ${kindOf(issue.input)}, not text`
        : `is ${kindOf(issue.input)}, not text; put it in quotes`;
  }
};

const kindOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Date) return 'a date';
  if (value === null) return 'null';
  switch (typeof value) {
    case 'object':
      return 'a mapping';
    case 'string':
      return 'text';
    case 'boolean':
      return 'a yes/no';
    default:
      return 'a number';
  }
};
