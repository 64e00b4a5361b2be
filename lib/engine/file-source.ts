import { objectOf, textsOf } from '../json.ts';
import { matchesGlob } from '../vector/config/glob.ts';
import type { VrlTimestamp, VrlValue } from '../vrl/values.ts';
import type { Vrl, VrlProgram } from '../vrl/vrl.ts';
import { type EngineEvent, inOrder } from './event.ts';
import { createLineJoiner, type LineJoiner, MULTILINE_MODES, type Multiline } from './join-lines.ts';
import { createLineJudge } from './judge-lines.ts';
import type { ComponentConfig } from './read-config.ts';
import { createLineSplitter, type LineSplitter, type SplitLine } from './split-lines.ts';
import { textOfBytes } from './text-of-bytes.ts';
import { NotRunnable } from './transform.ts';

/** A source that reads log files, as they are handed to it. */
export type FileSource = {
  /** What it has compiled and runs. */
  programs: readonly VrlProgram[];
  /** Whether it reads the file of this path. */
  reads(path: string): boolean;
  /** What it makes of what a file has more. */
  push(path: string, bytes: Buffer): Promise<EngineEvent[]>;
  /** What waited for more lines of its event. */
  release(): EngineEvent[];
  /** What it makes of a last line without its end, once the file is gone. */
  end(path: string): Promise<EngineEvent[]>;
};

/**
 * A file source that reads from the beginning, as nvl's do. Throws `NotRunnable` for options that change lines in ways that nvl does not
 * know.
 *
 * @source https://vector.dev/docs/reference/configuration/sources/file/
 */
export const createFileSource = ({
  config: { id, options },
  vrl,
  stamp,
  hostname,
}: {
  config: ComponentConfig;
  vrl: Vrl;
  /** The time of reading of one more line. */
  stamp: () => VrlTimestamp;
  hostname: string;
}): FileSource => {
  for (const name of NOT_RUN) if (options[name] !== undefined) throw new NotRunnable(`its option ${name}`);
  const multiline = options.multiline === undefined ? undefined : multilineOf(options.multiline);
  const judge = multiline && createLineJudge({ id, vrl, multiline });
  const [include, exclude] = [textsOf(options.include), textsOf(options.exclude)];
  const files = new Map<string, { splitter: LineSplitter; joiner: LineJoiner<SplitLine> | undefined }>();

  const open = (path: string) => {
    const known = files.get(path);
    if (known !== undefined) return known;
    const splitter = createLineSplitter({
      ...(options.line_delimiter === undefined ? {} : { delimiter: String(options.line_delimiter) }),
      ...(options.max_line_bytes === undefined ? {} : { maxLineBytes: Number(options.max_line_bytes) }),
    });
    const file = { splitter, joiner: multiline && createLineJoiner<SplitLine>(multiline.mode) };
    files.set(path, file);
    return file;
  };
  const eventsOf = (path: string, groups: readonly SplitLine[][]): EngineEvent[] =>
    groups.map((group) => eventOf({ path, group, options, stamp, hostname }));
  const take = async (path: string, lines: readonly SplitLine[]): Promise<EngineEvent[]> => {
    const { joiner } = open(path);
    if (joiner === undefined || judge === undefined)
      return eventsOf(
        path,
        lines.map((line) => [line]),
      );
    return eventsOf(path, joiner.push(await judge.judge(lines)));
  };
  return {
    programs: judge === undefined ? [] : [judge.program],
    reads: (path) =>
      include.some((pattern) => matchesGlob({ pattern, path })) &&
      !exclude.some((pattern) => matchesGlob({ pattern, path })),
    push: (path, bytes) => take(path, open(path).splitter.push(bytes)),
    release: () => [...files].flatMap(([path, { joiner }]) => eventsOf(path, joiner?.release() ?? [])),
    end: (path) => take(path, open(path).splitter.end()),
  };
};

/** Vector's options that change which lines there are, beside those that nvl runs. */
const NOT_RUN = ['encoding', 'message_start_indicator', 'log_namespace'];

const multilineOf = (value: unknown): Multiline => {
  const { start_pattern: startPattern, condition_pattern: conditionPattern, mode: named } = objectOf(value);
  const mode = MULTILINE_MODES.find((one) => one === named);
  if (mode === undefined) throw new NotRunnable(`multiline.mode = ${JSON.stringify(named)}`);
  return { startPattern: String(startPattern), conditionPattern: String(conditionPattern), mode };
};

const NEWLINE = Buffer.from('\n');

const eventOf = ({
  path,
  group,
  options,
  stamp,
  hostname,
}: {
  path: string;
  group: readonly SplitLine[];
  options: ComponentConfig['options'];
  stamp: () => VrlTimestamp;
  hostname: string;
}): EngineEvent => {
  const bytes = Buffer.concat(group.flatMap((line, index) => (index === 0 ? [line.bytes] : [NEWLINE, line.bytes])));
  const named: [unknown, VrlValue][] = [
    ['message', textOfBytes(bytes)],
    ['source_type', 'file'],
    ['timestamp', stamp()],
    [options.host_key ?? 'host', hostname],
    [options.offset_key ?? '', BigInt(group[0]?.offset ?? 0)],
    [options.file_key ?? 'file', path],
  ];
  const members = named.flatMap(([name, value]): [string, VrlValue][] =>
    typeof name === 'string' && name !== '' ? [[name, value]] : [],
  );
  return {
    event: inOrder(members),
    metadata: {},
    secrets: {},
    lines: group.map(({ number }) => ({ file: path, number })),
  };
};
