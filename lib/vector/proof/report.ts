import { stripVTControlCharacters } from 'node:util';
import type { ComponentKind } from '../../component-kind.ts';

/** One thing that Vector has against a configuration. */
export type VectorRefusal = {
  /** The component it blames, where it names one; a `kind` never comes alone. */
  kind?: ComponentKind;
  component?: string;
  /** Vector's own words, whole, also those over several lines. */
  message: string;
  /** Where in the configuration file, counted from 1; Vector says it of what it cannot parse, without naming the file. */
  line?: number;
  column?: number;
  /** Where in the component's VRL program. */
  vrlLine?: number;
  vrlColumn?: number;
  /** Where in the text of the block, counted from 1; nvl's own check says it. */
  blockLine?: number;
  /** The file it names. */
  file?: string;
};

export type ValidateReport = {
  refusals: VectorRefusal[];
  warnings: string[];
  text: string;
  /** Vector leaves a file it may not open out and finds the rest good: its 0 is no proof then. */
  leftOut: boolean;
};

/**
 * Reads what `vector validate` wrote (0.57, `validate.rs`): on stdout a title over dashes, then entries that open with
 * `x`, `~` or `√` and may run over lines; on stderr log lines, of which those of level ERROR count.
 */
export const readReport = ({ stdout, stderr }: { stdout: string; stderr: string }): ValidateReport => {
  const text = stripVTControlCharacters(stdout);
  const entries = readEntries(text.split('\n'));
  const logged = stripVTControlCharacters(stderr)
    .split('\n')
    .flatMap((line) => /^\S+ ERROR \S+: (.*)$/.exec(line)?.[1] ?? []);
  return {
    refusals: [
      ...entries.filter(({ mark }) => mark === 'x').map(({ words }) => words),
      ...logged.map(withoutRateLimit),
    ].map(toRefusal),
    leftOut: logged.some((words) => words.startsWith('Error opening config file.')),
    warnings: entries.filter(({ mark }) => mark === '~').map(({ words }) => words),
    text: [text.trim(), ...logged].filter((part) => part !== '').join('\n'),
  };
};

/**
 * The components that a running Vector's own log lines blame, text or JSON, without those whose mere delivery failed: what
 * could not be built, and a task of its own that panicked.
 */
export const namedIn = (logged: string): string[] => {
  const names = stripVTControlCharacters(logged)
    .replaceAll('\\"', '"')
    .split('\n')
    .flatMap((line) => {
      const panicked = /\bcomponent_id"?[=:]\s*"?([\w-]+).*couldn't handle/.exec(line)?.[1];
      const words = line.replace(/^.*?\berror"?[=:]\s*"?(?=[A-Z])/, '');
      return panicked ?? blame(words).component ?? [];
    });
  return [...new Set(names)];
};

type Entry = { mark: string; words: string };

const readEntries = (lines: string[]): Entry[] => {
  const entries: { mark: string; lines: string[] }[] = [];
  for (const [index, line] of lines.entries()) {
    const start = /^([x~√]) (.*)$/.exec(line);
    if (start !== null) entries.push({ mark: start[1] ?? '', lines: [start[2] ?? ''] });
    else if (isTitle(line, lines[index + 1]) || isUnderline(line)) entries.push({ mark: '', lines: [] });
    else entries.at(-1)?.lines.push(line);
  }
  return entries.map(({ mark, lines: words }) => ({
    mark,
    words: words
      .join('\n')
      .trim()
      .replace(/\n{2,}(?=in `)/, '\n'),
  }));
};

const isUnderline = (line: string): boolean => /^-{3,}$/.test(line);

const isTitle = (line: string, next: string | undefined): boolean =>
  line !== '' && next !== undefined && isUnderline(next);

const withoutRateLimit = (words: string): string => words.replace(/ internal_log_rate_limit=\S+$/, '');

/** What a message of Vector's own says, which blames a component where it names one. Pure. */
export const toRefusal = (message: string): VectorRefusal => ({
  ...blame(message),
  ...positionIn(message),
  ...vrlPositionIn(message),
  ...fileIn(message),
  message,
});

/** The message forms of `config/{validation,graph,builder}.rs` and `validate.rs`; serde ends with the path of the option. */
const blame = (message: string): Pick<VectorRefusal, 'kind' | 'component'> => {
  const forms = [
    /^(?<kind>Source|Transform|Sink) "(?<id>[^"]+)"/,
    /^Input ".*" for (?<kind>transform|sink) "(?<id>[^"]+)"/s,
    /^duplicate (?<kind>source|transform|sink) id found: (?<id>.+)$/,
    /in `(?<kind>source|transform|sink)s\.(?<id>[^.`]+)[^`]*`$/,
    /^(?<kind>Source|Transform) (?<id>[^\s"]+) /,
    /^More than one component with name "(?<id>.+)" \(/,
    /^Component name "(?<id>.+)" should not/,
    /^Cyclic dependency detected in the chain \[ (?<id>\S+)/,
    /^Data type mismatch between .* and (?<id>\S+) \(/,
  ];
  for (const form of forms) {
    const { kind, id } = form.exec(message)?.groups ?? {};
    if (id === undefined) continue;
    return { component: id, ...(kind === undefined ? {} : { kind: kind.toLowerCase() as ComponentKind }) };
  }
  return {};
};

const positionIn = (message: string): Pick<VectorRefusal, 'line' | 'column'> => {
  const found = /(?:^TOML parse error|) at line (\d+),? column (\d+)/.exec(message);
  return found === null ? {} : { line: Number(found[1]), column: Number(found[2]) };
};

const vrlPositionIn = (message: string): Pick<VectorRefusal, 'vrlLine' | 'vrlColumn'> => {
  const found = /^ *┌─ :(\d+):(\d+)/m.exec(message);
  return found === null ? {} : { vrlLine: Number(found[1]), vrlColumn: Number(found[2]) };
};

const fileIn = (message: string): Pick<VectorRefusal, 'file'> => {
  const file = /(?:Config file not found in path|Error opening config file)\..* path="([^"]+)"/.exec(message)?.[1];
  return file === undefined ? {} : { file };
};
