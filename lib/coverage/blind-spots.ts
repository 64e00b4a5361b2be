import { isMap, LineCounter, parseDocument } from 'yaml';
import { resolveParams } from '../context/params.ts';
import type { RanTask } from '../profile-test/run-observer.ts';
import type { ProfileResult } from '../profile-test/test-profiles.ts';
import { givenTo } from '../render/compose.ts';
import type { Profile } from '../render/templates.ts';
import type { Origin } from './template/arms.ts';

/** What tests leave out that is no branch, with the place where it is written. */
export type BlindSpot = { at: Pick<Origin, 'file' | 'line'>; words: string };

/** Cases that expect nothing of what comes: whatever it is, they pass, or do not say yet what would. Pure. */
export const silentCases = ({ cases }: Pick<ProfileResult, 'cases'>): BlindSpot[] =>
  cases.flatMap(({ testCase: { name, file, line, events, isExact } }) => {
    if (events === undefined) return [{ at: { file, line }, words: `${name}: it has no events` }];
    const saysNothing = events.length > 0 && !isExact && events.every((event) => Object.keys(event).length === 0);
    return saysNothing ? [{ at: { file, line }, words: `${name}: it expects nothing of its events` }] : [];
  });

/** Parameters of a profile that none of its cases sets to anything but the default. Pure. */
export const unsetParameters = ({
  profile,
  tasks,
  linksDir,
}: {
  profile: Profile;
  tasks: readonly RanTask[];
  linksDir: string;
}): BlindSpot[] => {
  const { name, settings, settingsFile } = profile;
  const names = Object.keys(settings.parameters);
  if (settingsFile === undefined || names.length === 0) return [];
  const usual = resolveParams({ profile: name, settings, meta: {}, levelOf: () => 'task', ruled: {} }).params;
  const used = tasks.map(({ context }) => givenTo({ pipeline: context.id, linksDir, profile, context }).given.params);
  const unset = names.filter((one) => used.every((params) => params[one] === undefined || params[one] === usual[one]));
  const lineOf = parameterLines(settingsFile.text);
  return unset.map((one) => ({
    at: { file: settingsFile.path, line: lineOf(one) },
    words: `${one}: never set to anything but its default`,
  }));
};

const parameterLines = (text: string): ((name: string) => number) => {
  const counter = new LineCounter();
  const parameters = parseDocument(text, { lineCounter: counter }).get('parameters', true);
  const keys = isMap(parameters) ? parameters.items.map(({ key }) => key) : [];
  return (name) => {
    const key = keys.find((one) => String(one) === name) as { range?: [number, number, number] } | undefined;
    return key?.range === undefined ? 1 : counter.linePos(key.range[0]).line;
  };
};
