/**
 * Nomad's agent with a node of some allocations in a large cluster, as a process of its own: `node event-server.ts ALLOCATIONS EVENTS_PER_SECOND`. The
 * events are of other nodes, as large as those of Nomad 2.0.6 for a running allocation of one task; each is a batch of its own.
 */

import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const [allocations = 0, perSecond = 0] = process.argv.slice(2).map(Number);
const recorded = (name: string): string =>
  readFileSync(new URL(`../../test/fixtures/recorded/${name}.json`, import.meta.url), 'utf8');

const [model] = JSON.parse(recorded('node-allocations')) as Record<string, unknown>[];
const list = JSON.stringify(Array.from({ length: allocations }, (_, at) => ({ ...model, ID: idOf(at) })));
let index = 100;
let sent = 0;

function idOf(at: number): string {
  return `a0000000-0000-4000-8000-${String(at).padStart(12, '0')}`;
}

/** An allocation without its job, of another node, as long as Nomad's own. */
const event = JSON.stringify({
  FilterKeys: ['job', ''],
  Index: 100,
  Key: idOf(1),
  Namespace: 'default',
  Payload: { Allocation: { ...model, Job: null, NodeID: 'b0000000-0000-4000-8000-000000000000' } },
  Topic: 'Allocation',
  Type: 'AllocationUpdated',
});

const headers = () => ({
  'Content-Type': 'application/json',
  'X-Nomad-Index': String(index),
  'X-Nomad-KnownLeader': 'true',
  'X-Nomad-LastContact': '0',
});

const stream = (response: ServerResponse): void => {
  response.writeHead(200, { 'Content-Type': 'application/json', Connection: 'close' });
  response.write('{}\n');
  const timer = setInterval(() => {
    const lines = Array.from({ length: Math.round(perSecond / TICKS) }, () => {
      index += 1;
      return `{"Events":[${event}],"Index":${index}}\n`;
    }).join('');
    sent += lines.length;
    if (lines !== '') response.write(lines);
  }, 1_000 / TICKS);
  response.on('close', () => clearInterval(timer));
};

const TICKS = 10;

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://node');
  if (pathname === '/v1/event/stream') stream(response);
  else if (pathname.endsWith('/allocations')) {
    // Nothing changes here.
    if (!searchParams.has('index')) response.writeHead(200, headers()).end(list);
  } else if (pathname === '/v1/agent/self') response.writeHead(200, headers()).end(recorded('agent-self'));
  else if (pathname.startsWith('/v1/node/')) response.writeHead(200, headers()).end(recorded('node'));
  else response.writeHead(404, headers()).end('not found');
});
server.listen(0, '127.0.0.1', () =>
  process.send?.({ address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, eventBytes: event.length }),
);
process.on('message', () => process.send?.({ sent }));
process.once('disconnect', () => process.exit());
