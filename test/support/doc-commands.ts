import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from './nvl.ts';

/** A command that a page tells its reader to run: the line without its comment, and where it stands. */
export type DocCommand = { page: string; line: number; command: string };

/** The pages whose blocks of commands a test runs or accounts for. */
export const docPages = (): string[] => [
  'README.md',
  'CONTRIBUTING.md',
  'packs/nvl/README.md',
  ...readdirSync(join(projectFolder, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** The commands of a page's blocks, in their order. */
export const commandsOf = (page: string): DocCommand[] =>
  commandsIn(readFileSync(join(projectFolder, page), 'utf8')).map((found) => ({ page, ...found }));

/**
 * The lines of all fenced blocks that are marked as a shell's, comments taken off and lines that end in a backslash
 * joined. Of a `console` block those behind a prompt (`$ `, `# `) alone.
 */
export const commandsIn = (text: string): { line: number; command: string }[] => {
  const found: { line: number; command: string }[] = [];
  let fence: string | undefined;
  let joined = '';
  for (const [index, printed] of text.split('\n').entries()) {
    const opened = /^\s*```+(\S*)/.exec(printed);
    if (opened !== null) {
      fence = fence === undefined ? opened[1] : undefined;
      continue;
    }
    if (fence === undefined || !SHELLS.has(fence)) continue;
    const line = fence === 'console' ? (/^\s*[$#] (.*)$/.exec(printed)?.[1] ?? '') : printed;
    if (line.endsWith('\\')) {
      joined += `${line.slice(0, -1).trim()} `;
      continue;
    }
    const command = `${joined}${withoutComment(line)}`.trim();
    joined = '';
    if (command !== '') found.push({ line: index + 1, command });
  }
  return found;
};

const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'shell', 'console']);

const withoutComment = (line: string): string => line.replace(/(?:^|\s+)#\s.*$/, '').trim();

/** Calls of nvl that a page's prose names between backquotes, as it prints them. */
export const namedCalls = (text: string): { line: number; command: string }[] =>
  text
    .split('\n')
    .flatMap((line, index) =>
      [...line.matchAll(/`(nvl [a-z][^`]*)`/g)].map(([, command = '']) => ({ line: index + 1, command })),
    );

/** Calls of nvl in comments of a file that is no page: `#   nvl init …`, up to the remark in brackets behind it. */
export const commentedCalls = (text: string): { line: number; command: string }[] =>
  text.split('\n').flatMap((line, index) => {
    const command = /^#\s{2,}(nvl [a-z].*?)(?:\s{2,}.*)?$/.exec(line)?.[1];
    return command === undefined ? [] : [{ line: index + 1, command }];
  });

/** The words of each call of `program` in a shell's line, as the shell would hand them over, without `program` itself. */
export const callsOf = ({ program, command }: { program: string; command: string }): string[][] => {
  const calls: string[][] = [];
  let call: string[] | undefined;
  let isStart = true;
  let isTarget = false;
  for (const word of shellWords(command)) {
    if (isTarget) isTarget = false;
    else if (REDIRECTIONS.has(word)) isTarget = true;
    else if (SEPARATORS.has(word)) {
      isStart = true;
      call = undefined;
    } else if (isStart) {
      isStart = false;
      call = word === program ? [] : undefined;
      if (call !== undefined) calls.push(call);
    } else call?.push(unquoted(word));
  }
  return calls;
};

const REDIRECTIONS: ReadonlySet<string> = new Set(['>', '>>', '<']);
const SEPARATORS: ReadonlySet<string> = new Set(['&&', '||', '|', ';']);

const shellWords = (command: string): string[] =>
  command.match(/&&|\|\||>>|[|;<>]|(?:'[^']*'|"[^"]*"|[^\s|;<>&'"])+/g) ?? [];

const unquoted = (word: string): string =>
  word.replaceAll(/'([^']*)'|"([^"]*)"/g, (_, one = '', two = '') => one + two);
