import { createTwoFilesPatch } from 'diff';
import { withRawNumbers } from '../exact-json.ts';
import type { GroupChange, NomadJob } from './add-sidecar.ts';

/** A job as JSON for `nomad job run -json`, each number as it was read. Pure. */
export const jobText = (job: NomadJob): string => `${JSON.stringify(withRawNumbers({ Job: job }), undefined, 2)}\n`;

/** The change of a job as a unified diff of its JSON; empty when there is none. Pure. */
export const jobDiff = ({ before, after, name }: { before: NomadJob; after: NomadJob; name: string }): string => {
  const [from, to] = [jobText(before), jobText(after)];
  if (from === to) return '';
  return createTwoFilesPatch(name, name, from, to, undefined, undefined, { context: 3 }).replace(
    /^(?:Index: .*\n)?=+\n/,
    '',
  );
};

/** What becomes of each group, a line each. Pure. */
export const changeLines = ({ changes, task }: { changes: readonly GroupChange[]; task: string }): string[] =>
  changes.map(({ group, kind }) => `group ${group}: ${WORDS[kind](task)}`);

const WORDS: Readonly<Record<GroupChange['kind'], (task: string) => string>> = {
  added: (task) => `the sidecar ${task} is added`,
  updated: (task) => `the sidecar ${task} takes the place of the one before`,
  unchanged: (task) => `has the sidecar ${task} already`,
};
