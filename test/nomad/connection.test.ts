import { createServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { asConnectionError } from '../../lib/nomad/connection-error.ts';
import { aClient, failureOf, metaHeaders, recorded, startFakeNomad } from './fake-nomad.ts';

const NODE = '8f6b2a2e-0000-4000-8000-000000000001';

/** A server that speaks whatever the test says. */
const notHttp = async (onSocket: (socket: Socket) => void): Promise<string> => {
  const server = createServer(onSocket);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {})));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
};

test('nothing listens', async () => {
  const free = createServer();
  await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(free.address() as { port: number }).port}`;
  await new Promise((resolve) => free.close(resolve));
  expect(await failureOf(aClient({ address }).agentSelf())).toMatchObject({
    code: 'nomadAway',
    message: `Nothing listens at ${address}`,
  });
});

test('there is no socket', async () => {
  expect(await failureOf(aClient({ address: 'unix:///nowhere/api.sock' }).agentSelf())).toMatchObject({
    code: 'nomadAway',
    message: 'There is no socket at unix:///nowhere/api.sock',
  });
});

test.each([
  ['a socket of another user', { code: 'EACCES' }, /may not connect/],
  ['a host without address', { code: 'ENOTFOUND' }, /no known IP address/],
  ['a firewall', { code: 'ETIMEDOUT' }, /No connection .* came about/],
  ['anything else', { code: 'EWHATEVER' }, /^Nomad at http:\/\/a cannot be asked$/],
  ['an error without code', {}, /cannot be asked/],
])('the reason of no answer: %s', (_, parts, message) => {
  const error = asConnectionError({ error: Object.assign(new Error('said so'), parts), shown: 'http://a' });
  expect(error).toMatchObject({
    code: 'nomadAway',
    message: expect.stringMatching(message),
    facts: { said: 'said so' },
  });
});

test('something that is not HTTP answers', async () => {
  const address = await notHttp((socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.2\r\n')));
  expect(await failureOf(aClient({ address }).agentSelf())).toMatchObject({ code: 'nomadAnswer' });
});

test.each([
  ['before its headers', (response: Socket) => response.destroy()],
  ['in its middle', (response: Socket) => response.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[{"ID":')],
  [
    'in the middle of a chunk',
    (response: Socket) => response.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n40\r\n[{"ID":'),
  ],
])('an answer is cut %s', async (_, cut) => {
  const address = await notHttp((socket) => socket.once('data', () => cut(socket)));
  expect(await failureOf(aClient({ address }).nodeAllocations(NODE))).toMatchObject({
    code: 'nomadAway',
    message: expect.stringMatching(/cut the connection/),
  });
});

test('a packed answer is cut', async () => {
  const { address } = await startFakeNomad({
    answer: (_request, response) =>
      response
        .writeHead(200, { ...metaHeaders, 'content-encoding': 'gzip' })
        .end(gzipSync(recorded('node-allocations')).subarray(0, 4_000)),
  });
  expect(await failureOf(aClient({ address }).nodeAllocations(NODE))).toMatchObject({
    code: 'nomadAway',
    message: expect.stringMatching(/cut the connection/),
  });
});

test.each<[string, (socket: Socket) => void]>([
  ['says nothing', () => {}],
  ['says half an answer', (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[')],
])('time runs out on one who %s', async (_, onAsked) => {
  const address = await notHttp((socket) => socket.once('data', () => onAsked(socket)));
  const startedAt = performance.now();
  expect(await failureOf(aClient({ address, timeout: 150 }).nodeAllocations(NODE))).toMatchObject({
    code: 'nomadAway',
    message: expect.stringContaining('longer than 0.15 s'),
  });
  expect(performance.now() - startedAt).toBeLessThan(20_000);
});

test('an answer in slow pieces is waited for', async () => {
  const { address } = await startFakeNomad({
    answer: (_request, response) => {
      response.writeHead(200, metaHeaders).write('[');
      const pieces = ['1', ',2', ',3', ']'];
      const timer = setInterval(() => {
        const piece = pieces.shift();
        if (piece !== undefined) response.write(piece);
        else response.end(() => clearInterval(timer));
      }, 2_500);
    },
  });
  // All of it takes longer than that; a busy machine may make one pause three times as long.
  expect((await aClient({ address, timeout: 7_500 }).nodeAllocations(NODE)).allocations).toEqual([1, 2, 3]);
});

test.each([
  ['its wait', { timeout: 100, waitMs: 40_000 }],
  ['a bit more', { timeout: 40_000, waitMs: 100 }],
])('a blocking question may take %s', async (_, { timeout, waitMs }) => {
  const { address } = await startFakeNomad({
    answer: (_request, response) => void setTimeout(() => response.writeHead(200, metaHeaders).end('[]'), 1_000),
  });
  const client = aClient({ address, timeout });
  expect(await client.nodeAllocations(NODE, { index: 1, waitMs })).toMatchObject({ index: 42 });
});

test('a question that does not block may not', async () => {
  const { address } = await startFakeNomad({ answer: () => {} });
  expect(await failureOf(aClient({ address, timeout: 100 }).nodeAllocations(NODE))).toMatchObject({
    code: 'nomadAway',
  });
});

test('an abort ends a question with its own reason', async () => {
  const { address } = await startFakeNomad({ answer: () => {} });
  const controller = new AbortController();
  const question = failureOf(aClient({ address }).nodeAllocations(NODE, { index: 1, signal: controller.signal }));
  const reason = new Error('enough');
  setTimeout(() => controller.abort(reason), 30);
  expect(await question).toBe(reason);
});

test('close cuts what is under way', async () => {
  const { address } = await startFakeNomad({ answer: () => {} });
  const client = aClient({ address });
  const question = failureOf(client.nodeAllocations(NODE, { index: 1 }));
  setTimeout(() => client.close(), 30);
  expect(await question).toMatchObject({ code: 'nomadAway' });
});
