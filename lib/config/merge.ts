import { resolve } from 'node:path';
import type { Given } from './flags.ts';
import { type ConfigOption, options } from './options.ts';
import { isMapping, withoutNulls } from './shape.ts';

/** The layers as one tree, not yet checked, and where each key of it comes from. */
export type Merged = {
  tree: unknown;
  get: (path: readonly PropertyKey[]) => unknown;
  /** The flag or variable that set the key at or above `path`; undefined when the file did, or nothing. */
  origin: (path: readonly PropertyKey[]) => string | undefined;
  issues: { path: PropertyKey[]; message: string }[];
};

type Tree = Record<string, unknown>;

/**
 * Puts variables over the file, and flags over variables, key by key; lists and mappings are replaced whole. Relative paths
 * of the file are meant from its folder, those of flags and variables from the working directory.
 */
export const mergeLayers = ({
  tree,
  folder,
  given,
  cwd,
}: {
  tree: unknown;
  folder: string;
  given: readonly Given[];
  cwd: string;
}): Merged => {
  const origins = new Map<string, Given>();
  const fromFile = withoutNulls(tree ?? {});
  if (!isMapping(fromFile)) return { tree: fromFile, get: () => undefined, origin: () => undefined, issues: [] };
  const merged: Tree = Object.fromEntries(
    Object.entries(fromFile).map(([name, value]) => [name, isMapping(value) ? { ...value } : value]),
  );
  const get = (path: readonly PropertyKey[]) => path.reduce<unknown>((value, step) => own(value, step), merged);
  for (const option of options) {
    const value = get(option.path);
    if (value !== undefined) put(merged, option, resolved(option, value, folder));
  }
  for (const each of [...given].sort((a, b) => ORDER.indexOf(a.by) - ORDER.indexOf(b.by))) {
    if (each.by === 'fallback' && get(each.option.path) !== undefined) continue;
    put(merged, each.option, resolved(each.option, each.value, cwd));
    origins.set(each.option.key, each);
  }
  const issues = chooseToken(merged, origins);
  const origin: Merged['origin'] = (path) => {
    const option = options.find(({ path: own }) => own.every((step, index) => step === path[index]));
    return option && origins.get(option.key)?.where;
  };
  return { tree: merged, get, origin, issues };
};

const ORDER: readonly Given['by'][] = ['env', 'flag', 'fallback'];

const own = (value: unknown, step: PropertyKey): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, step)
    ? (value as Record<PropertyKey, unknown>)[step]
    : undefined;

/** A section that is no mapping stays as it is, for the schema to refuse. */
const put = (tree: Tree, { path: [first = '', second] }: ConfigOption, value: unknown): void => {
  if (second === undefined) {
    tree[first] = value;
    return;
  }
  const section = own(tree, first) ?? {};
  if (isMapping(section)) tree[first] = { ...section, [second]: value };
};

/** What is empty or starts with `~` is left for the schema to refuse. A program's bare name is looked up on the PATH. */
const resolved = ({ meta }: ConfigOption, value: unknown, base: string): unknown => {
  if (meta.path === 'program' && Array.isArray(value))
    return value.map((word, index) => (index === 0 ? program(word, base) : word));
  if (meta.path === 'program') return program(value, base);
  return meta.path === 'always' && typeof value === 'string' && value !== '' && !value.startsWith('~')
    ? resolve(base, value)
    : value;
};

const program = (value: unknown, base: string): unknown =>
  typeof value === 'string' && value.includes('/') && !value.startsWith('~') ? resolve(base, value) : value;

/**
 * Of token and token file the one said last counts: a flag's before a variable's before the file's. Of two variables the
 * file's name does, since NOMAD_TOKEN may be there because Nomad put it there.
 */
const chooseToken = (tree: Tree, origins: ReadonlyMap<string, Given>): Merged['issues'] => {
  const nomad = own(tree, 'nomad');
  if (!isMapping(nomad) || nomad.token === undefined || nomad.tokenFile === undefined) return [];
  const [token, tokenFile] = ['nomad.token', 'nomad.tokenFile'].map((key) => rank(origins.get(key)));
  if (token === tokenFile && origins.get('nomad.token')?.by !== 'env') {
    return [{ path: ['nomad', 'tokenFile'], message: 'stands beside nomad.token; keep one of them' }];
  }
  delete nomad[(token ?? 0) > (tokenFile ?? 0) ? 'tokenFile' : 'token'];
  return [];
};

const rank = (given: Given | undefined): number => (given === undefined ? -1 : ORDER.indexOf(given.by));
