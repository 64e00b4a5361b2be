import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import type { Config } from '../../lib/config/config.ts';
import { describeError, type ErrorCode, type NvlError } from '../../lib/errors.ts';
import { createNomadClient, type NomadClient } from '../../lib/nomad/client.ts';
import { always, metaHeaders, recorded, settingsOf, startFakeNomad } from './fake-nomad.ts';

const NODE = '8f6b2a2e-0000-4000-8000-000000000001';
const SECRET = '2a1fe7c4-1111-4222-8333-944455556666';

const aClient = (settings: Partial<Config['nomad']> & { address: string }): NomadClient => {
  const client = createNomadClient(settingsOf(settings));
  onTestFinished(() => client.close());
  return client;
};

const failureOf = async (promise: Promise<unknown>): Promise<NvlError> =>
  promise.then(
    () => expect.unreachable('it should have failed'),
    (error) => error,
  );

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

test('reads what a real agent answered', async () => {
  const answers = new Map([
    ['/v1/agent/self', recorded('agent-self')],
    [`/v1/node/${NODE}`, recorded('node')],
    [`/v1/node/${NODE}/allocations`, recorded('node-allocations')],
  ]);
  const { address } = await startFakeNomad({
    answer: (request, response) => {
      const body = answers.get(URL.parse(request.url ?? '', 'http://x')?.pathname ?? '');
      response.writeHead(body === undefined ? 404 : 200, metaHeaders).end(body);
    },
  });
  const client = aClient({ address });
  expect(await client.agentSelf()).toEqual(JSON.parse(recorded('agent-self')));
  expect(await client.node(NODE)).toEqual(JSON.parse(recorded('node')));
  expect(await client.nodeAllocations(NODE)).toEqual({
    allocations: JSON.parse(recorded('node-allocations')),
    index: 42,
    knownLeader: true,
  });
});

test.each<[string, Partial<Config['nomad']>, (client: NomadClient) => Promise<unknown>, string]>([
  ['stale when allowed', {}, (client) => client.nodeAllocations(NODE), `/v1/node/${NODE}/allocations?stale=`],
  ['not stale', { stale: false }, (client) => client.nodeAllocations(NODE), `/v1/node/${NODE}/allocations`],
  ['region', { stale: false, region: 'eu west' }, (client) => client.node(NODE), `/v1/node/${NODE}?region=eu+west`],
  [
    'blocking',
    {},
    (client) => client.nodeAllocations(NODE, { index: 7, waitMs: 1500 }),
    `/v1/node/${NODE}/allocations?stale=&index=7&wait=1500ms`,
  ],
  [
    'a wait has a default',
    { stale: false },
    (client) => client.nodeAllocations(NODE, { index: 7 }),
    `/v1/node/${NODE}/allocations?index=7&wait=60000ms`,
  ],
  [
    "a wait stays within Nomad's limits",
    { stale: false },
    (client) => client.nodeAllocations(NODE, { index: 7, waitMs: 9e9 }),
    `/v1/node/${NODE}/allocations?index=7&wait=300000ms`,
  ],
  [
    'index 0 does not block',
    { stale: false },
    (client) => client.nodeAllocations(NODE, { index: 0, waitMs: 5 }),
    `/v1/node/${NODE}/allocations`,
  ],
  ['whether an allocation is there is never stale', {}, (client) => client.allocationExists('a1'), '/v1/allocation/a1'],
  [
    'an id stays one path segment',
    { stale: false },
    (client) => client.allocationExists('a/../b'),
    '/v1/allocation/a%2F..%2Fb',
  ],
])('asks: %s', async (_, settings, call, url) => {
  const nomad = await startFakeNomad({ answer: always({}) });
  await call(aClient({ address: nomad.address, ...settings })).catch(() => {});
  expect(nomad.asked.map((request) => request.url)).toEqual([url]);
});

