import { DEFAULT_PROFILE, type Profile, type Template, type Templates } from './templates.ts';

/** What Vector last took of each, by profile: what new tasks get when it refuses what came after. */
export type LastGood = {
  profiles: ReadonlyMap<string, Profile>;
  labels: Template | undefined;
  /** Of profiles; the node's own is that of `default`. */
  sinks: ReadonlyMap<string, Template>;
};

export const noLastGood: LastGood = { profiles: new Map(), labels: undefined, sinks: new Map() };

/** The same, with what Vector has taken since. Pure. */
export const withSound = (before: LastGood, sound: LastGood): LastGood => ({
  profiles: new Map([...before.profiles, ...sound.profiles]),
  labels: sound.labels ?? before.labels,
  sinks: new Map([...before.sinks, ...sound.sinks]),
});

/** Of what Vector took, that of profiles that are still there. Pure. */
export const knownGood = ({ good, templates }: { good: LastGood; templates: Templates }): LastGood => {
  const known = <T>(all: ReadonlyMap<string, T>): Map<string, T> =>
    new Map([...all].filter(([name]) => templates.profiles.has(name)));
  return { profiles: known(good.profiles), labels: good.labels, sinks: known(good.sinks) };
};

/** What Vector took last in place of a whole folder; undefined where a part of it is missing that each node needs. Pure. */
export const wholeOf = ({
  good: { profiles, labels, sinks },
  shipped,
}: {
  good: LastGood;
  shipped: Templates['shipped'];
}): Templates | undefined => {
  const sink = sinks.get(DEFAULT_PROFILE);
  if (!profiles.has(DEFAULT_PROFILE) || labels === undefined || sink === undefined) return undefined;
  return {
    profiles,
    labels,
    sink,
    shipped,
    partials: [],
    parameters: new Set([...profiles.values()].flatMap(({ settings }) => Object.keys(settings.parameters))),
    faults: [],
    warnings: [],
  };
};

/** Whether both are the same objects. Pure. */
export const isSameGood = (one: LastGood, other: LastGood): boolean => {
  const isSame = (a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean =>
    a.size === b.size && [...a].every(([name, value]) => b.get(name) === value);
  return one.labels === other.labels && isSame(one.profiles, other.profiles) && isSame(one.sinks, other.sinks);
};

/**
 * An edit that broke a template must not end what worked: where the new one has faults, the one before it stays in use,
 * and the faults stay listed. A profile whose settings are broken stays whole as it was. Pure.
 */
export const withLastGood = ({ next, last }: { next: Templates; last: Templates | undefined }): Templates => {
  if (last === undefined || next.faults.length === 0) return next;
  const profiles = new Map(
    [...next.profiles].map(([name, profile]) => [name, betterProfile(profile, last.profiles.get(name))]),
  );
  return {
    ...next,
    profiles,
    labels: better(next.labels, last.labels),
    sink: better(next.sink, last.sink),
    parameters: new Set([...profiles.values()].flatMap(({ settings }) => Object.keys(settings.parameters))),
  };
};

const betterProfile = (now: Profile, before: Profile | undefined): Profile => {
  if (before === undefined) return now;
  if (now.faults.length > 0 && before.faults.length === 0) return before;
  return {
    ...now,
    source: better(now.source, before.source),
    transform: now.transform && better(now.transform, before.transform),
    sink: now.sink && better(now.sink, before.sink),
  };
};

const better = (now: Template, before: Template | undefined): Template =>
  now.compiled === undefined && before?.compiled !== undefined ? before : now;
