import { NvlError } from '../errors.ts';
import { parseCsv } from '../pipelines/csv.ts';
import type { Vrl, VrlTable } from '../vrl/vrl.ts';
import { type ComponentProgram, checkPrograms, programsIn, type RefusedProgram } from './check-programs.ts';
import { buildComponents, type ComponentFault, type Components } from './components.ts';
import type { EngineEvent } from './event.ts';
import type { FileSource } from './file-source.ts';
import { type EngineStep, flowThrough } from './flow.ts';
import { type EngineConfig, readEngineConfig } from './read-config.ts';
import type { ReadProgram } from './transform.ts';

export type { EngineStep } from './flow.ts';

/**
 * A configuration of Vector's that runs in Node: lines of log files go in, and what each component makes of them comes out. It is for tests
 * and previews; nothing is read, sent or remembered.
 */
export type Engine = {
  /** Compiles all programs, and gives what Vector's compiler has against them. They are run only where it has nothing. */
  check(): Promise<RefusedProgram[]>;
  /** Whether a source reads the file of this path. */
  reads(path: string): boolean;
  /** What files have more, in their order. */
  push(chunks: readonly FileChunk[]): Promise<EngineStep>;
  /** What a source made elsewhere, in the place of what it would read. */
  take(source: string, events: readonly EngineEvent[]): Promise<EngineStep>;
  /** As much time passes as anything waits for. */
  release(): Promise<EngineStep>;
  /** These files are gone, so that a last line without its end is one. */
  end(paths: readonly string[]): Promise<EngineStep>;
  /** What it runs. */
  programs: readonly ComponentProgram[];
  /** What of the configuration does not run here. What comes behind it gets no events. */
  notRun: readonly ComponentFault[];
};

export type FileChunk = { path: string; bytes: Buffer };

/** Makes an engine of a configuration that Vector takes. `tables` are the enrichment tables' files by their paths, as CSV. */
export const createEngine = ({
  text,
  tables = new Map(),
  vrl,
  readProgram = () => undefined,
  hostname = 'localhost',
  startMs = Date.now(),
  now = () => startMs,
}: {
  text: string;
  tables?: ReadonlyMap<string, string>;
  vrl: Vrl;
  /** For programs that the configuration names by their files. */
  readProgram?: ReadProgram;
  hostname?: string;
  /** When the first line is read, in ms since 1970. */
  startMs?: number;
  /** The clock of a run that goes on while time passes, in ms since 1970. Without it no time passes. */
  now?: () => number;
}): Engine => {
  const config = readEngineConfig(text);
  const { timezone = 'UTC' } = config;
  const run = { tables: tablesOf({ config, files: tables }), timezone, tableTimezone: timezone };
  const { sources, transforms, notRun } = buildComponents({ config, vrl, run, readProgram, hostname, now });
  const flow = async (read: Read, isReleasing = false): Promise<EngineStep> => {
    const step = await flowThrough({ transforms, from: read.from, atMs: now(), isReleasing });
    return { ...step, failed: [...read.failed, ...step.failed] };
  };
  return {
    notRun,
    programs: programsIn({ sources, transforms }),
    reads: (path) => sources.some(({ source }) => source.reads(path)),
    check: () => checkPrograms({ sources, transforms, vrl, run }),
    push: async (files) =>
      flow(await readBy({ sources, files, each: (source, { path, bytes }) => source.push(path, bytes) })),
    take: (source, events) => flow({ from: new Map([[source, events]]), failed: [] }),
    release: () => flow({ from: new Map(sources.map(({ id, source }) => [id, source.release()])), failed: [] }, true),
    end: async (paths) => {
      const files = paths.map((path) => ({ path }));
      return flow(await readBy({ sources, files, each: (source, { path }) => source.end(path) }));
    },
  };
};

/** What came out of sources, by their ids, and those whose own program ended its thread. */
type Read = { from: ReadonlyMap<string, readonly EngineEvent[]>; failed: readonly ComponentFault[] };

/** What each source makes of those of these files that it reads. */
const readBy = async <File extends { path: string }>({
  sources,
  files,
  each,
}: {
  sources: Components['sources'];
  files: readonly File[];
  each: (source: FileSource, file: File) => Promise<EngineEvent[]>;
}): Promise<Read> => {
  const from = new Map<string, readonly EngineEvent[]>();
  const failed: ComponentFault[] = [];
  for (const { id, source } of sources) {
    const events: EngineEvent[] = [];
    for (const file of files.filter(({ path }) => source.reads(path))) {
      try {
        // One by one: a call has no place for as many arguments as a file may have lines.
        for (const event of await each(source, file)) events.push(event);
      } catch (error) {
        if (!(error instanceof NvlError)) throw error;
        failed.push({ component: id, error });
      }
    }
    from.set(id, events);
  }
  return { from, failed };
};

const tablesOf = ({
  config,
  files,
}: {
  config: EngineConfig;
  /** By their paths, as CSV. */
  files: ReadonlyMap<string, string>;
}): Readonly<Record<string, VrlTable>> =>
  Object.fromEntries([...config.tables].map(([id, { path, schema }]) => [id, tableOf(files.get(path) ?? '', schema)]));

const tableOf = (csv: string, schema: Readonly<Record<string, string>>): VrlTable => {
  const [columns = [], ...rows] = parseCsv(csv);
  return { columns, rows, schema };
};