test.each<[string, Partial<Config['nomad']>, Record<string, string | undefined>]>([
  ['nothing', {}, { 'x-nomad-token': undefined, authorization: undefined }],
  ['the token, trimmed', { token: ` ${SECRET}\n` }, { 'x-nomad-token': SECRET, authorization: undefined }],
  ['user and password', { httpAuth: 'ops:a:b' }, { authorization: `Basic ${btoa('ops:a:b')}` }],
  ['a user alone', { httpAuth: 'ops' }, { authorization: `Basic ${btoa('ops:')}` }],
])('shows: %s', async (_, settings, headers) => {
  const nomad = await startFakeNomad({ answer: always({}) });
  await aClient({ address: nomad.address, ...settings }).nodeAllocations(NODE);
  const { authorization, 'x-nomad-token': token } = nomad.asked[0]?.headers ?? {};
  expect({ authorization, 'x-nomad-token': token }).toMatchObject(headers);
});

test('user and password in the address win over NOMAD_HTTP_AUTH', async () => {
  const nomad = await startFakeNomad({ answer: always({}) });
  await aClient({ address: nomad.address.replace('//', '//in:address@'), httpAuth: 'un:used' }).nodeAllocations(NODE);
  expect(nomad.asked[0]?.headers.authorization).toBe(`Basic ${btoa('in:address')}`);
});

test('speaks through a unix socket', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'nvl-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const nomad = await startFakeNomad({ socketPath: path.join(folder, 'api.sock'), answer: always({ body: '[1]' }) });
  expect((await aClient({ address: nomad.address }).nodeAllocations(NODE)).allocations).toEqual([1]);
});

test('unpacks gzip, and asks for it', async () => {
  const list = Array.from({ length: 20_000 }, (_, index) => ({ ID: `allocation ${index}` }));
  const nomad = await startFakeNomad({
    answer: (_request, response) =>
      response.writeHead(200, { ...metaHeaders, 'content-encoding': 'gzip' }).end(gzipSync(JSON.stringify(list))),
  });
  expect((await aClient({ address: nomad.address }).nodeAllocations(NODE)).allocations).toEqual(list);
  expect(nomad.asked[0]?.headers['accept-encoding']).toBe('gzip');
});

test('unpacks the text of an error too', async () => {
  const { address } = await startFakeNomad({
    answer: (_request, response) =>
      response.writeHead(403, { 'content-encoding': 'gzip' }).end(gzipSync('Permission denied')),
  });
  expect((await failureOf(aClient({ address }).node(NODE))).facts.said).toBe('403 Permission denied');
});

test('a huge list arrives whole', async () => {
  const list = `[${Array.from({ length: 3_000 }, (_, index) => `{"ID":"${index}","Job":"${'x'.repeat(8_000)}"}`)}]`;
  const { address } = await startFakeNomad({ answer: always({ body: list }) });
  expect((await aClient({ address }).nodeAllocations(NODE)).allocations).toHaveLength(3_000);
});

test.each([
  ['said', { 'x-nomad-index': '9', 'x-nomad-knownleader': 'true' }, { index: 9, knownLeader: true }],
  ['no leader', { 'x-nomad-index': '9', 'x-nomad-knownleader': 'false' }, { index: 9, knownLeader: false }],
  ['not said', {}, { index: 0, knownLeader: true }],
  ['nonsense', { 'x-nomad-index': 'soon' }, { index: 0, knownLeader: true }],
])('index and leader: %s', async (_, headers, expected) => {
  const { address } = await startFakeNomad({ answer: always({ headers }) });
  expect(await aClient({ address }).nodeAllocations(NODE)).toEqual({ allocations: [], ...expected });
});

const denied = { status: 403, body: 'Permission denied' };
const fromNoServer = { 'x-nomad-index': '0', 'x-nomad-knownleader': 'false' };

