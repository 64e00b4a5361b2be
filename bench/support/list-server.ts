/**
 * Nomad's agent with a node of many allocations, as a process of its own: `node list-server.ts ALLOCATIONS RUNNING`. Each
 * recorded allocation is a model of some; the keys of every map are in another order in each answer, and the answer is
 * packed, as Nomad's is. It holds blocking queries back until it is told to answer.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { createRandom } from '../../lib/demo/random.ts';
import { shuffleKeys } from '../../lib/demo/shuffle.ts';

/** `release`: the same list again, as after a wait in vain. `change`: one running allocation was restarted. */
export type ListOrder = 'release' | 'change';
/** `waiting`: a blocking query is held back. `answered`: a list of so many bytes was taken, in that time. */
export type ListNews =
  | { kind: 'listening'; address: string }
  | { kind: 'waiting' }
  | { kind: 'answered'; bytes: number; ms: number; changed: string };

type Raw = Record<string, unknown>;

const recorded = (name: string): string =>
  readFileSync(new URL(`../../test/fixtures/recorded/${name}.json`, import.meta.url), 'utf8');

const VARIANTS = 16;
const random = createRandom(1);
const [allocations = 0, running = 0] = process.argv.slice(2).map(Number);
const all = JSON.parse(recorded('node-allocations')) as Raw[];
const variantsOf = (status: string) => all.filter(({ ClientStatus }) => ClientStatus === status).map(shuffledTexts);

/** One allocation as texts with its keys in as many orders, with a place for what tells it from the others. */
function shuffledTexts(model: Raw): string[] {
  const { ID, JobID } = model;
  return Array.from({ length: VARIANTS }, () =>
    JSON.stringify(shuffleKeys(model, random))
      .replaceAll(JSON.stringify(ID), '"#id"')
      .replaceAll(JSON.stringify(JobID), '"#job"')
      .replace(/"Restarts":\d+/, '"Restarts":"#restarts"'),
  );
}

const models = { running: variantsOf('running'), finished: variantsOf('complete') };
const ids = Array.from({ length: allocations }, () => random.uuid());
let index = 100;
let restarts = 0;

const elementAt = (at: number): string => {
  const of = at < running ? models.running : models.finished;
  const texts = of[at % of.length] ?? [];
  const text = texts[random.between(0, VARIANTS - 1)] ?? '';
  return text
    .replaceAll('"#id"', `"${ids[at]}"`)
    .replaceAll('"#job"', `"job-${at}"`)
    .replace('"#restarts"', at === 0 ? String(restarts) : '0');
};

function* listTexts() {
  for (let at = 0; at < allocations; at += 1) yield `${at === 0 ? '[' : ','}${elementAt(at)}`;
  yield ']';
}

let held: (() => void) | undefined;
const tell = (news: ListNews): void => void process.send?.(news);

process.on('message', (order: ListOrder) => {
  if (order === 'change') {
    index += 1;
    restarts += 1;
  }
  held?.();
});

const headers = () => ({
  'Content-Type': 'application/json',
  'X-Nomad-Index': String(index),
  'X-Nomad-KnownLeader': 'true',
  'X-Nomad-LastContact': '0',
});

const sendList = async ({ url, response }: { url: URL; response: ServerResponse }): Promise<void> => {
  if (Number(url.searchParams.get('index') ?? 0) >= index) {
    tell({ kind: 'waiting' });
    await Promise.race([new Promise<void>((resolve) => (held = resolve)), once(response, 'close')]);
    if (response.destroyed) return;
  }
  const began = performance.now();
  let bytes = 0;
  const counted = function* () {
    for (const text of listTexts()) {
      bytes += Buffer.byteLength(text);
      yield text;
    }
  };
  response.writeHead(200, { ...headers(), 'Content-Encoding': 'gzip' });
  await pipeline(Readable.from(counted()), createGzip({ level: 1 }), response).catch(() => {});
  tell({ kind: 'answered', bytes, ms: performance.now() - began, changed: elementAt(0) });
};

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://node');
  if (url.pathname.endsWith('/allocations')) void sendList({ url, response });
  else if (url.pathname === '/v1/agent/self') response.writeHead(200, headers()).end(recorded('agent-self'));
  else if (url.pathname.startsWith('/v1/node/')) response.writeHead(200, headers()).end(recorded('node'));
  else response.writeHead(404, headers()).end('not found');
});
server.listen(0, '127.0.0.1', () =>
  tell({ kind: 'listening', address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
);
process.once('disconnect', () => process.exit());
