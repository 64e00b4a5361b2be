import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { TABLE_ID } from '../../lib/ids.ts';
import type { Row } from '../../lib/pipelines/row.ts';
import { tableText } from '../../lib/pipelines/table.ts';
import { pathOf, vector } from '../support/programs.ts';

export type Event = Record<string, unknown>;

/** One way from an event to the sink: what the event is, then blocks of which the last is the one called `last`. */
export type Chain = { events: readonly Event[]; first: string; blocks: string; last: string };

/**
 * Runs chains in one real Vector, beside a table with these rows, until the events have passed; what arrived, by the field
 * `number` of each.
 */
export const runChains = (chains: readonly Chain[], rows: readonly Row[]): Map<unknown, Event> => {
  const folder = mkdtempSync(join(tmpdir(), 'nvl-rows-'));
  try {
    writeFileSync(join(folder, 'tasks.csv'), tableText(rows));
    const parts = chains.map(
      ({ events, first, blocks }) =>
        // A list of events leaves as that many; JSON has each value as it is.
        `[transforms.${first}]\ntype = "remap"\ninputs = ["in"]\nsource = '''\n. = [${events.map(literal).join(', ')}]\n'''\n${blocks}\n`,
    );
    writeFileSync(join(folder, 'vector.toml'), [head(folder, chains), ...parts].join('\n'));
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

const head = (folder: string, chains: readonly Chain[]): string => `data_dir = "${folder}"

[enrichment_tables.${TABLE_ID}]
type = "file"
file.path = "${join(folder, 'tasks.csv')}"
file.encoding.type = "csv"

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
const literal = (event: Event): string => JSON.stringify(event);
