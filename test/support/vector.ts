import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Child, startChild } from './child.ts';
import { pathOf, vector } from './programs.ts';
import { waitFor, waitUntil } from './wait.ts';

/** One delivered event, as a sink with `encoding.codec = "json"` writes it. */
export type DeliveredEvent = {
  message?: string;
  timestamp?: string;
  file?: string;
  nomad?: Record<string, string>;
  [field: string]: unknown;
};

export type RunningVector = Child & {
  dataDir: string;
  /** SIGHUP, and waits until it says that it has loaded the configuration anew; rejects when it says it has not. */
  reload: () => Promise<void>;
};

/**
 * Starts a real Vector on these configuration files and waits until it runs. It keeps its data in `<folder>/data`
 * (written to a configuration of its own, as none of the given ones may set `data_dir`) and its log in `<folder>/vector.log`.
 */
export const startVector = async ({
  folder,
  configs,
  args = [],
  env = process.env,
}: {
  folder: string;
  configs: string[];
  args?: string[];
  env?: NodeJS.ProcessEnv;
}): Promise<RunningVector> => {
  const dataDir = join(folder, 'data');
  await mkdir(dataDir, { recursive: true });
  const globals = join(folder, 'globals.toml');
  await writeFile(globals, `data_dir = ${JSON.stringify(dataDir)}\n`);
  const child = await startChild(pathOf(vector), [...[globals, ...configs].flatMap((file) => ['-c', file]), ...args], {
    cwd: folder,
    env,
    logFile: join(folder, 'vector.log'),
  });
  await waitUntil(
    'Vector to start',
    async () => child.hasEnded() || (await child.said()).includes('Vector has started'),
    { timeoutMs: 90_000 },
  );
  if (child.hasEnded()) throw new Error(`Vector did not start\n${await child.said()}`);
  return { ...child, dataDir, reload: () => reload(child) };
};

/** The toml of a sink that appends each event of these inputs to a file as JSON, acknowledged when it is there. */
export const fileSink = ({
  id = 'delivered',
  inputs = ['nomad_logs'],
  file,
}: {
  id?: string;
  inputs?: string[];
  file: string;
}): string => `
[sinks.${id}]
type = "file"
inputs = ${JSON.stringify(inputs)}
path = ${JSON.stringify(file)}
encoding.codec = "json"
acknowledgements.enabled = true
`;

/** The lines of a sink's file, without a last one that is still being written; none while there is no file yet. */
export const readDelivered = async (file: string): Promise<string[]> => {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').slice(0, -1);
};

export const readEvents = async (file: string): Promise<DeliveredEvent[]> =>
  (await readDelivered(file)).map((line) => JSON.parse(line) as DeliveredEvent);

/** Waits until this many events were delivered, and gives all there are. */
export const waitForEvents = ({
  file,
  count,
  timeoutMs = 20_000,
}: {
  file: string;
  count: number;
  timeoutMs?: number;
}): Promise<DeliveredEvent[]> =>
  waitFor(
    `${count} events in ${file}`,
    async () => {
      const events = await readEvents(file);
      return events.length >= count ? events : undefined;
    },
    { timeoutMs, everyMs: 100 },
  );

const reload = async (child: Child): Promise<void> => {
  const before = (await child.said()).length;
  child.kill('SIGHUP');
  const outcome = await waitFor(
    'Vector to reload',
    async () => /Vector has reloaded|reload aborted/.exec((await child.said()).slice(before))?.[0],
    { timeoutMs: 40_000 },
  );
  if (outcome !== 'Vector has reloaded')
    throw new Error(`Vector did not reload\n${(await child.said()).slice(before)}`);
};