test.each<[string, Parameters<typeof always>[0], ErrorCode, RegExp]>([
  ['no leader', { status: 500, body: 'No cluster leader' }, 'nomadAway', /no leader/],
  [
    'no servers',
    { status: 500, body: 'rpc error: failed to get conn: dial tcp: refused' },
    'nomadAway',
    /does not reach its servers/,
  ],
  [
    'a token that no server could check',
    { status: 500, body: 'failed to resolve ACL token: rpc error: failed to get conn' },
    'nomadAway',
    /servers/,
  ],
  ['an unknown region', { status: 500, body: 'rpc error: No path to region' }, 'nomadAway', /region/],
  ['any other failure', { status: 502, body: 'Bad Gateway' }, 'nomadAway', /failed to answer/],
  ['too many connections', { status: 429 }, 'nomadAway', /no more connections/],
  ['an agent that shuts down', { headers: fromNoServer }, 'nomadAway', /shuts down/],
  ['no token', { status: 401, body: 'Unauthorized' }, 'nomadRefused', /refused/],
  ['a weak token', denied, 'nomadRefused', /refused/],
  ['an unknown token', { status: 403, body: 'ACL token not found' }, 'nomadRefused', /refused/],
  [
    'an expired token',
    { status: 500, body: 'failed to resolve ACL token: ACL token expired' },
    'nomadRefused',
    /refused/,
  ],
  ['no JSON', { body: '<html>\u001b[31mhello' }, 'nomadAnswer', /not JSON/],
  ['half of it', { body: '[{"ID"' }, 'nomadAnswer', /not JSON/],
  ['nothing', { body: '' }, 'nomadAnswer', /not JSON/],
  ['no list', { body: '{"ID":1}' }, 'nomadAnswer', /not a list/],
  ['null', { body: 'null' }, 'nomadAnswer', /not a list/],
  ['no such page', { status: 404, body: 'page not found' }, 'nomadAnswer', /as it should/],
  [
    'plain HTTP to a TLS port',
    { status: 400, body: 'Client sent an HTTP request to an HTTPS server.' },
    'nomadAnswer',
    /as it should/,
  ],
  ['a redirect', { status: 307, headers: { location: 'https://elsewhere' } }, 'nomadAnswer', /as it should/],
  ['no gzip', { body: 'plain', headers: { 'content-encoding': 'gzip' } }, 'nomadAnswer', /does not answer as Nomad/],
])('list: %s', async (_, answer, code, message) => {
  const { address } = await startFakeNomad({ answer: always(answer) });
  const error = await failureOf(aClient({ address }).nodeAllocations(NODE));
  expect(error).toMatchObject({ name: 'NvlError', code, message: expect.stringMatching(message) });
  expect(error.advice).toBeTypeOf('string');
});

