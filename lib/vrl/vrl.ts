import { NvlError } from '../errors.ts';
import { readAnswer, readResults, type VrlEvent, type VrlResult, type VrlVerdict, type VrlVersion } from './answers.ts';
import type { VrlNews, VrlOrder } from './messages.ts';
import { readVrlModule, vrlModuleFile } from './module-file.ts';
import { toTagged, type VrlValue } from './values.ts';
import { startVrlWorker, type VrlWorker } from './vrl-worker.ts';
import type { WasmModule } from './web-assembly.ts';

/** A program and the name by which errors speak of it. */
export type VrlProgram = {
  name: string;
  source: string;
  /** `condition`: of a filter or a route. It changes nothing, and is true or false. */
  kind?: 'remap' | 'condition';
};

/** An enrichment table; `schema` is Vector's option of this name. */
export type VrlTable = {
  columns: readonly string[];
  rows: readonly (readonly VrlValue[])[];
  schema?: Readonly<Record<string, string>>;
};

export type VrlRunOptions = {
  tables?: Readonly<Record<string, VrlTable>>;
  /** Of timestamps that name no zone; UTC without it. */
  timezone?: string;
  /** The same for those in the tables; `timezone` without it. */
  tableTimezone?: string;
  /** What `now()` says to all events, in RFC 3339; the clock's time without it. */
  now?: string;
  /** Asks for the value of the last expression. */
  withValue?: boolean;
};

/** The results are one an event; there are none where the program was refused. */
export type VrlRun = { verdict: VrlVerdict; results: readonly VrlResult[] };

/**
 * Vector's own VRL, compiled and run in a thread, one call after the other. A call that takes too long, wants too much memory or finds a
 * bug in the compiler rejects with an `NvlError` that names the program, and the calls behind it have a new thread.
 */
export type Vrl = {
  version(): Promise<VrlVersion>;
  /** `tables` names the tables there are, each with its columns, or null where they are not known. */
  check(program: VrlProgram, tables?: Readonly<Record<string, readonly string[] | null>>): Promise<VrlVerdict>;
  /** Each event runs for itself. A compiled program is kept for the next call. */
  run(program: VrlProgram, events: readonly VrlEvent[], options?: VrlRunOptions): Promise<VrlRun>;
  /** Ends the thread, also in the middle of a call. */
  close(): Promise<void>;
};

/** Nothing is read or started before the first call. */
export const createVrl = ({
  limitMs = 10_000,
  maxMemoryMib = 512,
  moduleFile = vrlModuleFile(),
  readModule = () => readVrlModule(moduleFile),
}: {
  /** How long a call may take, by the clock and by processor time. */
  limitMs?: number;
  maxMemoryMib?: number;
  moduleFile?: string;
  /** For several that share one. */
  readModule?: () => Promise<WasmModule>;
} = {}): Vrl => {
  const { ask, close } = threadsOf({ limitMs, maxMemoryMib, readModule });
  return {
    version: async () => readAnswer((await ask({ kind: 'version' }, 'none')).verdict),
    check: async (program, tables = {}) => {
      const { verdict } = await ask({ kind: 'check', compile: compileRequest(program, tables) }, program.name);
      return readAnswer(verdict);
    },
    run: async (program, events, options = {}) => {
      const { verdict, ran } = await ask(runOrder({ program, events, options }), program.name);
      return { verdict: readAnswer(verdict), results: ran === undefined ? [] : readResults(ran) };
    },
    close,
  };
};

type Threads = {
  /** `program`: how errors speak of it. */
  ask(order: VrlOrder, program: string): Promise<Answer>;
  close(): Promise<void>;
};

