import { didYouMean } from '../config/nearest.ts';
import { NvlError } from '../errors.ts';
import { inKeyOrder } from '../order.ts';
import { type ParameterValue, type ProfileSettings, readParameter } from '../render/profile-settings.ts';
import { ENABLED_KEY, PROFILE_KEY } from './profile.ts';

const PREFIX = 'nvl_';
const RESERVED: ReadonlySet<string> = new Set([PROFILE_KEY, ENABLED_KEY]);

/**
 * A task's parameters: from its meta (`nvl_<name>`, the nearest level wins), else from the rule that chose its profile, else
 * their defaults; each checked against what the profile declares. A `nvl_` key that no profile knows is a slip and a
 * fault; one that another profile declares is not, since a job's meta reaches all its tasks. Pure.
 */
export const resolveParams = ({
  profile,
  settings,
  meta,
  ruled,
  known,
}: {
  profile: string;
  settings: ProfileSettings;
  /** Job, group and task meta merged. */
  meta: Readonly<Record<string, string>>;
  /** What the rule gives. */
  ruled: Readonly<Record<string, string>>;
  /** The parameters of every profile. */
  known: () => ReadonlySet<string>;
}): { params: Record<string, ParameterValue>; faults: NvlError[] } => {
  const params: Record<string, ParameterValue> = {};
  const faults: NvlError[] = [];
  const fail = (message: string, advice: string) => faults.push(new NvlError('parameterInvalid', { message, advice }));
  for (const [name, spec] of Object.entries(settings.parameters)) {
    const key = `${PREFIX}${name}`;
    const given = meta[key] ?? ruled[name];
    if (given === undefined) {
      if (spec.default === undefined)
        fail(`the profile ${profile} needs ${key}, and the job does not set it`, `set ${key} in the job's meta`);
      else
        params[name] =
          spec.type === 'duration' ? defaultOf(readParameter({ spec, given: String(spec.default) })) : spec.default;
      continue;
    }
    const read = readParameter({ spec, given });
    if ('value' in read) params[name] = read.value;
    else
      fail(
        `the profile ${profile} does not take this ${key}: ${read.fault}`,
        `change ${key} in the job's meta, or the rule`,
      );
  }
  for (const name of Object.keys(ruled)) {
    if (!(name in settings.parameters))
      fail(`a rule sets ${name}, which the profile ${profile} does not declare`, 'change the rule');
  }
  for (const key of Object.keys(meta)) {
    const name = key.slice(PREFIX.length);
    if (!key.startsWith(PREFIX) || RESERVED.has(key) || known().has(name)) continue;
    const meant = didYouMean(key, [...[...known()].map((other) => `${PREFIX}${other}`), ...RESERVED]);
    fail(`no profile has a parameter for ${key}${meant}`, `mend or remove ${key} in the job's meta`);
  }
  return { params: inKeyOrder(Object.entries(params)), faults };
};

const defaultOf = (read: { value: ParameterValue } | { fault: string }): ParameterValue =>
  'value' in read ? read.value : '';
