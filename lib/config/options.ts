import type { KeyMeta } from './key.ts';
import { type Key, sections } from './shape.ts';

/** A key as the command line, the environment and the reference page know it. */
export type ConfigOption = {
  /** `collect.removalDelay` */
  key: string;
  path: readonly string[];
  /** `--collect-removal-delay`; undefined where a value must not stand on a command line. A yes/no has `--no-…` too. */
  flag: string | undefined;
  /** The flag's name in what commander hands over: `collectRemovalDelay`. */
  attribute: string | undefined;
  /** `NVL_COLLECT_REMOVAL_DELAY` */
  env: string;
  /** What the flag takes: `<duration>`; undefined for a yes/no. */
  argument: string | undefined;
  description: string;
  /** As a file would give it; undefined when nothing is set by default. */
  default: string | undefined;
  kind: Key['kind'];
  /** The only values there are, where they can be counted. */
  choices: readonly string[] | undefined;
  meta: KeyMeta;
};

/** The option of one key. */
export const toOption = ({ name, path, description, default: value, kind, choices, meta }: Key): ConfigOption => {
  const flag = meta.flag === false ? undefined : (meta.flag ?? `--${path.map((part) => dashed(part, '-')).join('-')}`);
  return {
    key: name,
    path,
    flag,
    attribute: flag?.slice(2).replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
    env: meta.env ?? ['NVL', ...path.map((part) => dashed(part, '_').toUpperCase())].join('_'),
    argument: kind === 'boolean' ? undefined : (meta.argument ?? '<value>'),
    description,
    default: value === undefined || typeof value === 'string' ? value : JSON.stringify(value),
    kind,
    choices,
    meta,
  };
};

const dashed = (camelCase: string, dash: string): string =>
  camelCase.replaceAll(/[A-Z]/g, (letter) => `${dash}${letter.toLowerCase()}`);

/** Every key, in the order of the schema. */
export const options: readonly ConfigOption[] = sections().flatMap((section) => section.keys.map(toOption));
