import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { configSchema } from '../../lib/config/schema.ts';
import { createNomadClient } from '../../lib/nomad/client.ts';
import { rowsFolder, TABLE_NAME } from '../../lib/render/tables.ts';
import { type NomadAgent, startNomadAgent } from '../support/nomad-agent.ts';
import { startNvl } from '../support/nvl.ts';
import { needs, nomad, vector } from '../support/programs.ts';
import { waitUntil } from '../support/wait.ts';

test(
  'with an interval of 5 minutes and no folder to see, a new allocation has its row by an event alone; the stream breaks with the agent, goes on, and nothing is missed',
  needs(nomad, vector),
  async () => {
    const { agent, proxy, rowOf, log } = await aNodeByEvents();
    await waitUntil('the stream, and the list behind it', () => proxy.streams() === 1 && proxy.isListedSince(), {
      seen: async () => `${proxy.lists.join('; ')}\n${log()}`,
    });
    // No question for the list is held back: what brings the row is the event.
    await waitUntil('all questions to be answered', () => proxy.waiting() === 0);

    await agent.run({ job: aJob('job-one') });
    await rowOf('job-one');
    expect(proxy.lists.at(-1)).toMatch(/^newer than \d+, waits 5000ms$/);

    // What happens while the stream is down is in the next one, or in the list.
    proxy.cut();
    await agent.run({ job: aJob('job-two') });
    await rowOf('job-two');

    await agent.stopClient();
    await agent.startClient();
    await agent.run({ job: aJob('job-three') });
    await rowOf('job-three');

    // A server that comes back has its state, and perhaps not its events.
    await agent.stopServer();
    await agent.startServer();
    await agent.run({ job: aJob('job-four') });
    await rowOf('job-four');
    await waitUntil('a stream again', () => proxy.streams() === 1);
    await waitUntil('all questions to be answered', () => proxy.waiting() === 0);
    await agent.run({ job: aJob('job-five') });
    await rowOf('job-five');
    expect(log()).not.toContain('is no event');
  },
);

test(
  'a job of a namespace that was made after the stream was opened has its row at the next list, and the stream is opened anew',
  needs(nomad, vector),
  async () => {
    const { agent, proxy, rowOf } = await aNodeByEvents({ interval: '2s' });
    await waitUntil('the stream', () => proxy.streams() === 1);
    await agent.createNamespace('late');
    const opened = proxy.opened();
    await agent.run({ job: { ...aJob('job-new'), Namespace: 'late' } });
    await rowOf('job-new');
    await waitUntil('another stream', () => proxy.opened() > opened && proxy.streams() === 1);
  },
);

test('what a token may read of the event stream: every namespace, or nothing', needs(nomad), async () => {
  const agent = await startNomadAgent({ acl: true });
  onTestFinished(() => agent.close());
  await agent.createNamespace('other');
  const policies = {
    all: 'namespace "*" { capabilities = ["read-job"] }',
    one: 'namespace "default" { capabilities = ["read-job"] }\nnode { policy = "read" }',
    node: 'node { policy = "read" }\nagent { policy = "read" }',
  };
  const seen: Record<string, string> = {};
  for (const [name, rules] of Object.entries(policies)) {
    await agent.createPolicy({ name, rules });
    const token = await agent.createToken({ policies: [name] });
    const client = createNomadClient({
      ...configSchema.parse({}).nomad,
      address: agent.address,
      token,
      timeout: 3_000,
    });
    onTestFinished(() => client.close());
    const ending = new AbortController();
    try {
      for await (const piece of client.allocationEvents({ index: 0, signal: ending.signal })) {
        seen[name] = piece.toString().split('\n')[0] ?? '';
        break;
      }
    } catch (error) {
      seen[name] = (error as { code?: string }).code ?? String(error);
    }
    ending.abort();
  }
  expect(seen).toEqual({ all: '{}', one: 'nomadRefused', node: 'nomadRefused' });
});

/** nvl over a real agent, behind a proxy that says what was asked, and with a folder of allocations in which nothing ever shows. */
const aNodeByEvents = async ({ interval = '5m' } = {}) => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-events-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const agent = await startNomadAgent();
  onTestFinished(() => agent.close(), 120_000);
  const proxy = await startProxy(agent);
  const allocDir = join(folder, 'nothing');
  await mkdir(allocDir);
  const config = { nomad: { address: proxy.address, news: 'events', interval, allocDir } };
  const nvl = await startNvl({ folder, config });
  onTestFinished(async () => void (await nvl.end()));
  const log = () => readFileSync(join(folder, 'nvl.log'), 'utf8');
  const table = join(rowsFolder(join(nvl.root, 'links')), TABLE_NAME);
  const rowOf = (job: string) =>
    waitUntil(`the row of ${job}`, () => readFileSync(table, 'utf8').includes(job), {
      timeoutMs: 60_000,
      seen: async () => log().split('\n').slice(-15).join('\n'),
    });
  return { agent, proxy, rowOf, log };
};

/** Passes every request on, and can cut what is open. */
const startProxy = async (agent: NomadAgent) => {
  const lists: string[] = [];
  const open = new Set<Socket>();
  const counts = { streams: 0, opened: 0, waiting: 0, atOpen: 0 };
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://x');
    const isStream = url.pathname === '/v1/event/stream';
    const isList = url.pathname.endsWith('/allocations');
    const index = url.searchParams.get('index');
    if (isStream) counts.opened += 1;
    if (isList) {
      lists.push(index === null ? 'now' : `newer than ${index}, waits ${url.searchParams.get('wait')}`);
      counts.waiting += 1;
      response.once('close', () => void counts.waiting--);
    }
    const onward = http.request(
      agent.address + request.url,
      { method: request.method, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        response.flushHeaders();
        if (isStream) {
          // Open once the first heartbeat is there.
          answer.once('data', () => {
            counts.streams += 1;
            counts.atOpen = lists.length;
            response.once('close', () => void counts.streams--);
          });
        }
        answer.pipe(response);
        answer.on('error', () => response.destroy());
      },
    );
    onward.on('error', () => response.destroy());
    response.once('close', () => onward.destroy());
    request.pipe(onward);
  });
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Questions for the list, in words. */
    lists,
    /** Whether the list was asked for, as it is, behind the last stream that was opened. */
    isListedSince: () => lists.slice(counts.atOpen).includes('now'),
    streams: () => counts.streams,
    opened: () => counts.opened,
    waiting: () => counts.waiting,
    cut: () => {
      for (const socket of open) socket.destroy();
    },
  };
};

const aJob = (id: string) => ({
  ID: id,
  Name: id,
  Type: 'service',
  Datacenters: ['*'],
  TaskGroups: [
    {
      Name: 'g',
      EphemeralDisk: { SizeMB: 30 },
      Tasks: [
        {
          Name: 't',
          Driver: 'raw_exec',
          Config: { command: '/bin/sleep', args: ['1000'] },
          LogConfig: { MaxFiles: 2, MaxFileSizeMB: 5 },
          Resources: { CPU: 10, MemoryMB: 10 },
        },
      ],
    },
  ],
});