/** One thread after the other: each until an order ends it. */
const threadsOf = ({
  limitMs,
  maxMemoryMib,
  readModule,
}: {
  limitMs: number;
  maxMemoryMib: number;
  readModule: () => Promise<WasmModule>;
}): Threads => {
  let module: Promise<WasmModule> | undefined;
  let thread: VrlWorker | undefined;
  let worker: Promise<VrlWorker> | undefined;
  let isClosed = false;

  const start = async (): Promise<VrlWorker> => {
    module ??= readModule();
    const workerData = { module: await module, maxMemoryMib };
    if (isClosed) throw new Error(CLOSED);
    thread = startVrlWorker(workerData);
    // What a thread takes to begin is no program's fault.
    const news = await thread.ask({ kind: 'version' }, START_LIMIT_MS);
    if (isClosed) throw new Error(CLOSED);
    if (news.kind !== 'answer') throw troubleOf({ news, program: 'none yet', limitMs: START_LIMIT_MS, maxMemoryMib });
    return thread;
  };
  const ask = async (order: VrlOrder, program: string): Promise<Answer> => {
    let isAgain = false;
    for (;;) {
      if (isClosed) throw new Error(CLOSED);
      worker ??= start();
      const asked = worker;
      const news = await asked.then(
        (started) => started.ask(order, limitMs),
        (error: unknown) => {
          if (worker === asked) worker = undefined;
          throw error;
        },
      );
      if (news.kind === 'answer') return news;
      if (worker === asked) worker = undefined;
      if (isClosed) throw new Error(CLOSED);
      // Another program's end was this thread's.
      if (news.kind === 'unasked') continue;
      // What other programs took, which the thread keeps, is not this one's fault: it has a new thread once.
      const isFull = news.kind === 'broken' && news.how.kind === 'memory';
      if (isAgain || !isFull) throw troubleOf({ news, program, limitMs, maxMemoryMib });
      isAgain = true;
    }
  };
  return {
    ask,
    close: async () => {
      isClosed = true;
      await thread?.end();
    },
  };
};

type Answer = Extract<VrlNews, { kind: 'answer' }>;

const CLOSED = 'VRL was closed';

/** A busy machine takes seconds. */
const START_LIMIT_MS = 60_000;

const compileRequest = (
  { source, kind = 'remap' }: VrlProgram,
  tables: Readonly<Record<string, readonly string[] | null>>,
): string => JSON.stringify({ program: source, kind, tables });

/** An engine runs each of its programs with the same tables: they are written once. */
const tablesRequest = (tables: NonNullable<VrlRunOptions['tables']>, timezone: string | undefined): string => {
  const known = WRITTEN.get(tables);
  if (known !== undefined && known.timezone === timezone) return known.text;
  const fed = Object.entries(tables).map(([id, table]) => [
    id,
    { ...table, rows: table.rows.map((row) => row.map(toTagged)) },
  ]);
  const text = JSON.stringify({ tables: Object.fromEntries(fed), timezone });
  WRITTEN.set(tables, { timezone, text });
  return text;
};

const WRITTEN = new WeakMap<object, { timezone: string | undefined; text: string }>();

const runOrder = ({
  program,
  events,
  options: { tables = {}, timezone, tableTimezone = timezone, now, withValue },
}: {
  program: VrlProgram;
  events: readonly VrlEvent[];
  options: VrlRunOptions;
}): VrlOrder => {
  const columns = Object.fromEntries(Object.entries(tables).map(([id, table]) => [id, table.columns]));
  const tagged = events.map(({ event, metadata, secrets }) => ({
    event: toTagged(event),
    metadata: metadata === undefined ? undefined : toTagged(metadata),
    secrets,
  }));
  return {
    kind: 'run',
    compile: compileRequest(program, columns),
    tables: tablesRequest(tables, tableTimezone),
    events: JSON.stringify(tagged),
    options: { now, timezone, withValue },
  };
};

const troubleOf = ({
  news,
  program,
  limitMs,
  maxMemoryMib,
}: {
  news: Exclude<VrlNews, Answer> | { kind: 'late' } | { kind: 'unasked' };
  program: string;
  limitMs: number;
  maxMemoryMib: number;
}): NvlError => {
  if (news.kind === 'late')
    return new NvlError('vrlLate', {
      message: `a VRL program took more than ${limitMs} ms, and was ended`,
      facts: { program },
      advice: 'give it fewer events at once, or look for what makes it slow',
    });
  if (news.kind === 'broken' && news.how.kind === 'memory')
    return new NvlError('vrlMemory', {
      message: `a VRL program needed more than ${maxMemoryMib} MiB of memory, and was ended`,
      facts: { program },
      advice: 'give it fewer events at once, or look for what makes them grow',
    });
  return new NvlError('vrlPanicked', {
    message: 'a VRL program ended the compiler that runs it',
    facts: { program, said: saidBy(news) },
    advice: 'this is a bug of VRL or nvl; please report it with the program',
  });
};

const saidBy = (news: Parameters<typeof troubleOf>[0]['news']): string =>
  news.kind === 'broken' && news.how.kind === 'panicked' ? news.how.said : 'its thread has ended';
