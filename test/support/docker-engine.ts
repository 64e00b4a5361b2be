import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a container wrote. `text` is what stands in one frame: a long line comes in several, of which the last has a newline. */
type Written = { stream: Stream; atMs: number; nanos: number; text: string };
type Stream = 'stdout' | 'stderr';
type Container = {
  id: string;
  name: string;
  labels: Record<string, string>;
  isRunning: boolean;
  written: Written[];
  followers: Set<ServerResponse>;
};

export type DockerEngine = {
  /** As Vector is told where it is: `unix:///…`. */
  host: string;
  /** Starts a container as Nomad's docker driver does: named `<task>-<allocation>`, labelled with the allocation. */
  start(container: { task: string; allocId: string; labels?: Record<string, string> }): EngineContainer;
  /** How often each endpoint was asked. */
  asked: Map<string, number>;
  end(): Promise<void>;
};

export type EngineContainer = {
  print(line: string, stream?: Stream): void;
  /** It exits, and Nomad's driver removes it. */
  stop(): void;
};

/** As the engine splits what a container prints (daemon/logger/copier.go). */
const MOST_IN_FRAME = 16_384;

/**
 * A stand-in for the docker engine: as much of its API, over a unix socket, as a reader of logs asks for: the list of containers, one
 * of them, events, and logs as multiplexed frames, each with a header of eight bytes and the time in front.
 *
 * @source https://docs.docker.com/reference/api/engine/version/v1.43/#tag/Container/operation/ContainerAttach
 */
export const startDockerEngine = async (): Promise<DockerEngine> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-docker-'));
  const socket = join(folder, 'docker.sock');
  const containers = new Map<string, Container>();
  const listeners = new Set<{ response: ServerResponse; labels: string[] }>();
  const asked = new Map<string, number>();
  const server = createServer((request, response) => answer({ request, response, containers, listeners, asked }));
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  let count = 0;
  const tell = (container: Container, action: string) => {
    for (const { response, labels } of listeners)
      if (hasLabels(container, labels)) response.write(`${JSON.stringify(eventOf(container, action))}\n`);
  };
  return {
    host: `unix://${socket}`,
    asked,
    start: ({ task, allocId, labels = { 'com.hashicorp.nomad.alloc_id': allocId } }) => {
      count += 1;
      const id = String(count).padStart(64, 'c0ffee');
      const name = `${task}-${allocId}`;
      const container: Container = { id, name, labels, isRunning: true, written: [], followers: new Set() };
      containers.set(id, container);
      tell(container, 'start');
      return {
        print: (line, stream = 'stdout') => print({ container, line, stream }),
        stop: () => {
          container.isRunning = false;
          for (const follower of container.followers) follower.end();
          tell(container, 'die');
          containers.delete(id);
        },
      };
    },
    end: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const answer = ({
  request,
  response,
  containers,
  listeners,
  asked,
}: {
  request: IncomingMessage;
  response: ServerResponse;
  containers: ReadonlyMap<string, Container>;
  listeners: Set<{ response: ServerResponse; labels: string[] }>;
  asked: Map<string, number>;
}): void => {
  const url = new URL(request.url ?? '/', 'http://docker');
  const path = url.pathname.replace(/^\/v1\.\d+/, '');
  const [, , id = '', what = ''] = path.split('/');
  const labels = labelsIn(url.searchParams.get('filters'));
  const container = containers.get(id);
  const kind = id === '' || path === '/containers/json' ? path : `/containers/{id}/${what}`;
  asked.set(kind, (asked.get(kind) ?? 0) + 1);
  const json = (status: number, body: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (path === '/_ping') response.end('OK');
  else if (path === '/version') json(200, { ApiVersion: '1.43', MinAPIVersion: '1.12', Version: '24.0.0' });
  else if (path === '/containers/json')
    json(
      200,
      [...containers.values()]
        .filter((one) => one.isRunning && hasLabels(one, labels))
        .map((one) => ({ Id: one.id, Names: [`/${one.name}`], Labels: one.labels, State: 'running' })),
    );
  else if (path === '/events') {
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    const listener = { response, labels };
    listeners.add(listener);
    response.once('close', () => listeners.delete(listener));
  } else if (container === undefined) json(404, { message: `No such container: ${id}` });
  else if (what === 'json')
    json(200, {
      Id: id,
      Name: `/${container.name}`,
      Created: new Date().toISOString(),
      State: { Status: 'running', Running: true },
      Config: { Image: 'busybox:1', Labels: container.labels, Tty: false },
    });
  else logs({ container, response, since: Number(url.searchParams.get('since') ?? 0) });
};

/** Both forms that clients write: `{"label":["a"]}` and `{"label":{"a":true}}`. */
const labelsIn = (filters: string | null): string[] => {
  const { label = [] } = JSON.parse(filters ?? '{}') as { label?: string[] | Record<string, boolean> };
  return Array.isArray(label) ? label : Object.keys(label);
};

const hasLabels = ({ labels }: Container, wanted: readonly string[]): boolean =>
  wanted.every((label) => Object.hasOwn(labels, label));

const eventOf = ({ id, name, labels }: Container, action: string) => ({
  Type: 'container',
  Action: action,
  Actor: { ID: id, Attributes: { image: 'busybox:1', name, ...labels } },
  scope: 'local',
  time: Math.floor(Date.now() / 1_000),
  timeNano: Date.now() * 1_000_000,
});

/** Follows until the container ends or the client goes. */
const logs = ({ container, response, since }: { container: Container; response: ServerResponse; since: number }) => {
  response.writeHead(200, { 'content-type': 'application/vnd.docker.multiplexed-stream' }).flushHeaders();
  for (const one of container.written) if (one.atMs >= since * 1_000) response.write(frameOf(one));
  container.followers.add(response);
  response.once('close', () => container.followers.delete(response));
};

let lastNanos = 0;

const print = ({ container, line, stream }: { container: Container; line: string; stream: Stream }): void => {
  const bytes = `${line}\n`;
  const atMs = Date.now();
  lastNanos = (lastNanos + 1) % 1_000_000;
  for (let at = 0; at < bytes.length; at += MOST_IN_FRAME) {
    const written = { stream, atMs, nanos: lastNanos, text: bytes.slice(at, at + MOST_IN_FRAME) };
    container.written.push(written);
    for (const follower of container.followers) follower.write(frameOf(written));
  }
};

const frameOf = ({ stream, atMs, nanos, text }: Written): Buffer => {
  const time = new Date(atMs).toISOString().replace('Z', `${String(nanos).padStart(6, '0')}Z`);
  const body = Buffer.from(`${time} ${text}`);
  const header = Buffer.alloc(8);
  header[0] = stream === 'stdout' ? 1 : 2;
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
};
