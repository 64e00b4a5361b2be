import { parseCsv } from '../pipelines/csv.ts';
import type { Vrl, VrlTable } from '../vrl/vrl.ts';
import { checkPrograms, type RefusedProgram } from './check-programs.ts';
import { buildComponents, type ComponentFault } from './components.ts';
import type { EngineEvent } from './event.ts';
import type { FileSource } from './file-source.ts';
import { type EngineStep, flowThrough } from './flow.ts';
import { readEngineConfig } from './read-config.ts';
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
  /** As much time passes as anything waits for. */
  release(): Promise<EngineStep>;
  /** These files are gone, so that a last line without its end is one. */
  end(paths: readonly string[]): Promise<EngineStep>;
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
}: {
  text: string;
  tables?: ReadonlyMap<string, string>;
  vrl: Vrl;
  /** For programs that the configuration names by their files. */
  readProgram?: ReadProgram;
  hostname?: string;
  /** When the first line is read, in ms since 1970. */
  startMs?: number;
}): Engine => {
  const config = readEngineConfig(text);
  const fed = [...config.tables].map(
    ([id, { path, schema }]) => [id, tableOf(tables.get(path) ?? '', schema)] as const,
  );
  const run = { tables: Object.fromEntries(fed), timezone: config.timezone ?? 'UTC' };
  const { sources, transforms, notRun } = buildComponents({ config, vrl, run, readProgram, hostname, startMs });

  /** What each source makes of those of these files that it reads. */
  const reading = async <File extends { path: string }>(
    files: readonly File[],
    each: (source: FileSource, file: File) => Promise<EngineEvent[]>,
  ): Promise<EngineStep> => {
    const from = new Map<string, readonly EngineEvent[]>();
    for (const { id, source } of sources) {
      const events: EngineEvent[] = [];
      for (const file of files) if (source.reads(file.path)) events.push(...(await each(source, file)));
      from.set(id, events);
    }
    return flowThrough({ transforms, from, atMs: startMs, isReleasing: false });
  };
  return {
    notRun,
    reads: (path) => sources.some(({ source }) => source.reads(path)),
    check: () => checkPrograms({ sources, transforms, vrl, run }),
    push: (chunks) => reading(chunks, (source, { path, bytes }) => source.push(path, bytes)),
    release: () => {
      const from = new Map(sources.map(({ id, source }) => [id, source.release()]));
      return flowThrough({ transforms, from, atMs: startMs, isReleasing: true });
    },
    end: (paths) =>
      reading(
        paths.map((path) => ({ path })),
        (source, { path }) => source.end(path),
      ),
  };
};

const tableOf = (csv: string, schema: Readonly<Record<string, string>>): VrlTable => {
  const [columns = [], ...rows] = parseCsv(csv);
  return { columns, rows, schema };
};
