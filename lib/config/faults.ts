import { NvlError } from '../errors.ts';

/** One thing that is wrong with the configuration. */
export type ConfigFault = {
  /** `nvl.yaml`, `NVL_ROOT`, `--root` */
  where: string;
  /** The line of the file, where it is known. */
  line?: number | undefined;
  text: string;
};

/** All faults as one error, a fact each: `nvl.yaml:12  collect.removalDelay: "5" has no unit; write "5s"`. */
export const configInvalid = (faults: readonly ConfigFault[]): NvlError => {
  const rows = new Map<string, string[]>();
  for (const { where, line, text } of faults) {
    const place = line === undefined ? where : `${where}:${line}`;
    rows.set(place, [...(rows.get(place) ?? []), text]);
  }
  return new NvlError('configInvalid', {
    message: faults.length === 1 ? 'the configuration has a fault' : `the configuration has ${faults.length} faults`,
    facts: Object.fromEntries([...rows].map(([place, texts]) => [place, texts.join('\n')])),
    advice: 'docs/configuration.md lists every key with what it takes',
  });
};

/** A value as a fault shows it: on one line, shortened, without characters that a terminal would obey. */
export const shown = (value: unknown): string => {
  const whole = JSON.stringify(value).replaceAll(
    /[\u007f-\u009f\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return whole.length <= LONGEST ? whole : `${whole.slice(0, LONGEST - 2)}…${typeof value === 'string' ? '"' : ''}`;
};

/**
 * A key as a fault shows it: `rules[0].match.job`. A slip of a hand can put a secret into a key (`token:hunter2` without
 * the blank), so a name is shown up to what no name of ours holds.
 */
export const shownKey = (path: readonly PropertyKey[]): string =>
  path
    .map((step, index) =>
      typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${shownName(String(step))}`,
    )
    .join('');

/** A name up to the first character that no name of ours holds. */
export const shownName = (name: string): string => {
  const start = /^[\w.$-]{0,40}/.exec(name)?.[0] ?? '';
  return start === name ? name : `${start}…`;
};

/** A URL without what may be a credential: user and password, and the query. */
export const withoutCredentials = (url: string): string =>
  url.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1…@').replace(/[?#].*$/s, '?…');

const LONGEST = 48;
