import { NvlError } from '../../errors.ts';
import { divideWork } from './divide-work.ts';

/** How Vector is started. */
export type VectorCommand = {
  binary: string;
  /** The arguments of the running Vector, without the binary. */
  args: string[];
  /** Added to, or replacing, the variables of this process; undefined: taken out. */
  env: Record<string, string | undefined>;
  cwd: string;
  /** The user it runs as, where that is not nvl's own. */
  user?: string | undefined;
  /** Where it reads copies of the team's own files: the path that people know, by the copy's. */
  originals?: ReadonlyMap<string, string>;
};

export type ConfigFormat = 'toml' | 'json' | 'yaml';

export type ReadArgs = {
  /** Paths and globs as they were written, relative to the working directory; `format` when a flag fixes it. */
  files: { path: string; format?: ConfigFormat }[];
  /** Folders, globs too, as they were written. */
  dirs: string[];
  watches: boolean;
  /** Environment interpolation is on (`--dangerously-allow-env-var-interpolation`). */
  interpolates: boolean;
  /** No configuration is named at all: `files` then holds Vector's default. */
  isDefault: boolean;
  logFormat: 'text' | 'json';
  /** Every other argument, in its order. */
  rest: string[];
};

/** What Vector reads when nothing names a configuration (Vector 0.57, `config/loading`). */
export const DEFAULT_CONFIG_FILE = { path: '/etc/vector/vector.yaml', format: 'yaml' } as const;

/**
 * Reads the arguments and variables of a running Vector (0.57, `cli.rs`): a variable counts only where its flag is not
 * given, lists are split at commas, short flags may be bundled. Throws `usage` for a subcommand or a flag without value.
 */
export const readArgs = ({
  args,
  env,
}: {
  args: string[];
  env: Readonly<Record<string, string | undefined>>;
}): ReadArgs => {
  const given: Given = { values: new Map(), switches: new Set(), rest: [] };
  for (let at = 0; at < args.length; at = readOne({ args, at, given }));

  const list = (option: string, variable: string): string[] =>
    (given.values.get(option) ?? (env[variable] === undefined ? [] : [env[variable]])).flatMap((value) =>
      value.split(','),
    );
  const isOn = (option: string, variable: string): boolean => given.switches.has(option) || isTrue(env[variable]);

  const files: ReadArgs['files'] = [
    ...list('--config', 'VECTOR_CONFIG').map((path) => ({ path })),
    ...(['toml', 'json', 'yaml'] as const).flatMap((format) =>
      list(`--config-${format}`, `VECTOR_CONFIG_${format.toUpperCase()}`).map((path) => ({ path, format })),
    ),
  ];
  const dirs = list('--config-dir', 'VECTOR_CONFIG_DIR');
  const isDefault = files.length === 0 && dirs.length === 0;
  return {
    files: isDefault ? [{ ...DEFAULT_CONFIG_FILE }] : files,
    dirs,
    isDefault,
    watches: isOn('--watch-config', 'VECTOR_WATCH_CONFIG'),
    interpolates: isOn(INTERPOLATION, 'VECTOR_DANGEROUSLY_ALLOW_ENV_VAR_INTERPOLATION'),
    logFormat: (given.values.get('--log-format')?.at(-1) ?? env.VECTOR_LOG_FORMAT) === 'json' ? 'json' : 'text',
    rest: given.rest,
  };
};

export const INTERPOLATION = '--dangerously-allow-env-var-interpolation';

/**
 * The Vector that is meant, before the live file is added to what it loads: `vectorArgs` is what stood behind `--`.
 * Where that is empty, nvl starts no Vector: the configuration's arguments count, and its user does not.
 */
export const ownCommand = ({
  config: { vector },
  cwd,
  vectorArgs,
}: {
  config: { vector: Omit<VectorCommand, 'cwd' | 'originals'> & { cwd?: string | undefined } };
  cwd: string;
  vectorArgs: readonly string[];
}): VectorCommand => {
  const [binary = vector.binary, ...args] = vectorArgs;
  const isStarted = vectorArgs.length > 0;
  return {
    binary,
    args: isStarted ? args : vector.args,
    env: { ...WITHHELD, ...(isStarted && divideWork({ env: environmentOf(vector) })), ...vector.env },
    cwd: vectorCwd({ config: { vector }, cwd }),
    user: isStarted ? vector.user : undefined,
  };
};

/**
 * The working directory of the Vector that is meant; `cwd`: nvl's own. From there lead the paths of a configuration, as that of a file
 * with VRL in a template: on a node, and so in every command that runs what a node would render.
 */
