import { expect, test } from 'vitest';
import type { Config } from '../../lib/config/config.ts';
import { describeError, type ErrorCode } from '../../lib/errors.ts';
import { aClient, always, failureOf, startFakeNomad } from './fake-nomad.ts';

const NODE = '8f6b2a2e-0000-4000-8000-000000000001';
const SECRET = '2a1fe7c4-1111-4222-8333-944455556666';

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
  expect(await aClient({ address }).allocation('a1')).toEqual(expected === 'present' ? {} : undefined);
});

test.each<[string, Parameters<typeof always>[0], ErrorCode]>([
  ['an agent that shuts down does not make it gone', { status: 404, headers: fromNoServer }, 'nomadAway'],
  ['no leader', { status: 500, body: 'No cluster leader' }, 'nomadAway'],
])('allocation: %s', async (_, answer, code) => {
  const { address } = await startFakeNomad({ answer: always(answer) });
  expect(await failureOf(aClient({ address }).allocationExists('a1'))).toMatchObject({ code });
  expect(await failureOf(aClient({ address }).allocation('a1'))).toMatchObject({ code });
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
