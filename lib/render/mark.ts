import type { NvlError } from '../errors.ts';
import { withoutForged } from './own-marks.ts';
import { vrlString } from './safe/write/escape.ts';

/**
 * The component between a task's other blocks and its labels, where it does not ship as its job asks: it puts the reason into
 * each line, behind whatever a profile does, so that a reader of the lines knows. Only its words change with the reason,
 * and no source restarts over them.
 */
export const markComponent = ({
  own,
  input,
  reasons,
  behind,
}: {
  /** Its id. */
  own: string;
  input: string;
  reasons: readonly string[];
  /** The profile's transform, where one stands before it. */
  behind: { namesMarks: boolean } | undefined;
}): string =>
  `[transforms.${own}]
${HEADER}
type = "remap"
inputs = ["${input}"]
source = '''
${behind === undefined ? '' : `${withoutForged(behind)}\n`}.nvl.profile_error = "${vrlString(reasons.join('; '))}"
%nvl.profile_error = .nvl.profile_error
'''`;

/** Behind a profile's transform. In place of one it has that one's id: see `compose`. */
export const markId = (id: string): string => `${id}_marked`;

const HEADER = '# Written by nvl: this task does not ship as its job asks.';

/** True for a task's block that nvl wrote in place of what its job asked for. */
export const isMarked = ({ text, id }: { text: string; id: string }): boolean =>
  [markId(id), `${id}_parse`].some((own) =>
    new RegExp(`\\n\\[transforms\\.${own}\\]\\n(?:graph\\..*\\n)?${HEADER}\\n`).test(text),
  );

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
