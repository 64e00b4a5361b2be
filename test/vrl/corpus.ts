import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { VrlTable } from '../../lib/vrl/vrl.ts';

/** One `remap`, with Vector's options of these names. */
export type Step = { source: string; dropOnError: boolean; dropOnAbort: boolean };

/** Programs, one behind the other, and what goes into the first. */
export type CorpusCase = {
  id: string;
  steps: readonly Step[];
  /** As `parseExact` has values. */
  events: readonly Record<string, unknown>[];
  timezone?: string | undefined;
  tables: Readonly<Record<string, VrlTable>>;
};

/** What became of a case. */
export type CorpusAnswer = {
  /** What is said of the first program that is refused, as Vector prints it. */
  refused?: string;
  events: readonly { event: unknown; metadata: unknown }[];
  dropped: readonly { reason: string; message: string }[];
};

export const CORPUS_FOLDER = join(import.meta.dirname, 'corpus');

/** The cases of the files in `corpus/`; a case is a program, or one with events of its own. */
export const writtenCases = (): CorpusCase[] =>
  readdirSync(CORPUS_FOLDER)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .flatMap((name) => {
      const cases = parse(readFileSync(join(CORPUS_FOLDER, name), 'utf8'), { intAsBigInt: true }) as Written;
      return Object.entries(cases).map(([id, written]) => caseOf(`${name.replace('.yaml', '')}_${id}`, written));
    });

type Written = Record<string, string | (Omit<CorpusCase, 'id' | 'steps' | 'tables'> & { program: string })>;

const caseOf = (id: string, written: Written[string]): CorpusCase => {
  const { program, events, timezone } =
    typeof written === 'string' ? { program: written, events: [{}], timezone: undefined } : written;
  return { id, steps: [{ source: program, dropOnError: true, dropOnAbort: true }], events, timezone, tables: {} };
};
