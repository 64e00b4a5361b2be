import { stripVTControlCharacters } from 'node:util';
import type { VectorCommand } from '../config/command.ts';
import { environmentOf, readArgs } from '../config/command.ts';

/** What one of Vector's own log lines means for the one who started or reloaded it. */
export type LogEvent =
  | { kind: 'started' | 'reloaded' | 'stopping' }
  /** The old configuration goes on; `needsRestart`: it differs in a global option. */
  | { kind: 'refused' | 'needsRestart'; words: string }
  /** A configuration file could not be opened: Vector goes on without it and calls that a reload. */
  | { kind: 'leftOut'; words: string }
  /** Neither the new nor the old configuration works: Vector ends. */
  | { kind: 'lost'; words: string }
  /** The reason for what follows. */
  | { kind: 'error'; words: string };

/**
 * Reads a line of Vector's log (0.57), as text (on its stderr) or JSON (on its stdout, among the events of a console
 * sink). Level and module are compared too, so that an event that quotes such a line is not taken for it.
 */
export const parseLogLine = (line: string): LogEvent | undefined => {
  const entry = line.startsWith('{') ? parseJsonLine(line) : parseTextLine(line);
  if (entry === undefined) return undefined;
  const { level, target, words, reason } = entry;
  if (level === 'INFO') return target === 'vector' ? infoEvent(words) : undefined;
  if (level !== 'ERROR' || !/^vector(::|$)/.test(target)) return undefined;
  if (words.startsWith('Reload was not successful.')) {
    if (reason === 'global_options_changed') return { kind: 'needsRestart', words };
    return { kind: reason === 'restore_failed' ? 'lost' : 'refused', words };
  }
  if (words.startsWith('Failed to load config files, reload aborted.')) return { kind: 'refused', words };
  if (words.startsWith('Error opening config file.')) return { kind: 'leftOut', words };
  return REASONS.some((start) => words.startsWith(start)) ? { kind: 'error', words } : undefined;
};

/** Errors that come before a refused reload or an end; others, such as a sink's, have nothing to do with it. */
const REASONS = [
  'Configuration error.',
  'Config reload rejected',
  'Config file not found in path.',
  'Failed to read glob pattern.',
  'Failed to restore old configuration.',
  "An error occurred that Vector couldn't handle.",
];

/** Whether Vector's info lines can be seen at all; `-q`, `VECTOR_LOG` and the older `LOG` can hide them. */
export const showsInfo = (command: Pick<VectorCommand, 'args' | 'env'>): boolean => {
  const env = environmentOf(command);
  const { rest } = readArgs({ args: command.args, env });
  const isQuiet = rest.some((argument) => argument === '-q' || argument === '--quiet');
  return (
    levelFor({ directives: env.VECTOR_LOG ?? env.LOG ?? (isQuiet ? 'warn' : 'info'), target: 'vector' }) >= LEVELS.info
  );
};

/** On which of its streams Vector logs: JSON goes to stdout. */
export const logsTo = (command: Pick<VectorCommand, 'args' | 'env'>): 'stdout' | 'stderr' =>
  readArgs({ args: command.args, env: environmentOf(command) }).logFormat === 'json' ? 'stdout' : 'stderr';

type Entry = { level: string; target: string; words: string; reason: string | undefined };

const infoEvent = (words: string): LogEvent | undefined => {
  if (words.startsWith('Vector has started.')) return { kind: 'started' };
  if (words.startsWith('Vector has reloaded.')) return { kind: 'reloaded' };
  return words.startsWith('Vector is stopping.') ? { kind: 'stopping' } : undefined;
};

/** `<time> <level> [<span>{…}:…: ]<module>: <words>`; what we look for is never inside a span. */
const parseTextLine = (line: string): Entry | undefined => {
  const found = /^\S+Z +([A-Z]+) ([\w:]+): (.*)$/.exec(stripVTControlCharacters(line));
  if (found === null) return undefined;
  const [, level = '', target = '', all = ''] = found;
  const words = all.replace(/ internal_log_rate_limit=\S+$/, '');
  return { level, target, words, reason: / reason="([^"]*)"/.exec(words)?.[1] };
};

const parseJsonLine = (line: string): Entry | undefined => {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { level, target, message, error, reason, changed_fields, timestamp } = entry as Record<string, unknown>;
  if (typeof level !== 'string' || typeof target !== 'string' || typeof message !== 'string' || timestamp === undefined)
    return undefined;
  const fields = Object.entries({ error, reason, changed_fields }).filter(([, value]) => typeof value === 'string');
  const words = [message, ...fields.map(([name, value]) => `${name}=${value}`)].join(' ');
  return { level, target, words, reason: typeof reason === 'string' ? reason : undefined };
};

const LEVELS: Readonly<Record<string, number>> & { info: number } = {
  off: 0,
  error: 1,
  warn: 2,
  info: 3,
  debug: 4,
  trace: 5,
};

/** As `tracing_subscriber`'s `Targets` reads it: `level`, `target` (all of it) or `target=level`; the longest target wins. */
const levelFor = ({ directives, target }: { directives: string; target: string }): number => {
  const matches = directives.split(',').flatMap((directive) => {
    const [name = '', level] = directive.trim().split('=');
    const alone = LEVELS[name.toLowerCase()];
    if (level === undefined && alone !== undefined) return [{ length: 0, level: alone }];
    const own = level === undefined ? 5 : (LEVELS[level.toLowerCase()] ?? 0);
    return target.startsWith(name) ? [{ length: name.length, level: own }] : [];
  });
  return matches.sort((a, b) => b.length - a.length)[0]?.level ?? 0;
};
