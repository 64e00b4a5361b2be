import { distance } from 'fastest-levenshtein';
import { parseBool } from './bool.ts';
import { type ConfigOption, options } from './options.ts';

export { withTwoDashes } from './dashes.ts';
export { type ConfigOption, options } from './options.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** A value that a flag or a variable gave, and which of them did. `fallback`: only where nothing else says anything. */
export type Given = { option: ConfigOption; value: unknown; where: string; by: 'fallback' | 'env' | 'flag' };

/**
 * The keys that variables set. Nomad's own keep the meaning that they have for `nomad` (its api/api.go): a NOMAD_SKIP_VERIFY
 * that is no boolean is passed over, and an empty variable is not set, which holds for all of them. NOMAD_NAMESPACE is not
 * read: inside a task it is the namespace of nvl's own job, and filters nothing.
 */
export const fromEnv = (env: Env): Given[] => {
  const set = options.flatMap((option): Given[] => {
    const value = parseText(option, env[option.env] ?? '');
    const isPassedOver = option.meta.nomad === true && option.kind === 'boolean' && typeof value !== 'boolean';
    return value === '' || isPassedOver ? [] : [{ option, value, where: option.env, by: 'env' }];
  });
  return [...set, ...fromTaskApi(env)];
};

/**
 * The keys that flags set. `flags` is what commander hands over, by attribute; what is no key's flag is the command's own
 * and passed over. A list may come as a list, which is how the words after `--` come. An empty flag of Nomad's is not set, as
 * in its command/meta.go.
 */
export const fromFlags = (flags: Readonly<Record<string, unknown>>): Given[] =>
  options.flatMap((option): Given[] => {
    const { flag, attribute } = option;
    if (flag === undefined || attribute === undefined) return [];
    const value = flags[attribute];
    if (value === undefined || (value === '' && option.meta.nomad === true)) return [];
    return [{ option, value: typeof value === 'string' ? parseText(option, value) : value, where: flag, by: 'flag' }];
  });

/**
 * Variables of nvl's that belong to no key but are a slip away from one, which would otherwise go unseen. Short names are
 * near to too much: NVL_PORT, which a link between containers sets, is not meant to be NVL_ROOT.
 */
export const misspelled = (env: Env): { name: string; meant: string }[] => {
  const known = options.map((option) => option.env);
  return Object.keys(env)
    .filter((name) => name.startsWith('NVL_') && env[name] !== '' && !known.includes(name))
    .flatMap((name) => {
      const meant = known.find((each) => distance(joined(name), joined(each)) <= (name.length < 12 ? 0 : 2));
      return meant === undefined ? [] : [{ name, meant }];
    });
};

/** A task may speak to its own agent through a socket that Nomad puts into its folder (client/taskenv/env.go). */
const fromTaskApi = (env: Env): Given[] =>
  options
    .filter(({ key }) => key === 'nomad.address' && (env.NOMAD_UNIX_ADDR ?? '') !== '')
    .map((option) => ({ option, value: env.NOMAD_UNIX_ADDR, where: 'NOMAD_UNIX_ADDR', by: 'fallback' }));

/**
 * A text as the key's kind of value; one that cannot be read as such stays a text, for the schema to refuse.
 * Words stand between blanks; those that hold a blank themselves are written as a JSON list.
 */
const parseText = ({ kind }: ConfigOption, text: string): unknown => {
  if (text === '') return text;
  switch (kind) {
    case 'text':
      return text;
    case 'boolean':
      return parseBool(text) ?? text;
    case 'words':
      return text.trimStart().startsWith('[') ? parseJson(text) : words(text);
    case 'pairs':
      return text.trimStart().startsWith('{') ? parseJson(text) : pairs(text);
    case 'rules':
      return parseJson(text);
  }
};

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

const pairs = (text: string): unknown => {
  const each = words(text).map((word) => /^([^=]+)=(.*)$/s.exec(word));
  return each.every((pair) => pair !== null) ? Object.fromEntries(each.map(([, name, value]) => [name, value])) : text;
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const joined = (name: string): string => name.replaceAll('_', '');
