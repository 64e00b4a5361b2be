import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

const PROJECT = join(import.meta.dirname, '..');

/** One file of `lib/` or `bin/` that names another; paths are below the project, with `/`. `isType`: for its types alone. */
export type Import = { from: string; to: string; isType: boolean };

/** Every source file below `folders`, sorted: paths below the project, with `/`. */
export const sourceFiles = (folders: readonly string[] = ['bin', 'lib']): string[] =>
  folders
    .flatMap((folder) =>
      readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' }).map((name) => posix.join(folder, name)),
    )
    .filter((file) => file.endsWith('.ts'))
    .sort();

export const readSource = (file: string): string => readFileSync(join(PROJECT, file), 'utf8');

/** What the source files import of each other, dynamic imports too. */
export const readImports = (files: readonly string[] = sourceFiles()): Import[] =>
  files.flatMap((from) =>
    importsOf(readSource(from)).map(({ specifier, isType }) => ({
      from,
      to: posix.join(posix.dirname(from), specifier),
      isType,
    })),
  );

/** The relative imports of a text. Pure. */
export const importsOf = (text: string): { specifier: string; isType: boolean }[] => [
  ...[...text.matchAll(/^(?:import|export)\b([^;'"]*?)\bfrom '(\.[^']+)'/gm)].map(
    ([, clause = '', specifier = '']) => ({
      specifier,
      isType: isTypeClause(clause.trim()),
    }),
  ),
  ...[...text.matchAll(/\bimport\('(\.[^']+)'\)/g)].map(([, specifier = '']) => ({ specifier, isType: false })),
];

/** `type { A }`, or `{ type A, type B }`. */
const isTypeClause = (clause: string): boolean => {
  if (/^type\b/.test(clause)) return true;
  const names = /^\{(.*)\}$/s
    .exec(clause)?.[1]
    ?.split(',')
    .map((name) => name.trim());
  return names?.every((name) => name === '' || name.startsWith('type ')) ?? false;
};

/** The room a file belongs to: the folder below `lib/`, or the file itself where it lies in `lib/`; `bin` for all of that. */
export const roomOf = (file: string): string => {
  const [top = '', room = '', ...below] = file.split('/');
  return top !== 'lib' ? top : below.length > 0 ? room : room.replace(/\.ts$/, '');
};

/** One circle of a graph, as the names along it with the first again at the end; undefined when there is none. Pure. */
export const findCircle = (edges: readonly { from: string; to: string }[]): string[] | undefined => {
  const targets = new Map<string, string[]>();
  for (const { from, to } of edges) if (from !== to) targets.set(from, [...(targets.get(from) ?? []), to]);
  const done = new Set<string>();
  const visit = (name: string, trail: string[]): string[] | undefined => {
    if (trail.includes(name)) return [...trail.slice(trail.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const target of targets.get(name) ?? []) {
      const circle = visit(target, [...trail, name]);
      if (circle !== undefined) return circle;
    }
    done.add(name);
    return undefined;
  };
  for (const name of targets.keys()) {
    const circle = visit(name, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
};
