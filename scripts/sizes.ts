/**
 * `npm run sizes`: how long files and functions of `bin/` and `lib/` are, in lines, and what passes the limits: a median
 * file of 80 lines, no file over 300, no function over 60 (tables of data apart: a literal has no limit).
 */
import { stripTypeScriptTypes } from 'node:module';
import { parse } from 'acorn';
import { full } from 'acorn-walk';
import { readSource, sourceFiles } from './imports.ts';

export const LIMITS = { medianFile: 80, file: 300, function: 60 } as const;

export type Size = { name: string; lines: number };

export const fileSizes = (): Size[] =>
  sourceFiles().map((file) => ({ name: file, lines: readSource(file).trimEnd().split('\n').length }));

export const functionSizes = (): Size[] =>
  sourceFiles().flatMap((file) => functionsOf({ file, text: readSource(file) }));

/** Every function of a text with its length. Pure. */
export const functionsOf = ({ file, text }: { file: string; text: string }): Size[] => {
  // The types are replaced by blanks, so every position stays.
  const tree = parse(stripTypeScriptTypes(text), { ecmaVersion: 'latest', sourceType: 'module', locations: true });
  const found: Size[] = [];
  full(tree, (node) => {
    if (!/^(?:ArrowFunctionExpression|FunctionExpression|FunctionDeclaration)$/.test(node.type)) return;
    const { start, end } = node.loc ?? { start: { line: 0 }, end: { line: 0 } };
    found.push({ name: `${file}:${start.line}`, lines: end.line - start.line + 1 });
  });
  return found;
};

export const median = (sizes: readonly Size[]): number =>
  sizes.map(({ lines }) => lines).sort((a, b) => a - b)[Math.floor(sizes.length / 2)] ?? 0;

const print = ({ title, sizes, limit }: { title: string; sizes: Size[]; limit: number }): void => {
  const longest = [...sizes].sort((a, b) => b.lines - a.lines);
  console.log(`${title}: ${sizes.length}, median ${median(sizes)} lines, longest:`);
  for (const { name, lines } of longest.slice(0, 10)) console.log(`  ${String(lines).padStart(4)}  ${name}`);
  const over = longest.filter(({ lines }) => lines > limit);
  console.log(`  over ${limit}: ${over.length}`);
};

if (import.meta.main) {
  print({ title: 'files', sizes: fileSizes(), limit: LIMITS.file });
  print({ title: 'functions', sizes: functionSizes(), limit: LIMITS.function });
}
