import type { Profile, Template, Templates } from './templates.ts';

/**
 * An edit that broke a template must not end what worked: where the new one has faults, the one before it stays in use,
 * and the faults stay listed. Pure.
 */
export const withLastGood = ({ next, last }: { next: Templates; last: Templates | undefined }): Templates => {
  if (last === undefined || next.faults.length === 0) return next;
  const better = (now: Template, before: Template | undefined): Template =>
    now.compiled === undefined && before?.compiled !== undefined ? before : now;
  const profiles = new Map<string, Profile>();
  for (const [name, profile] of next.profiles) {
    const before = last.profiles.get(name);
    const transform = profile.transform && better(profile.transform, before?.transform);
    profiles.set(name, { ...profile, source: better(profile.source, before?.source), transform });
  }
  return { ...next, profiles, labels: better(next.labels, last.labels), sink: better(next.sink, last.sink) };
};
