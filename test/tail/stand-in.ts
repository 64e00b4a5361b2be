import type http from 'node:http';
import { onTestFinished } from 'vitest';
import type { LogStream } from '../../lib/link-name.ts';
import { metaHeaders, startFakeNomad } from '../nomad/fake-nomad.ts';
import { aRawAllocation, type GivenAllocation } from '../support/builders.ts';

// A Nomad that has allocations with logs, and answers about them as the real one does: its frames, its heartbeats (but faster), its errors.

type LogFile = { index: number; bytes: Buffer };
type Reader = { response: http.ServerResponse; log: string; file: number; offset: number };
/** What is answered in place of what is so. `times`: so often. */
export type Failure = { path: RegExp; status: number; text: string; times?: number };

export type GivenLogs = GivenAllocation & { createIndex?: number; isStarted?: boolean };

/** As Nomad lists it and tells it. */
export const anAllocationWithLogs = ({ createIndex = 1, isStarted = true, ...given }: GivenLogs = {}) => {
  const raw = aRawAllocation(given);
  const startedAt = isStarted ? '2026-01-01T00:00:00Z' : '0001-01-01T00:00:00Z';
  const states = Object.entries(raw.TaskStates).map(([name, state]) => [name, { ...state, StartedAt: startedAt }]);
  return { ...raw, CreateIndex: createIndex, JobVersion: 0, TaskStates: Object.fromEntries(states) as object };
};

