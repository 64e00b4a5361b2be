/**
 * `npm run sizes`: how long files and functions of `bin/` and `lib/` are, in lines. It exits with 1 when a limit is passed: a
 * median file of 80 lines, no file over 300, no function over 60. Data tables are apart: a literal of objects and lists at the
 * top of a file, outside any function, is one, and its lines do not count for its file. In `bin/` they do: commands are such tables, and
 * each group of them has its file.
 */
import { stripTypeScriptTypes } from 'node:module';
import { type Program, parse } from 'acorn';
import { full } from 'acorn-walk';
import { readSource, sourceFiles } from './imports.ts';

export const LIMITS = { medianFile: 80, file: 300, function: 60 } as const;

export type Size = { name: string; lines: number };

export const fileSizes = (): Size[] =>
  sourceFiles().map((file) => {
    const text = readSource(file);
    const apart = file.startsWith('bin/') ? 0 : tableLines(text);
    return { name: file, lines: text.trimEnd().split('\n').length - apart };
  });

/** What breaks a limit; empty when nothing does. */
export const brokenLimits = (): Size[] => [
  ...fileSizes().filter(({ lines }) => lines > LIMITS.file),
  ...functionSizes().filter(({ lines }) => lines > LIMITS.function),
  ...[{ name: 'the median file', lines: median(fileSizes()) }].filter(({ lines }) => lines > LIMITS.medianFile),
];

/** How many lines of a text are data tables. Pure. */
export const tableLines = (text: string): number =>
  parseSource(text)
    .body.flatMap((node) => (node.type === 'ExportNamedDeclaration' ? (node.declaration ?? []) : node))
    .flatMap((node) => (node.type === 'VariableDeclaration' ? node.declarations : []))
    .filter(({ init }) => init?.type === 'ObjectExpression' || init?.type === 'ArrayExpression')
    .reduce((sum, { loc }) => sum + (loc === undefined || loc === null ? 0 : loc.end.line - loc.start.line - 1), 0);

/** The types are replaced by blanks, so every position stays. */
const parseSource = (text: string): Program =>
  parse(stripTypeScriptTypes(text), { ecmaVersion: 'latest', sourceType: 'module', locations: true });

export const functionSizes = (): Size[] =>
  sourceFiles().flatMap((file) => functionsOf({ file, text: readSource(file) }));

/** Every function of a text with its length. Pure. */
export const functionsOf = ({ file, text }: { file: string; text: string }): Size[] => {
  const found: Size[] = [];
  full(parseSource(text), (node) => {
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
  if (brokenLimits().length > 0) process.exitCode = 1;
}
