import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../errors.ts';
import { createRandom, type Random } from './random.ts';
import { shuffleKeys } from './shuffle.ts';

/** What the demo's HTTP server needs to know of the node behind it. */
export type Served = {
  agentSelf: () => unknown;
  /** Undefined for an id that is not this node's. */
  node: (id: string) => unknown;
  /** None for an id that is not this node's, as Nomad answers. */
  allocations: (nodeId: string) => unknown[];
  allocation: (id: string) => unknown;
  /** Grows with each change. */
  index: () => number;
  /** Resolves when the index has passed this one, or the signal aborts. */
  changedSince: (index: number, signal: AbortSignal) => Promise<void>;
};

/**
 * Serves Nomad's endpoints (read only, blocking queries included), each map in another order in each answer, on 127.0.0.1, on any
 * free port.
 */
export const serve = async (served: Served): Promise<{ address: string; close: () => Promise<void> }> => {
  const closing = new AbortController();
  const random = createRandom(1);
  const server = createServer((request, response) => {
    answer({ request, response, random, served, closing: closing.signal }).catch((error: unknown) => {
      response.writeHead(500).end(messageOf(error));
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      closing.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

const answer = async ({
  request,
  response,
  random,
  served,
  closing,
}: {
  request: IncomingMessage;
  response: ServerResponse;
  random: Random;
  served: Served;
  closing: AbortSignal;
}): Promise<void> => {
  const url = new URL(request.url ?? '/', 'http://node');
  if (request.method !== 'GET') {
    response.writeHead(405).end('Invalid method');
    return;
  }
  await block({ url, response, served, closing });
  const found = find({ path: url.pathname, served });
  if (found === undefined) {
    response.writeHead(404).end(url.pathname.startsWith('/v1/allocation/') ? 'alloc not found' : 'Unexpected path');
    return;
  }
  response
    .writeHead(200, {
      'Content-Type': 'application/json',
      'X-Nomad-Index': String(served.index()),
      'X-Nomad-KnownLeader': 'true',
      'X-Nomad-LastContact': '0',
    })
    .end(JSON.stringify(shuffleKeys(found, random)));
};

const find = ({ path, served }: { path: string; served: Served }): unknown => {
  const [, version, kind, id = '', what, ...rest] = path.split('/').map(decodeURIComponent);
  if (version !== 'v1' || rest.length > 0) return undefined;
  if (kind === 'agent' && id === 'self') return served.agentSelf();
  if (kind === 'node' && what === 'allocations') return served.allocations(id);
  if (kind === 'node' && what === undefined) return served.node(id);
  return kind === 'allocation' && what === undefined ? served.allocation(id) : undefined;
};

/** Holds a query with `index` back until something newer is there, for `wait` at most: 5 minutes, and never over 10. */
const block = async ({
  url,
  response,
  served,
  closing,
}: {
  url: URL;
  response: ServerResponse;
  served: Served;
  closing: AbortSignal;
}) => {
  const index = Number(url.searchParams.get('index') ?? 0);
  if (!(index > 0) || served.index() > index) return;
  const left = new AbortController();
  response.once('close', () => left.abort());
  const waitMs = Math.min(readWait(url.searchParams.get('wait')) ?? 300_000, 600_000);
  await served.changedSince(index, AbortSignal.any([left.signal, closing, AbortSignal.timeout(waitMs)]));
};

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Go's way of writing durations, `1m30s`. */
const readWait = (text: string | null): number | undefined => {
  const parts = [...(text ?? '').matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  return parts.length === 0
    ? undefined
    : parts.reduce((total, [, count, unit]) => total + Number(count) * (UNIT_MS[String(unit)] ?? 0), 0);
};
