import { dirname, extname, isAbsolute, join, resolve } from 'node:path';
import { fs } from '../built-in.ts';
import { CONFIG_NAMES, HIDDEN_NAMES } from './names.ts';

/** As the schema has it. */
const DEFAULT_ROOT = '/var/lib/nvl';
const MOST_BYTES = 100_000;

/**
 * The output root as the whole configuration would have it, found without the libraries that read one: these take longer to load than
 * `nvl status` may take. Undefined where a plain look does not tell; then the configuration has to be read.
 */
export const quickRoot = ({
  given,
  env,
  cwd,
  systemDir = '/etc/nvl',
}: {
  /** By a flag. */
  given: string | undefined;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  systemDir?: string | undefined;
}): string | undefined => {
  const said = given ?? (env.NVL_ROOT || undefined);
  if (said !== undefined) return said === '' || said.startsWith('~') ? undefined : resolve(cwd, said);
  if (env.NVL_CONFIG) return undefined;
  const found = foldersFrom(cwd).flatMap((folder) => filesIn(folder, [...CONFIG_NAMES, ...HIDDEN_NAMES]));
  // Which of several counts is a longer story.
  const files = found.length > 0 ? found : filesIn(systemDir, CONFIG_NAMES);
  const [file] = files;
  if (file === undefined) return DEFAULT_ROOT;
  return files.length === 1 && [resolve(cwd), systemDir].includes(dirname(file)) ? rootIn(file) : undefined;
};

const foldersFrom = (cwd: string): string[] => {
  const folder = resolve(cwd);
  return dirname(folder) === folder ? [folder] : [folder, ...foldersFrom(dirname(folder))];
};

const filesIn = (folder: string, names: readonly string[]): string[] =>
  names.map((name) => join(folder, name)).filter((file) => fs.existsSync(file));

const rootIn = (file: string): string | undefined => {
  const read = READERS[extname(file)];
  try {
    const found = fs.lstatSync(file);
    if (read === undefined || !found.isFile() || found.size > MOST_BYTES) return undefined;
    const root = read(fs.readFileSync(file, 'utf8'));
    return root !== undefined && isAbsolute(root) ? resolve(root) : undefined;
  } catch {
    return undefined;
  }
};

/** Each gives the default where there is certainly no such key, and nothing where it is not certain. */
const READERS: Readonly<Record<string, (text: string) => string | undefined>> = {
  '.json': (text) => {
    const { root = DEFAULT_ROOT } = JSON.parse(text) as { root?: unknown };
    return typeof root === 'string' ? root : undefined;
  },
  '.yaml': (text) => rootAmong({ lines: text.split('\n'), isKey: /^[A-Za-z]\w*:(?:\s|$)/, root: YAML_ROOT }),
  '.yml': (text) => rootAmong({ lines: text.split('\n'), isKey: /^[A-Za-z]\w*:(?:\s|$)/, root: YAML_ROOT }),
  '.toml': (text) => {
    const lines = text.split('\n');
    const end = lines.findIndex((line) => /^\s*\[/.test(line));
    return rootAmong({ lines: end === -1 ? lines : lines.slice(0, end), isKey: /^[A-Za-z]\w*\s*=/, root: TOML_ROOT });
  },
};

const YAML_ROOT = /^root: +(["']?)(\/[\w./-]+)\1\s*(?:\s#.*)?$/;
const TOML_ROOT = /^root\s*=\s*(["'])(\/[\w./-]+)\1\s*(?:#.*)?$/;

/** Lines that begin at the margin are keys of the file itself, if all of them look so. */
const rootAmong = ({
  lines,
  isKey,
  root,
}: {
  lines: readonly string[];
  isKey: RegExp;
  root: RegExp;
}): string | undefined => {
  const atMargin = lines.filter((line) => /^[^\s#]/.test(line));
  if (atMargin.some((line) => !isKey.test(line))) return undefined;
  const named = lines.filter((line) => /\broot\b/.test(line) && !/^\s*#/.test(line));
  if (named.length === 0) return DEFAULT_ROOT;
  return named.length === 1 ? root.exec(named[0] ?? '')?.[2] : undefined;
};
