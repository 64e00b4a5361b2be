import { NvlError } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import { ENABLED_KEY } from './enabled.ts';
import type { MetaLevel } from './meta-levels.ts';
import { PROFILE_KEY } from './profile.ts';

export const PREFIX = 'nvl_';

/**
 * What a job's meta, or a rule, says to nvl and nvl does not understand. It costs the task nothing but what was meant:
 * nobody can tell what that is, so it is told. A key that another profile declares is none, since a job's meta reaches all its
 * tasks. Pure.
 */
export const metaSlips = ({
  meta,
  levelOf,
  ruled,
  profile,
  declared,
  known,
}: {
  /** Job, group and task meta merged. */
  meta: Readonly<Record<string, string>>;
  /** Whose meta a key is from. */
  levelOf: (key: string) => MetaLevel;
  /** What the rule that chose the profile gives. */
  ruled: Readonly<Record<string, string>>;
  profile: string;
  /** The parameters of the profile. */
  declared: readonly string[];
  /** The parameters of every profile. */
  known: () => ReadonlySet<string>;
}): NvlError[] => {
  const keys = Object.keys(meta).filter((key) => isAddressed(key) && key !== PROFILE_KEY && key !== ENABLED_KEY);
  const unknown = keys.filter((key) => !(key.startsWith(PREFIX) && known().has(key.slice(PREFIX.length))));
  const undeclared = Object.keys(ruled).filter((name) => !declared.includes(name));
  return [
    ...unknown.map((key) => unknownKey({ key, level: levelOf(key), names: [...known()] })),
    ...undeclared.map((name) =>
      slip(
        `a rule sets ${name}, which the profile ${profile} does not declare${didYouMean(name, declared)}`,
        'change the rule',
      ),
    ),
  ];
};

/** Meant for nvl: `nvl_…`, whatever stands between the words and in whatever case, or a known word right behind `nvl`. */
const isAddressed = (key: string): boolean => /^\s*nvl([\W_]|profile|enabled)/i.test(key);

const unknownKey = ({ key, level, names }: { key: string; level: MetaLevel; names: readonly string[] }): NvlError => {
  const meant = didYouMean(key, [PROFILE_KEY, ENABLED_KEY, ...names.map((name) => `${PREFIX}${name}`)]);
  return slip(
    `${key} in the ${level}'s meta is no key that nvl knows${meant}`,
    `change or remove ${key} in the ${level}'s meta`,
  );
};

const slip = (message: string, advice: string): NvlError => new NvlError('metaUnclear', { message, advice });