export const vectorCwd = ({
  config: { vector },
  cwd,
}: {
  config: { vector: { cwd?: string | undefined } };
  cwd: string;
}): string => vector.cwd ?? cwd;

/**
 * What opens Nomad: Vector needs none of it, and a template's program may read and send what it has. And where systemd is
 * told that nvl works: no other program may say so.
 */
const WITHHELD = { NOMAD_TOKEN: undefined, NOMAD_HTTP_AUTH: undefined, NOTIFY_SOCKET: undefined };

/** The whole environment the command runs in. */
export const environmentOf = (command: Pick<VectorCommand, 'env'>): Record<string, string | undefined> => ({
  ...process.env,
  ...command.env,
});

type Given = { values: Map<string, string[]>; switches: Set<string>; rest: string[] };

const SHORT_NAMES: Readonly<Record<string, string>> = {
  c: '--config',
  C: '--config-dir',
  r: '--require-healthy',
  t: '--threads',
  v: '--verbose',
  q: '--quiet',
  w: '--watch-config',
  i: '--internal-log-rate-limit',
  h: '--help',
  V: '--version',
};

const WITH_VALUE = new Set([
  '--config',
  '--config-dir',
  '--config-toml',
  '--config-json',
  '--config-yaml',
  '--require-healthy',
  '--threads',
  '--chunk-size-events',
  '--log-format',
  '--color',
  '--watch-config-method',
  '--watch-config-poll-interval-seconds',
  '--internal-log-rate-limit',
  '--internal-logs-source-rate-limit',
  '--graceful-shutdown-limit-secs',
  '--allocation-tracing-reporting-interval-ms',
  '--max-decompressed-size-bytes',
]);

const CONFIG_LISTS = new Set(['--config', '--config-dir', '--config-toml', '--config-json', '--config-yaml']);
const READ_SWITCHES = new Set(['--watch-config', INTERPOLATION]);

/** Reads the argument at `at` and returns where the next one is. */
const readOne = ({ args, at, given }: { args: string[]; at: number; given: Given }): number => {
  const argument = args[at] ?? '';
  if (!argument.startsWith('-') || argument === '-' || argument === '--') throw notAFlag(argument);
  return argument.startsWith('--') ? readLong({ args, at, argument, given }) : readShort({ args, at, argument, given });
};

const readLong = ({ args, at, argument, given }: Reading): number => {
  const equals = argument.indexOf('=');
  const name = equals === -1 ? argument : argument.slice(0, equals);
  if (!WITH_VALUE.has(name)) {
    keepSwitch({ name, written: argument, given });
    return at + 1;
  }
  const value = equals === -1 ? args[at + 1] : argument.slice(equals + 1);
  if (value === undefined) throw withoutValue(argument);
  keepValue({ name, value, given });
  return equals === -1 ? at + 2 : at + 1;
};

const readShort = ({ args, at, argument, given }: Reading): number => {
  for (let index = 1; index < argument.length; index += 1) {
    const letter = argument.charAt(index);
    const name = SHORT_NAMES[letter] ?? `-${letter}`;
    if (!WITH_VALUE.has(name)) {
      keepSwitch({ name, written: `-${letter}`, given });
      continue;
    }
    const attached = argument.slice(index + 1).replace(/^=/, '');
    const value = attached === '' ? args[at + 1] : attached;
    if (value === undefined) throw withoutValue(argument);
    keepValue({ name, value, given });
    return attached === '' ? at + 2 : at + 1;
  }
  return at + 1;
};

type Reading = { args: string[]; at: number; argument: string; given: Given };

const keepSwitch = ({ name, written, given }: { name: string; written: string; given: Given }): void => {
  given.switches.add(name);
  if (!READ_SWITCHES.has(name)) given.rest.push(written);
};

const keepValue = ({ name, value, given }: { name: string; value: string; given: Given }): void => {
  given.values.set(name, [...(given.values.get(name) ?? []), value]);
  if (!CONFIG_LISTS.has(name)) given.rest.push(`${name}=${value}`);
};

const FALSE_WORDS = new Set(['', 'n', 'no', 'f', 'false', 'off', '0']);

const isTrue = (value: string | undefined): boolean => value !== undefined && !FALSE_WORDS.has(value.toLowerCase());

const notAFlag = (argument: string): NvlError =>
  new NvlError('usage', {
    message: `Vector's arguments hold ${JSON.stringify(argument)}, which is no flag`,
    advice:
      'give only the flags that a running Vector has (-c, -C, -w, …); nvl adds subcommands such as validate itself',
  });

const withoutValue = (argument: string): NvlError =>
  new NvlError('usage', {
    message: `Vector's flag ${argument} has no value`,
    advice: 'write it as --flag=value',
  });
