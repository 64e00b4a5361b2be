import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { CELLS_ID } from '../../lib/ids.ts';
import type { Row } from '../../lib/pipelines/row.ts';
import { type LabelTable, labelTableComment } from '../../lib/render/labels/label-tables.ts';
import { vectorTableName } from '../../lib/render/tables.ts';
import { vectorTables } from '../../lib/render/vector-tables.ts';
import { pathOf, vector } from '../support/programs.ts';

export type Event = Record<string, unknown>;

/** One way from an event to the sink: what the event is, then blocks of which the last is the one called `last`. */
export type Chain = {
  events: readonly Event[];
  first: string;
  blocks: string;
  last: string;
  /** The tables of labels that its blocks read, of the pipeline "p". */
  tables: readonly LabelTable[];
};

/**
 * Runs chains in one real Vector, beside a table with these rows, until the events have passed; what arrived, by the field
 * `number` of each.
 */
export const runChains = (chains: readonly Chain[], rows: readonly Row[]): Map<unknown, Event> => {
  const folder = mkdtempSync(join(tmpdir(), 'nvl-rows-'));
  try {
    // Each row stands where each chain may look for it; nvl has it in one.
    const tables = new Map([...vectorTables({ text: '', rows })]);
    for (const table of chains.flatMap((chain) => chain.tables))
      for (const [id, text] of vectorTables({
        text: `# nvl:p p\n# Columns: \n${labelTableComment(table)}\n`,
        rows: [...rows],
      }))
        if (id !== CELLS_ID) tables.set(id, text);
    for (const [id, text] of tables) writeFileSync(join(folder, vectorTableName(id)), text);
    const parts = chains.map(
      ({ events, first, blocks }) =>
        // A list of events leaves as that many; JSON has each value as it is.
        `[transforms.${first}]\ntype = "remap"\ninputs = ["in"]\nsource = '''\n. = [${events.map(literal).join(', ')}]\n'''\n${blocks}\n`,
    );
    writeFileSync(join(folder, 'vector.toml'), [head(folder, chains, [...tables.keys()]), ...parts].join('\n'));
    const stdout = execFileSync(pathOf(vector), ['-q', '-c', join(folder, 'vector.toml')], {
      env: { ...process.env, VECTOR_LOG: 'error' },
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      timeout: 50_000,
    });
    const found = stdout.split('\n').filter((line) => line !== '');
    return new Map(found.map((line) => [parse(line).number, parse(line)]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const head = (folder: string, chains: readonly Chain[], tables: readonly string[]): string => `data_dir = "${folder}"

${tables
  .map(
    (id) => `[enrichment_tables.${id}]
type = "file"
file.path = "${join(folder, vectorTableName(id))}"
file.encoding.type = "csv"
`,
  )
  .join('\n')}
[sources.in]
type = "demo_logs"
format = "shuffle"
lines = ["x"]
count = 2
interval = 0.5

[sinks.out]
type = "console"
inputs = [${chains.map(({ last }) => `"${last}"`).join(', ')}]
encoding.codec = "json"
`;

/** Plain names and values alone: what is hostile stands in the table. */
const literal = (event: Event): string => JSON.stringify(event).replaceAll(/\\u([0-9a-f]{4})/g, '\\u{$1}');
