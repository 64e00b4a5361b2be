import type { Profile, Template, Templates } from './templates.ts';

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
