import type { Profile, Template, Templates } from './templates.ts';

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
