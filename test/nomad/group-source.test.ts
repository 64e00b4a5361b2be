import type http from 'node:http';
import { expect, test } from 'vitest';
import { groupSource } from '../../lib/nomad/group-source.ts';
import { aRawAllocation, idOf } from '../support/builders.ts';
import { always, aPlainClient, failureOf, metaHeaders, startFakeNomad } from './fake-nomad.ts';

const OWN = idOf(1);

const aSource = async (answer: http.RequestListener, over?: AbortSignal) => {
  const { address, asked } = await startFakeNomad({ answer });
  const client = aPlainClient({ address });
  const source = groupSource({ client, allocId: OWN, allocDir: '/alloc', datacenter: 'dc1', over, intervalMs: 30_000 });
  return { source, asked: () => asked.map(({ url = '' }) => url) };
};
const signal = new AbortController().signal;

test('the one allocation is all there is, and nothing but it is asked for', async () => {
  const { source, asked } = await aSource(always({ body: JSON.stringify(aRawAllocation({ tasks: ['app', 'nvl'] })) }));
  expect(await source.locate()).toEqual({ nodeId: OWN, allocDir: '/alloc' });
  const { allocations, node, ...rest } = await source.ask();
  expect(allocations.map(({ id, tasks }) => [id, tasks.map(({ name }) => name)])).toEqual([[OWN, ['app', 'nvl']]]);
  expect(node).toMatchObject({ id: idOf(9), name: 'node-1', datacenter: 'dc1' });
  expect(rest).toMatchObject({ allocDir: '/alloc', only: OWN, hasLeader: true, faults: [] });
  expect(asked()).toEqual([`/v1/allocation/${OWN}`]);
});

test('news of it are waited for, and what is followed is not asked for again', async () => {
  let index = 42;
  const { source, asked } = await aSource((_, response) => {
    const body = JSON.stringify({ ...aRawAllocation(), ModifyIndex: index });
    response.writeHead(200, { ...metaHeaders, 'x-nomad-index': String(index) }).end(body);
  });
  expect(await source.follow({ index: 0, signal })).toMatchObject({ index: 42, isEmpty: false, isChanged: true });
  expect(await source.follow({ index: 42, signal })).toMatchObject({ isChanged: false });
  index = 43;
  expect(await source.follow({ index: 42, signal })).toMatchObject({ index: 43, isChanged: true });
  expect((await source.ask()).allocations[0]?.status.modifyIndex).toBe(43);
  const waited = `/v1/allocation/${OWN}?index=42&wait=30000ms`;
  expect(asked()).toEqual([`/v1/allocation/${OWN}`, waited, waited]);
});

test('an allocation that is gone is an empty list', async () => {
  const { source } = await aSource(always({ status: 404, body: 'alloc not found' }));
  expect((await source.ask()).allocations).toEqual([]);
});

test.each([
  ['of no right to read it', { status: 500, body: 'rpc error: Unknown allocation "a1"' }],
  ['that is refused', { status: 403, body: 'Permission denied' }],
])('a token %s is told what it lacks', async (_, answer) => {
  const { source } = await aSource(always(answer));
  const { code, facts } = await failureOf(source.ask());
  expect(code).toBe('nomadRefused');
  expect(facts.needs).toBe("the capability read-job in the allocation's namespace");
});

test('where its tasks are known to have ended, that is news, though Nomad says of none that it has', async () => {
  const over = new AbortController();
  const body = JSON.stringify({ ...aRawAllocation({ tasks: ['app', 'nvl'] }), ModifyTime: 1 });
  const { source } = await aSource((request, response) => {
    // A question that waits for news is never answered.
    if (request.url?.includes('index=') !== true) response.writeHead(200, metaHeaders).end(body);
  }, over.signal);
  const statesNow = async () => (await source.ask()).allocations[0]?.tasks.map(({ state }) => state.state);
  await source.follow({ index: 0, signal });
  const news = source.follow({ index: 42, signal });
  expect(await statesNow()).toEqual(['running', 'running']);
  const before = Date.now();
  over.abort();
  const { index, isChanged } = await news;
  // Below the one before: it is asked anew, and not waited for.
  expect([index, isChanged]).toEqual([1, true]);
  expect(await statesNow()).toEqual(['dead', 'dead']);
  // Now, and not when Nomad last had news: the wait for what they wrote begins here.
  const finished = (await source.ask()).allocations[0]?.tasks.map(
    ({ state }) => Date.parse(state.finishedAt) >= before,
  );
  expect(finished).toEqual([true, true]);
});
