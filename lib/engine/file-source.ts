import { objectOf, textsOf } from '../json.ts';
import { matchesGlob, matchesName } from '../vector/config/glob.ts';
import type { VrlObject, VrlTimestamp } from '../vrl/values.ts';
import type { Vrl, VrlProgram } from '../vrl/vrl.ts';
import { type EngineEvent, sorted } from './event.ts';
import { fieldNamesIn, withFieldAt } from './field-path.ts';
import {
  createLineJoiner,
  type JudgedLine,
  type LineJoiner,
  MULTILINE_MODES,
  type Multiline,
  type MultilineMode,
} from './join-lines.ts';
import { createLineJudge } from './judge-lines.ts';
import type { ComponentConfig } from './read-config.ts';
import { createLineSplitter, type LineSplitter, type SplitLine } from './split-lines.ts';
import { textOfBytes } from './text-of-bytes.ts';
import { NotRunnable } from './transform.ts';
import { unpack } from './unpack.ts';

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
  if (options.read_from === 'end') throw new NotRunnable('it reads nothing that is there already: read_from = "end"');
  if (options.line_delimiter === '') throw new NotRunnable('its line_delimiter is empty');
  const multiline = options.multiline === undefined ? undefined : multilineOf(options.multiline);
  const judge = multiline && createLineJudge({ id, vrl, multiline });
  const keys = keysIn(options);
  const [include, exclude] = [textsOf(options.include), textsOf(options.exclude)];
  const files = openFiles({ options, mode: multiline?.mode });

  const eventsOf = (path: string, groups: readonly SplitLine[][]): EngineEvent[] =>
    groups.map((group) => eventOf({ path, group, keys, stamp, hostname }));
  const take = async (path: string, lines: readonly SplitLine[]): Promise<EngineEvent[]> => {
    if (judge !== undefined) return eventsOf(path, files.join(path, await judge.judge(lines)));
    return eventsOf(
      path,
      lines.map((line) => [line]),
    );
  };
  return {
    programs: judge === undefined ? [] : [judge.program],
    reads: (path) =>
      include.some((pattern) => matchesGlob({ pattern, path })) &&
      !exclude.some((pattern) => matchesName({ pattern, name: path }) || matchesGlob({ pattern, path })),
    push: (path, bytes) => take(path, files.split(path, bytes)),
    release: () => files.release().flatMap(({ path, groups }) => eventsOf(path, groups)),
    end: (path) => take(path, files.end(path)),
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

/** The lines of files, each with what it has of an unfinished line and of one that waits for more. */
const openFiles = ({
  options,
  mode,
}: {
  options: ComponentConfig['options'];
  /** Where lines are joined. */
  mode: MultilineMode | undefined;
}) => {
  type OpenFile = { splitter: LineSplitter; joiner: LineJoiner<SplitLine> | undefined; isPacked: boolean };
  const files = new Map<string, OpenFile>();
  const open = (path: string, isPacked = false): OpenFile => {
    const known = files.get(path);
    if (known !== undefined) return known;
    const splitter = createLineSplitter({
      ...(options.line_delimiter === undefined ? {} : { delimiter: String(options.line_delimiter) }),
      ...(options.max_line_bytes === undefined ? {} : { maxLineBytes: Number(options.max_line_bytes) }),
    });
    const file = { splitter, joiner: mode && createLineJoiner<SplitLine>(mode), isPacked };
    files.set(path, file);
    return file;
  };
  return {
    split: (path: string, bytes: Buffer): SplitLine[] => {
      const unpacked = files.has(path) ? undefined : unpack(bytes);
      const { splitter, isPacked } = open(path, unpacked !== undefined);
      // What a packed file gets later is not read.
      return splitter.push(unpacked ?? (isPacked ? Buffer.alloc(0) : bytes));
    },
    join: (path: string, lines: readonly JudgedLine<SplitLine>[]) => open(path).joiner?.push(lines) ?? [],
    release: () => [...files].map(([path, { joiner }]) => ({ path, groups: joiner?.release() ?? [] })),
    end: (path: string): SplitLine[] => open(path).splitter.end(),
  };
};

const NEWLINE = Buffer.from('\n');

const eventOf = ({
  path,
  group,
  keys,
  stamp,
  hostname,
}: {
  path: string;
  group: readonly SplitLine[];
  keys: SourceKeys;
  stamp: () => VrlTimestamp;
  hostname: string;
}): EngineEvent => {
  const bytes = Buffer.concat(group.flatMap((line, index) => (index === 0 ? [line.bytes] : [NEWLINE, line.bytes])));
  let event: VrlObject = { message: textOfBytes(bytes), source_type: 'file', timestamp: stamp() };
  // One behind the other, as a later one takes the place of what stands in its way.
  const offset = BigInt(group[0]?.offset ?? 0);
  for (const [names, value] of [
    [keys.host, hostname],
    [keys.offset, offset],
    [keys.file, path],
  ] as const)
    if (names !== undefined) event = withFieldAt(event, names, value);
  return {
    event: sorted(event),
    metadata: {},
    secrets: {},
    lines: group.map(({ number }) => ({ file: path, number })),
  };
};

/** The names of the fields for where an event comes from; undefined for one that it does not get. */
type SourceKeys = Readonly<Record<'host' | 'offset' | 'file', readonly string[] | undefined>>;

const keysIn = ({ host_key = 'host', offset_key = '', file_key = 'file' }: ComponentConfig['options']): SourceKeys => {
  const named = (value: unknown, option: string) => (value === '' ? undefined : fieldNamesIn(value, option));
  return {
    host: named(host_key, 'host_key'),
    offset: named(offset_key, 'offset_key'),
    file: named(file_key, 'file_key'),
  };
};
