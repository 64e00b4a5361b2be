import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The paths a glob of Vector's matches, in order, as Rust's `glob` crate 0.3 finds them: `*` and `?` also match a leading
 * dot, `**` stands for folders, `[a-z]` and `[!a]` are classes, `{a,b}` is plain text. A relative pattern is looked up in
 * `cwd`, and its matches stay relative. A pattern that Vector cannot read matches nothing.
 */
export const expandGlob = async ({ pattern, cwd }: { pattern: string; cwd: string }): Promise<string[]> => {
  const isAbsolute = pattern.startsWith('/');
  const parts = pattern.split('/').filter((part) => part !== '');
  if (parts.some((part) => globToRegExp(part) === undefined)) return [];
  const found = await walk({ folder: isAbsolute ? '/' : '', parts, cwd });
  return pattern.endsWith('/') ? keepFolders({ paths: found, cwd }) : found;
};

/** Whether the pattern would match that path (both absolute) if the path existed. */
export const matchesGlob = ({ pattern, path }: { pattern: string; path: string }): boolean =>
  matchesParts(split(pattern), split(path));

/** Whether the pattern fits this name as a whole, where a `/` is a character like any other: as Vector looks at `inputs` and `exclude`. */
export const matchesName = ({ pattern, name }: { pattern: string; name: string }): boolean =>
  globToRegExp(pattern)?.test(name) ?? pattern === name;

const split = (path: string): string[] => path.split('/').filter((part) => part !== '');

const matchesParts = (patterns: string[], names: string[]): boolean => {
  const [pattern, ...patternsLeft] = patterns;
  const [name, ...namesLeft] = names;
  if (pattern === undefined) return name === undefined;
  if (pattern === '**')
    return matchesParts(patternsLeft, names) || (name !== undefined && matchesParts(patterns, namesLeft));
  if (name === undefined || globToRegExp(pattern)?.test(name) !== true) return false;
  return matchesParts(patternsLeft, namesLeft);
};

type Walk = { folder: string; parts: string[]; cwd: string };

const walk = async ({ folder, parts, cwd }: Walk): Promise<string[]> => {
  const [part, ...partsLeft] = parts;
  if (part === undefined) return [folder];
  if (part === '**') return walkDown({ folder, parts: partsLeft, cwd });
  if (!/[*?[]/.test(part)) {
    const next = folder === '' ? part : join(folder, part);
    return (await exists(inCwd(cwd, next))) ? walk({ folder: next, parts: partsLeft, cwd }) : [];
  }
  const matcher = globToRegExp(part);
  const names = (await list(inCwd(cwd, folder))).filter((name) => matcher?.test(name) === true);
  return (await Promise.all(names.map((name) => walk({ folder: join(folder, name), parts: partsLeft, cwd })))).flat();
};

/** `**`: what is here and in all folders below; at a pattern's end those folders. Links are followed, as Vector does. */
const walkDown = async ({ folder, parts, cwd }: Walk): Promise<string[]> => {
  const isLast = parts.length === 0;
  const here = isLast ? [] : await walk({ folder, parts, cwd });
  const names = (await list(inCwd(cwd, folder))).map((name) => join(folder, name));
  const folders = await keepFolders({ paths: names, cwd });
  const below = await Promise.all(
    folders.map(async (next) => [...(isLast ? [next] : []), ...(await walkDown({ folder: next, parts, cwd }))]),
  );
  return [...here, ...below.flat()];
};

const keepFolders = async ({ paths, cwd }: { paths: string[]; cwd: string }): Promise<string[]> => {
  const kept = await Promise.all(
    paths.map((path) =>
      stat(inCwd(cwd, path)).then(
        (found) => found.isDirectory(),
        () => false,
      ),
    ),
  );
  return paths.filter((_, index) => kept[index]);
};

const inCwd = (cwd: string, path: string): string => (path.startsWith('/') ? path : join(cwd, path));

const list = async (folder: string): Promise<string[]> => (await readdir(folder).catch(() => [])).sort();

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

/** One path segment, or a name, as a regular expression; undefined when Vector refuses it. */
export const globToRegExp = (part: string): RegExp | undefined => {
  if (part !== '**' && part.includes('**')) return undefined;
  let source = '';
  for (let at = 0; at < part.length; ) {
    const rest = part.slice(at);
    const set = rest.startsWith('[') ? /^\[(!?)(.[^\]]*)\]/s.exec(rest) : null;
    if (rest.startsWith('[') && set === null) return undefined;
    if (set !== null) source += `[${set[1] === '!' ? '^' : ''}${charSet(set[2] ?? '')}]`;
    else if (rest.startsWith('*')) source += '.*';
    else if (rest.startsWith('?')) source += '.';
    else source += escapeChar(String.fromCodePoint(rest.codePointAt(0) ?? 0));
    at += set === null ? String.fromCodePoint(rest.codePointAt(0) ?? 0).length : set[0].length;
  }
  return new RegExp(`^${source}$`, 'su');
};

/** What stands in a class: ranges stay, everything else means itself. */
const charSet = (text: string): string =>
  [...text]
    .map((char, index, all) => {
      const isRange = char === '-' && index > 0 && index < all.length - 1;
      return char === '-' && !isRange ? '\\-' : char === '-' ? char : escapeChar(char);
    })
    .join('');

const escapeChar = (char: string): string => (/[\^$\\.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char);