export const startLogNomad = async () => {
  let allocations: ReturnType<typeof anAllocationWithLogs>[] = [];
  let jobs: Record<string, object> = {};
  let index = 10;
  let waiting: (() => void)[] = [];
  const failures: Failure[] = [];
  const logs = new Map<string, LogFile[]>();
  const readers = new Set<Reader>();
  const keyOf = (id: string, task: string, stream: LogStream): string => `${id} ${task} ${stream}`;
  const filesOf = (key: string): LogFile[] => logs.get(key) ?? [];

  const send = ({ response, log }: Reader, file: LogFile, from: number, to: number): void => {
    const [, task, stream] = log.split(' ');
    const frame = {
      File: `alloc/logs/${task}.${stream}.${file.index}`,
      // Where the piece ends that was read.
      Offset: to,
      Data: file.bytes.subarray(from, to).toString('base64'),
    };
    response.write(JSON.stringify(frame));
  };
  const pump = (reader: Reader): void => {
    for (;;) {
      const file = filesOf(reader.log).find(({ index: at }) => at >= reader.file);
      if (file === undefined) return;
      if (file.index > reader.file) Object.assign(reader, { file: file.index, offset: 0 });
      const to = Math.min(file.bytes.length, reader.offset + 65_536);
      if (to > reader.offset) {
        send(reader, file, reader.offset, to);
        reader.offset = to;
      } else if (filesOf(reader.log).some(({ index: at }) => at > file.index))
        Object.assign(reader, { file: file.index + 1, offset: 0 });
      else return;
    }
  };
  const openLog = (url: URL, id: string, response: http.ServerResponse): void => {
    const { task = '', type = 'stdout', origin, offset, follow } = Object.fromEntries(url.searchParams);
    const log = keyOf(id, task, type as LogStream);
    const files = filesOf(log);
    if (files.length === 0) {
      response.writeHead(404).end(`log entry for task "${task}" and log type "${type}" not found`);
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const reader: Reader = { response, log, ...placeOf({ files, origin, offset: Number(offset) }) };
    pump(reader);
    if (follow === 'false') {
      response.end();
      return;
    }
    readers.add(reader);
    response.on('close', () => readers.delete(reader));
  };
  const bodyOf = (url: URL): unknown => {
    const [, , kind, id = '', more] = url.pathname.split('/').map(decodeURIComponent);
    const namespace = url.searchParams.get('namespace') ?? '*';
    const seen = allocations.filter(({ Namespace }) => namespace === '*' || Namespace === namespace);
    const stubs = (list: typeof allocations) => list.map(({ Job: _, ...stub }) => stub);
    if (kind === 'job' && more === 'allocations') return stubs(seen.filter(({ JobID }) => JobID === id));
    if (kind === 'job') return jobs[id] ?? (seen.some(({ JobID }) => JobID === id) ? { ID: id } : undefined);
    if (kind === 'allocation') return allocations.find(({ ID }) => ID === id);
    if (kind !== 'allocations') return undefined;
    const [prefix, filter] = ['prefix', 'filter'].map((name) => url.searchParams.get(name));
    const [, job] = /^JobID == "(.*?)" or/.exec(filter ?? '') ?? [];
    return stubs(
      seen.filter(
        ({ ID, JobID }) =>
          ID.startsWith(prefix ?? '') && (job === undefined || JobID === job || JobID.startsWith(`${job}/`)),
      ),
    );
  };
  const failureOf = (path: string): Failure | undefined => {
    const failure = failures.find((one) => one.path.test(path) && one.times !== 0);
    if (failure?.times !== undefined) failure.times -= 1;
    return failure;
  };
  const { address, asked } = await startFakeNomad({
    answer: async (request, response) => {
      const url = new URL(request.url ?? '/', 'http://nomad');
      const failure = failureOf(url.pathname);
      if (failure !== undefined) {
        response.writeHead(failure.status).end(failure.text);
        return;
      }
      const [, logOf] = /^\/v1\/client\/fs\/logs\/(.+)$/.exec(url.pathname) ?? [];
      if (logOf !== undefined) return openLog(url, logOf, response);
      const isBlocked = () => Number(url.searchParams.get('index') ?? 0) >= index;
      while (isBlocked() && !response.closed) await new Promise<void>((resolve) => waiting.push(resolve));
      const body = bodyOf(url);
      const headers = { ...metaHeaders, 'x-nomad-index': String(index) };
      response.writeHead(body === undefined ? 404 : 200, headers).end(JSON.stringify(body ?? 'not found'));
    },
  });
  const beat = setInterval(() => {
    for (const { response } of readers) response.write('{}');
  }, 20);
  const news = (): void => {
    index += 1;
    const ready = waiting;
    waiting = [];
    for (const go of ready) go();
  };
  onTestFinished(() => {
    clearInterval(beat);
    news();
  });
  return {
    address,
    asked,
    failures,
    setAllocations: (next: typeof allocations) => {
      allocations = next;
      news();
    },
    setJobs: (next: typeof jobs) => {
      jobs = next;
    },
    /** Appends to the newest file of a log, or makes its first. */
    write: (id: string, text: string | Buffer, { task = 'app', stream = 'stdout' as LogStream } = {}) => {
      const key = keyOf(id, task, stream);
      const files = filesOf(key);
      const file = files.at(-1) ?? { index: 0, bytes: Buffer.alloc(0) };
      file.bytes = Buffer.concat([file.bytes, Buffer.from(text)]);
      logs.set(key, files.length === 0 ? [file] : files);
      for (const reader of readers) if (reader.log === key) pump(reader);
    },
    /** A further file; only the newest `keep` stay. */
    rotate: (id: string, { task = 'app', stream = 'stdout' as LogStream, keep = 10 } = {}) => {
      const key = keyOf(id, task, stream);
      const files = filesOf(key);
      files.push({ index: (files.at(-1)?.index ?? -1) + 1, bytes: Buffer.alloc(0) });
      logs.set(key, files.slice(-keep));
      for (const reader of readers) if (reader.log === key) pump(reader);
    },
    /** Breaks all logs that are open. */
    cut: () => {
      for (const { response } of readers) response.destroy();
      readers.clear();
    },
    reading: () => readers.size,
  };
};

/** @source https://github.com/hashicorp/nomad/blob/main/client/fs_endpoint.go `findClosest` */
const placeOf = ({
  files,
  origin,
  offset,
}: {
  files: readonly LogFile[];
  origin: string | undefined;
  offset: number;
}): { file: number; offset: number } => {
  const [first] = files;
  if (origin === 'start') return { file: first?.index ?? 0, offset };
  let back = offset;
  for (const file of [...files].reverse()) {
    if (back <= file.bytes.length) return { file: file.index, offset: file.bytes.length - back };
    back -= file.bytes.length;
  }
  return { file: first?.index ?? 0, offset: 0 };
};