test('what a person sees of a bad answer is short and harmless', async () => {
  const { address } = await startFakeNomad({
    answer: always({ status: 418, body: `\u001b[31m\u0007${'teapot '.repeat(1_000)}` }),
  });
  const { facts } = await failureOf(aClient({ address }).node(NODE));
  expect(facts.said).toMatch(/^418 \[31m teapot teapot/);
  expect(facts.said?.length).toBeLessThan(210);
});

test('a redirect says where to', async () => {
  const { address } = await startFakeNomad({ answer: always({ status: 308, headers: { location: 'https://other' } }) });
  expect((await failureOf(aClient({ address }).node(NODE))).facts.location).toBe('https://other');
});

test.each<[string, Parameters<typeof always>[0], ErrorCode]>([
  ['unknown', { status: 404, body: 'node not found' }, 'nodeUnknown'],
  [
    'no UUID',
    { status: 500, body: 'rpc error: node lookup failed: index error: UUID must be 36 characters' },
    'nodeUnknown',
  ],
  ['an agent that shuts down', { status: 404, body: 'node not found', headers: fromNoServer }, 'nomadAway'],
  ['refused', denied, 'nomadRefused'],
  ['a list', { body: '[]' }, 'nomadAnswer'],
])('node: %s', async (_, answer, code) => {
  const { address } = await startFakeNomad({ answer: always(answer) });
  expect(await failureOf(aClient({ address }).node(NODE))).toMatchObject({ code });
});

test.each<[string, Parameters<typeof always>[0], 'present' | 'gone' | 'hidden']>([
  ['there', { body: '{}' }, 'present'],
  ['garbage-collected', { status: 404, body: 'alloc not found' }, 'gone'],
  [
    'garbage-collected, in a state that never had one',
    { status: 404, headers: { 'x-nomad-index': '0', 'x-nomad-knownleader': 'true' } },
    'gone',
  ],
  ['in a namespace the token may not read', { status: 500, body: 'rpc error: Unknown allocation "a1"' }, 'hidden'],
  ['the token is refused', denied, 'hidden'],
])('allocation: %s', async (_, answer, expected) => {
  const { address } = await startFakeNomad({ answer: always(answer) });
  expect(await aClient({ address }).allocationExists('a1')).toBe(expected);
});

test.each<[string, Parameters<typeof always>[0], ErrorCode]>([
  ['an agent that shuts down does not make it gone', { status: 404, headers: fromNoServer }, 'nomadAway'],
  ['no leader', { status: 500, body: 'No cluster leader' }, 'nomadAway'],
])('allocation: %s', async (_, answer, code) => {
  const { address } = await startFakeNomad({ answer: always(answer) });
  expect(await failureOf(aClient({ address }).allocationExists('a1'))).toMatchObject({ code });
});

test.each<[string, Partial<Config['nomad']>, RegExp]>([
  ['none', {}, /none was sent/],
  ['a token', { token: SECRET }, /nomad\.token/],
])('a refusal says which token was used and what it lacks, never the token: %s', async (_, settings, source) => {
  const { address } = await startFakeNomad({ answer: always(denied) });
  const client = aClient({ address: address.replace('//', `//ops:${SECRET}@`), ...settings });
  const error = await failureOf(client.agentSelf());
  expect(error.facts).toMatchObject({
    token: expect.stringMatching(source),
    needs: expect.stringContaining('agent { policy = "read" }'),
  });
  expect((await failureOf(client.nodeAllocations(NODE))).facts.needs).toMatch(/node .*read-job/);
  expect(describeError(error)).not.toContain(SECRET);
});

test('nothing listens', async () => {
  const address = await notHttp(() => {});
  const port = Number(new URL(address).port);
  const free = createServer();
  await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
  const closedPort = (free.address() as { port: number }).port;
  await new Promise((resolve) => free.close(resolve));
  expect(closedPort).not.toBe(port);
  expect(await failureOf(aClient({ address: `http://127.0.0.1:${closedPort}` }).agentSelf())).toMatchObject({
    code: 'nomadAway',
    message: `Nothing listens at http://127.0.0.1:${closedPort}`,
  });
});

test.each([
  ['there is no socket', 'unix:///nowhere/api.sock', /no socket/],
  ['a host without address', 'http://nowhere.invalid:4646', /no known IP address|cannot be asked/],
])('%s', async (_, address, message) => {
  expect(await failureOf(aClient({ address }).agentSelf())).toMatchObject({
    code: 'nomadAway',
    message: expect.stringMatching(message),
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

test.each([
  ['says nothing', 'http://', () => {}],
  [
    'says half an answer',
    'http://',
    (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n['),
  ],
])('time runs out on one who %s', async (_, _scheme, onAsked) => {
  const address = await notHttp((socket) => socket.once('data', () => onAsked(socket)));
  const startedAt = performance.now();
  expect(await failureOf(aClient({ address, timeout: 150 }).nodeAllocations(NODE))).toMatchObject({
    code: 'nomadAway',
    message: expect.stringContaining('longer than 0.15 s'),
  });
  expect(performance.now() - startedAt).toBeLessThan(2_000);
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
      }, 100);
    },
  });
  expect((await aClient({ address, timeout: 250 }).nodeAllocations(NODE)).allocations).toEqual([1, 2, 3]);
});

test('a blocking question may take its wait, and a bit more', async () => {
  const { address } = await startFakeNomad({
    answer: (_request, response) => void setTimeout(() => response.writeHead(200, metaHeaders).end('[]'), 330),
  });
  const client = aClient({ address, timeout: 150 });
  expect(await client.nodeAllocations(NODE, { index: 1, waitMs: 300 })).toMatchObject({ index: 42 });
  expect(await failureOf(client.nodeAllocations(NODE))).toMatchObject({ code: 'nomadAway' });
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
