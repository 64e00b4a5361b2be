import type { Colors, Formatter } from 'picocolors/types.js';
import { exactJson } from '../exact-json.ts';
import type { LogStream } from '../link-name.ts';
import { safeText } from './safe-text.ts';

/**
 * An event in one line, for people: its time, who wrote it, its level and message, and what else it has, as `key=value`. Whatever it holds, it does
 * nothing on a terminal. Pure.
 */
export const prettyLine = ({
  event,
  label,
  stream,
  colors,
  paint,
}: {
  /** As `asPlain` gives it. */
  event: Readonly<Record<string, unknown>>;
  /** Undefined where it is clear whose it is. */
  label: string | undefined;
  stream: LogStream | undefined;
  colors: Colors;
  /** Of the task's own. */
  paint: Formatter;
}): string => {
  const { timestamp, level, message } = event;
  const word = typeof level === 'string' ? level : '';
  const words = [
    ...(timestamp === undefined ? [] : [colors.dim(shortened(textOf(timestamp), MOST_HEAD))]),
    ...(label === undefined ? [] : [paint(safeText(label))]),
    ...(word === '' ? [] : [paintLevel({ word, colors })]),
    ...(message === undefined ? [] : [shortened(textOf(message), MOST_MESSAGE)]),
    ...fieldsOf({ event, hasLevel: word !== '', stream }).map(([name, value]) => `${colors.dim(`${name}=`)}${value}`),
  ];
  return words.join(' ');
};

/** In characters. What is longer is cut. */
const MOST_HEAD = 64;
const MOST_MESSAGE = 16_384;
const MOST_VALUE = 2_048;
const MOST_FIELDS = 100;

/** What the file source says of itself, and the labels: these are the same for each line of a task. */
const NOT_SHOWN: ReadonlySet<string> = new Set(['timestamp', 'message', 'file', 'host', 'source_type', 'nomad']);

const fieldsOf = ({
  event,
  hasLevel,
  stream,
}: {
  event: Readonly<Record<string, unknown>>;
  hasLevel: boolean;
  stream: LogStream | undefined;
}): [string, string][] => {
  const named = Object.entries(event).filter(([name]) => !NOT_SHOWN.has(name) && !(hasLevel && name === 'level'));
  const others = named.length - MOST_FIELDS;
  return [
    ...(stream === 'stderr' ? [['stream', 'stderr'] satisfies [string, string]] : []),
    ...named
      .slice(0, MOST_FIELDS)
      .map(([name, value]): [string, string] => [shortened(quoted(name), MOST_VALUE), shownValue(value)]),
    ...(others > 0 ? [['…', `${others} more fields`] satisfies [string, string]] : []),
  ];
};

const shownValue = (value: unknown): string =>
  shortened(typeof value === 'string' ? quoted(value) : textOf(value), MOST_VALUE);

/** A text stands as it is; anything else as JSON. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : (exactJson(value) ?? ''));

/** In quotes, where one could not tell where it ends. */
const quoted = (text: string): string => (text === '' || NEEDS_QUOTES.test(text) ? JSON.stringify(text) : text);

/** Looked for, and not asked of each letter in turn: a greedy pattern keeps a place for each letter of a huge text, and runs out of them. */
const NEEDS_QUOTES = /[\s"=]/;

const shortened = (text: string, most: number): string => {
  if (text.length <= most) return safeText(text);
  // No half of a pair.
  const kept = text.slice(0, most).replace(/[\ud800-\udbff]$/, '');
  return `${safeText(kept)}… (${text.length - kept.length} more characters)`;
};

const paintLevel = ({ word, colors }: { word: string; colors: Colors }): string => {
  const shown = shortened(word.toUpperCase(), MOST_HEAD).padEnd(5);
  const paint = LEVELS.find(({ words }) => words.test(word))?.color;
  return paint === undefined ? shown : colors[paint](shown);
};

const LEVELS: readonly { words: RegExp; color: 'red' | 'yellow' | 'green' | 'dim' }[] = [
  { words: /^(?:emerg|alert|crit|fatal|panic|err)/i, color: 'red' },
  { words: /^warn/i, color: 'yellow' },
  { words: /^(?:info|notice)/i, color: 'green' },
  { words: /^(?:debug|trace|verbose)/i, color: 'dim' },
];
