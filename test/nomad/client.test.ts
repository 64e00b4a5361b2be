import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import type { Config } from '../../lib/config/config.ts';
import { aClient, always, failureOf, metaHeaders, recorded, startFakeNomad, type WholeClient } from './fake-nomad.ts';

const NODE = '8f6b2a2e-0000-4000-8000-000000000001';
const SECRET = '2a1fe7c4-1111-4222-8333-944455556666';

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
    bytes: expect.any(Number),
  });
});

test.each<[string, Partial<Config['nomad']>, (client: WholeClient) => Promise<unknown>, string]>([
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
  ['an allocation by its id is never stale', {}, (client) => client.allocation('a1'), '/v1/allocation/a1'],
  ['nor is one that is followed', {}, (client) => client.followAllocation('a1', {}), '/v1/allocation/a1'],
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
  const folder = await mkdtemp(join(os.tmpdir(), 'nvl-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const nomad = await startFakeNomad({ socketPath: join(folder, 'api.sock'), answer: always({ body: '[1]' }) });
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
  expect(await aClient({ address }).nodeAllocations(NODE)).toMatchObject({ allocations: [], ...expected });
});
