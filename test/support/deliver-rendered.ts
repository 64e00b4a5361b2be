import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { linkNameOf } from '../../lib/files/log-name.ts';
import type { Rendered } from '../../lib/render/render.ts';
import { rowsFolder } from '../../lib/render/tables.ts';
import { vectorTableFiles } from '../../lib/render/vector-tables.ts';
import { LINKS } from './builders.ts';
import { type DeliveredEvent, fileSink, readEvents, startVector } from './vector.ts';
import { waitUntil } from './wait.ts';

/** A sink template that writes to where `deliverRendered` reads. */
export const RENDERED_SINK = fileSink({ id: 'all', inputs: ['{{input}}'], file: `${LINKS}/../delivered.ndjson` });

/**
 * What a real Vector makes of a rendered node whose only sink is `RENDERED_SINK`: it runs on the file and the table, with
 * these lines where each task's pipeline looks for them, until `isDone`.
 */
export const deliverRendered = async ({
  rendered: { text, rows },
  logs,
  isDone,
  timeoutMs = 40_000,
  everyMs = 100,
}: {
  rendered: Pick<Rendered, 'text' | 'rows'>;
  logs: Logs;
  /** Of all that was delivered by then, as JSON. */
  isDone: (delivered: string) => boolean;
  timeoutMs?: number;
  /** How often is asked: all that was delivered is read for it. */
  everyMs?: number;
}): Promise<DeliveredEvent[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-rendered-'));
  try {
    const delivered = join(folder, 'delivered.ndjson');
    const { config, writeLogs } = await writeRendered({ rendered: { text, rows }, folder });
    await writeLogs(logs);
    const vector = await startVector({ folder, configs: [config] });
    try {
      const isThere = async () => isDone(await readFile(delivered, 'utf8').catch(() => ''));
      await waitUntil('all events', isThere, { timeoutMs, everyMs });
    } finally {
      await vector.end();
    }
    return await readEvents(delivered);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** By the task's stem, then by stream and index as Nomad writes them (`stdout.0`): lines, or bytes as they are. */
export type Logs = ReadonlyMap<string, Readonly<Record<string, readonly string[] | Buffer>>>;

/** Writes a rendered node into a folder, as Vector reads it: the file and the tables, and what writes the tasks' lines. */
export const writeRendered = async ({
  rendered: { text, rows },
  folder,
}: {
  rendered: Pick<Rendered, 'text' | 'rows'>;
  folder: string;
}): Promise<{ config: string; writeLogs: (logs: Logs) => Promise<void> }> => {
  const linksDir = join(folder, 'links');
  for (const [file, table] of vectorTableFiles({ text, rows, linksDir })) await write(file, table);
  const config = join(folder, 'nomad.toml');
  await writeFile(
    config,
    text
      .replaceAll(LINKS, linksDir)
      .replaceAll(rowsFolder(LINKS), rowsFolder(linksDir))
      .replaceAll(sliceBelow(LINKS), sliceBelow(linksDir)),
  );
  const writeLogs = async (logs: Logs): Promise<void> => {
    for (const { stem, pipeline } of rows)
      for (const [name, lines] of Object.entries(logs.get(stem) ?? {}))
        await write(
          join(linksDir, pipeline, linkNameOf({ id: stem, name: `${stem}.${name}` })),
          Buffer.isBuffer(lines) ? lines : lines.map((line) => `${line}\n`).join(''),
        );
  };
  return { config, writeLogs };
};

const write = async (file: string, text: string | Buffer): Promise<void> => {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
};

/** How VRL begins that cuts away this folder from a file's path. */
const sliceBelow = (linksDir: string): string => `slice(string(.file) ?? "", ${Buffer.byteLength(linksDir) + 1},`;
