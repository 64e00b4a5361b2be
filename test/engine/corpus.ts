import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parse } from 'yaml';

/** A configuration, what its files get, and whose events are looked at. */
export type EngineCase = {
  id: string;
  /** By the components' names, as Vector's options have them; `case-config.ts` adds what all have. */
  sources: Components;
  transforms: Components;
  /** What files get, by their paths: at first, and then, each time when all is read and time has passed, some more. */
  rounds: readonly Readonly<Record<string, Buffer>>[];
  /** Files that are there, and that no source reads. */
  unread: readonly string[];
  /** Files with VRL, by their paths. */
  programs: Readonly<Record<string, string>>;
  tables: Readonly<Record<string, TableFile>>;
  /** Outputs: `id`, or `id.port`. */
  observed: readonly string[];
  /** Vector keeps the order only among events that have the same value here: a field of the event. */
  inOrderOf?: string | undefined;
};

export type Components = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export type TableFile = { csv: string; schema?: Readonly<Record<string, string>> };

/** What comes out of each observed output, in order, as JSON that keeps all digits. */
export type EngineAnswer = Readonly<Record<string, readonly { event: unknown; metadata: unknown }[]>>;

export const CORPUS_FOLDER = join(import.meta.dirname, 'corpus');

/** The cases of the files in `corpus/`, with the file's name before theirs. */
export const writtenCases = (): EngineCase[] =>
  readdirSync(CORPUS_FOLDER)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .flatMap((name) => {
      const cases = parse(readFileSync(join(CORPUS_FOLDER, name), 'utf8')) as Record<string, Written>;
      return Object.entries(cases).map(([id, written]) => caseOf(`${name.replace('.yaml', '')}_${id}`, written));
    });

/** A text, its characters as bytes, a text so many times, something packed, or several of these one after the other. */
type WrittenBytes =
  | string
  | { latin1: string }
  | { repeat: string; times: number }
  | { gzip: WrittenBytes }
  | readonly WrittenBytes[];
type WrittenFiles = Readonly<Record<string, WrittenBytes>>;

type Written = {
  files: WrittenFiles;
  later?: readonly WrittenFiles[];
  observed: string | readonly string[];
  sources?: Components;
  transforms?: Components;
} & Partial<Pick<EngineCase, 'unread' | 'programs' | 'tables' | 'inOrderOf'>>;

const caseOf = (id: string, written: Written): EngineCase => {
  const { files, later = [], observed, sources = { in: {} }, transforms = {}, ...others } = written;
  return {
    id,
    sources,
    transforms,
    rounds: [files, ...later].map((round) =>
      Object.fromEntries(Object.entries(round).map(([path, bytes]) => [path, bytesOf(bytes)])),
    ),
    unread: [],
    programs: {},
    tables: {},
    observed: [observed].flat(),
    ...others,
  };
};

const bytesOf = (written: WrittenBytes): Buffer => {
  if (typeof written === 'string') return Buffer.from(written);
  if ('latin1' in written) return Buffer.from(written.latin1, 'latin1');
  if ('repeat' in written) return Buffer.from(written.repeat.repeat(written.times));
  if ('gzip' in written) return gzipSync(bytesOf(written.gzip));
  return Buffer.concat(written.map(bytesOf));
};
