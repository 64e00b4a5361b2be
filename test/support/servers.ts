import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Child, startChild } from './child.ts';
import { loki, pathOf, victoriaLogs } from './programs.ts';
import { waitUntil } from './wait.ts';

/** One line as a server answers it: its text, and every label and field it has beside it. */
export type StoredLine = { line: string; fields: Record<string, string> };

/** A real server that stores lines, on 127.0.0.1 with its data in a folder of the test's. */
export type LogServer = {
  address: string;
  /** All that it stores, in the order of its own time. */
  lines: () => Promise<StoredLine[]>;
  end: () => Promise<unknown>;
};

/** VictoriaLogs speaks Loki's and Elasticsearch's protocols; it keeps a line as it was pushed. */
export const startVictoriaLogs = async (folder: string): Promise<LogServer> => {
  const address = `http://127.0.0.1:${await freePort()}`;
  const child = await startServer({
    folder,
    binary: pathOf(victoriaLogs),
    args: [
      `-storageDataPath=${join(folder, 'victoria-logs')}`,
      `-httpListenAddr=${address.slice('http://'.length)}`,
      '-loki.disableMessageParsing',
    ],
    ready: `${address}/health`,
  });
  return {
    address,
    lines: async () => {
      const answer = await get(`${address}/select/logsql/query?query=${encodeURIComponent('*')}&limit=100000`);
      const rows = answer
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, string>);
      return rows
        .sort((a, b) => ((a._time ?? '') < (b._time ?? '') ? -1 : 1))
        .map(({ _msg: line = '', _stream, _stream_id, _time, ...fields }) => ({ line, fields }));
    },
    end: () => child.end(),
  };
};

/** Loki itself, as one process over a folder. */
export const startLoki = async (folder: string): Promise<LogServer> => {
  const [port, grpcPort] = [await freePort(), await freePort()];
  const address = `http://127.0.0.1:${port}`;
  await mkdir(join(folder, 'loki'), { recursive: true });
  await writeFile(join(folder, 'loki.yaml'), lokiConfig({ port, grpcPort, path: join(folder, 'loki') }));
  const child = await startServer({
    folder,
    binary: pathOf(loki),
    args: [`-config.file=${join(folder, 'loki.yaml')}`],
    ready: `${address}/ready`,
  });
  return {
    address,
    lines: async () => {
      const from = `${BigInt(Date.now() - 6 * 3_600_000) * 1_000_000n}`;
      const query = `query=${encodeURIComponent('{namespace=~".+"}')}&start=${from}&limit=5000&direction=forward`;
      const answer = JSON.parse(await get(`${address}/loki/api/v1/query_range?${query}`)) as LokiAnswer;
      return answer.data.result
        .flatMap(({ stream, values }) => values.map(([time, line]) => ({ time, line, fields: stream })))
        .sort((a, b) => (a.time < b.time ? -1 : 1))
        .map(({ line, fields }) => ({ line, fields }));
    },
    end: () => child.end(),
  };
};

/** Structured metadata stands beside the labels in the answer. */
type LokiAnswer = {
  data: { result: { stream: Record<string, string>; values: [time: string, line: string][] }[] };
};

const lokiConfig = ({ port, grpcPort, path }: { port: number; grpcPort: number; path: string }): string => `
auth_enabled: false
server:
  http_listen_address: 127.0.0.1
  http_listen_port: ${port}
  grpc_listen_address: 127.0.0.1
  grpc_listen_port: ${grpcPort}
  log_level: warn
common:
  instance_addr: 127.0.0.1
  path_prefix: ${path}
  replication_factor: 1
  ring: { kvstore: { store: inmemory } }
  storage: { filesystem: { chunks_directory: ${path}/chunks, rules_directory: ${path}/rules } }
schema_config:
  configs:
    - { from: 2024-01-01, store: tsdb, object_store: filesystem, schema: v13, index: { prefix: index_, period: 24h } }
limits_config:
  discover_service_name: []
  discover_log_levels: false
analytics: { reporting_enabled: false }
`;

const startServer = async ({
  folder,
  binary,
  args,
  ready,
}: {
  folder: string;
  binary: string;
  args: string[];
  ready: string;
}): Promise<Child> => {
  const child = await startChild(binary, args, { cwd: folder, logFile: join(folder, 'server.log') });
  await waitUntil(
    `${binary} to be ready`,
    async () => child.hasEnded() || (await fetch(ready, { signal: AbortSignal.timeout(2_000) })).ok,
    { timeoutMs: 60_000, everyMs: 100 },
  );
  if (child.hasEnded()) throw new Error(`${binary} did not start\n${await child.said()}`);
  return child;
};

const get = async (address: string): Promise<string> => {
  const response = await fetch(address, { signal: AbortSignal.timeout(10_000) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${address}: ${response.status} ${text}`);
  return text;
};

export const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
};
