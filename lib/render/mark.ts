import type { NvlError } from '../errors.ts';

/** Short, and the same for all slips of a kind: what exactly is wrong is nvl's to report, and its words may change. */
export const profileReason = ({ profile, errors }: { profile: string; errors: readonly NvlError[] }): string => {
  const codes = new Set(errors.map(({ code }) => code));
  const name = shown(profile);
  if (codes.has('profileUnknown')) return `profile ${name} is unknown`;
  if (codes.has('parameterInvalid')) return `a parameter does not fit profile ${name}`;
  return `profile ${name} is refused`;
};

export const LABELS_REASON = 'the labels template is refused';

export const sinkReason = ({ group, isUnknown }: { group: string; isUnknown: boolean }): string =>
  `sink ${shown(group)} is ${isUnknown ? 'unknown' : 'refused'}`;

const LONGEST_NAME = 60;

/** A job's author chose it: it may be long, and half a surrogate pair is no text to Vector. */
const shown = (name: string): string => {
  const characters = [...name.toWellFormed()];
  return `"${characters.length > LONGEST_NAME ? `${characters.slice(0, LONGEST_NAME).join('')}…` : name.toWellFormed()}"`;
};
