import { parseBool } from './bool.ts';
import { options } from './options.ts';

/**
 * Command line arguments with two dashes before the long flags that came with one, as Nomad's own are mostly written
 * (`-address=…`), and its `-insecure` and `-tls-skip-verify=false` as commander takes them. What stands behind `--` is
 * another program's. `also` names further long flags, without dashes.
 */
export const withTwoDashes = (args: readonly string[], also: readonly string[] = []): string[] => {
  const end = args.indexOf('--');
  const own = end === -1 ? args : args.slice(0, end);
  return [...own.map((arg) => withTwo(arg, also)), ...args.slice(own.length)];
};

const withTwo = (arg: string, also: readonly string[]): string => {
  const [, written, value] = /^--?([a-z][a-z-]+)(?:=(.*))?$/s.exec(arg) ?? [];
  if (written === undefined) return arg;
  const name = written === 'insecure' ? 'tls-skip-verify' : written;
  if (YES_NO.has(`--${name}`) && value !== undefined) return yesOrNo(name, value) ?? arg;
  if (!KNOWN.has(`--${name}`) && !also.includes(name)) return arg;
  return value === undefined ? `--${name}` : `--${name}=${value}`;
};

const yesOrNo = (name: string, value: string): string | undefined => {
  const isMeant = parseBool(value);
  if (isMeant === undefined) return undefined;
  return isMeant ? `--${name}` : `--no-${name}`;
};

const flags = options.filter((option) => option.flag !== undefined);
const YES_NO = new Set(flags.filter((option) => option.kind === 'boolean').map((option) => option.flag));
const KNOWN = new Set(
  flags.flatMap(({ flag, kind }) => (kind === 'boolean' ? [flag, `--no-${flag?.slice(2)}`] : [flag])),
);
