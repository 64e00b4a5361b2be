import { setTimeout as sleep } from 'node:timers/promises';
import type { Colors } from 'picocolors/types.js';
import { alignedRows } from '../aligned.ts';

/** What the demo is told on: numbered steps of plain lines, 100 columns wide, at a pace that a person can follow. */
export type Show = {
  /** The first line of all. */
  title: (name: string, rest: string) => void;
  /** A numbered step, with one sentence of why; waits a moment before it when somebody watches. */
  step: (title: string, why: string) => Promise<void>;
  /** A sentence between things; `paint` colours it. */
  say: (text: string, paint?: (text: string) => string) => void;
  /** A name and what belongs to it; further lines of the text stand below each other. */
  row: (name: string, text: string, paint?: (text: string) => string) => void;
  /** A name and what a person copies: that is never cut. */
  whole: (name: string, text: string) => void;
  /** Columns that line up. */
  table: (rows: readonly (readonly string[])[]) => void;
  /** Lines of a file; `paint` colours a line that is already cut. */
  code: (text: string, options?: { maxLines?: number; rest?: string; paint?: (line: string) => string }) => void;
  gap: () => void;
};

const WIDTH = 100;
const INDENT = '   ';
const READING_MS = 1_500;

export const createShow = ({
  out,
  colors,
  isWatched,
  signal,
}: {
  out: (text: string) => void;
  colors: Colors;
  /** Somebody reads along: each step waits a moment. */
  isWatched: boolean;
  signal: AbortSignal;
}): Show => {
  let count = 0;
  const line = (text = '') => out(`${text}\n`);
  const indented = (text: string, paint = (plain: string) => plain) =>
    line(INDENT + paint(cut(text, WIDTH - INDENT.length)));
  return {
    title: (name, rest) => {
      line();
      line(`${colors.bold(name)}  ${cut(rest, WIDTH - name.length - 2)}`);
    },
    step: async (title, why) => {
      if (isWatched) await sleep(READING_MS, undefined, { signal }).catch(() => {});
      count += 1;
      line();
      line(`${colors.cyan(String(count).padEnd(INDENT.length))}${colors.bold(title)}`);
      for (const part of wrap(why, WIDTH - INDENT.length)) indented(part, colors.dim);
      line();
    },
    say: (text, paint) => {
      for (const part of wrap(text, WIDTH - INDENT.length)) indented(part, paint);
    },
    row: (name, text, paint = (plain) => plain) => {
      for (const [index, part] of text.split('\n').entries()) {
        const head = (index === 0 ? name : '').padEnd(NAME_WIDTH);
        line(`${INDENT}${colors.dim(head)}${paint(cut(part, WIDTH - INDENT.length - NAME_WIDTH))}`);
      }
    },
    whole: (name, text) => line(`${INDENT}${colors.dim(name.padEnd(NAME_WIDTH))}${text}`),
    table: (rows) => {
      for (const [index, text] of alignedRows({ rows, gap: '   ' }).entries())
        indented(text, index === 0 ? colors.dim : undefined);
    },
    code: (text, { maxLines = Number.POSITIVE_INFINITY, rest = '', paint } = {}) => {
      const lines = text.split('\n');
      for (const one of lines.slice(0, maxLines)) indented(`| ${one}`.trimEnd(), paint);
      const left = lines.length - maxLines;
      if (left > 0) indented(`| ... ${left} more lines${rest}`, colors.dim);
    },
    gap: () => line(),
  };
};

const NAME_WIDTH = 12;

/** Control characters of a log line must not reach a terminal. */
const cut = (text: string, width: number): string => {
  const plain = text.replaceAll(/\p{Cc}/gu, ' ');
  return plain.length <= width ? plain : `${plain.slice(0, width - 3)}...`;
};

/** At blanks, into lines no longer than `width`; a longer word stays whole. */
export const wrap = (text: string, width: number): string[] => {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
};
