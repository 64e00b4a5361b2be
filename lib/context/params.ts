import { NvlError } from '../errors.ts';
import { inKeyOrder } from '../order.ts';
import type { MetaLevel } from './meta-levels.ts';
import { PREFIX } from './meta-slips.ts';
import { type ParameterValue, type ProfileSettings, readParameter } from './profile-settings.ts';

/**
 * A task's parameters: from its meta (`nvl_<name>`, the nearest level wins), else from the rule that chose its profile, else
 * their defaults; each checked against what the profile declares. `faults`: why the profile can't be used with them. Pure.
 */
export const resolveParams = ({
  profile,
  settings,
  meta,
  levelOf,
  ruled,
}: {
  profile: string;
  settings: ProfileSettings;
  /** Job, group and task meta merged. */
  meta: Readonly<Record<string, string>>;
  /** Whose meta a key is from. */
  levelOf: (key: string) => MetaLevel;
  /** What the rule gives. */
  ruled: Readonly<Record<string, string>>;
}): { params: Record<string, ParameterValue>; faults: NvlError[] } => {
  const params: Record<string, ParameterValue> = {};
  const faults: NvlError[] = [];
  const fail = (message: string, advice: string) => faults.push(new NvlError('parameterInvalid', { message, advice }));
  for (const [name, spec] of Object.entries(settings.parameters)) {
    const key = `${PREFIX}${name}`;
    const own = Object.hasOwn(meta, key) ? meta[key] : undefined;
    const given = own ?? (Object.hasOwn(ruled, name) ? ruled[name] : undefined);
    if (given === undefined) {
      if (spec.default === undefined)
        fail(
          `the profile ${profile} needs ${key}, and the job does not set it`,
          `set ${key} in the meta of the task, its group or its job`,
        );
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
        own === undefined
          ? `change ${name} in the rule that chose the profile`
          : `change ${key} in the ${levelOf(key)}'s meta`,
      );
  }
  return { params: inKeyOrder(Object.entries(params)), faults };
};

const defaultOf = (read: { value: ParameterValue } | { fault: string }): ParameterValue =>
  'value' in read ? read.value : '';
