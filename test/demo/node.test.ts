import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DemoJob } from '../../lib/demo/allocation.ts';
import { createDemoNode, type DemoNode } from '../../lib/demo/node.ts';
import { readAgent } from '../../lib/nomad/agent.ts';
import { readAllocation } from '../../lib/nomad/read-allocation.ts';

let dataDir: string;
let node: DemoNode;
/** Ends the pause that the node is in. */
let pass: () => void;
const pause = () =>
  new Promise<void>((resolve) => {
    pass = resolve;
  });
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'nvl-demo-'));
  node = await createDemoNode({ dataDir, seed: 7, pause: async () => {} });
});
afterEach(async () => {
  await node.close();
  await rm(dataDir, { recursive: true, force: true });
});

const web: DemoJob = {
  id: 'shop/web',
  namespace: 'payments',
  group: 'web',
  meta: { team: 'a' },
  tasks: [{ name: 'app' }, { name: 'app-sidecar' }],
};

const get = async (path: string) => {
  const response = await fetch(node.address + path);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: response.ok ? JSON.parse(text) : undefined };
};
const list = async (query = '') => {
  const { body, headers } = await get(`/v1/node/${node.nodeId}/allocations${query}`);
  return { allocations: body, index: Number(headers.get('x-nomad-index')), leader: headers.get('x-nomad-knownleader') };
};
const states = async (query = '') =>
  (await list(query)).allocations.map(
    (one: { ClientStatus: string; DesiredStatus: string }) => `${one.ClientStatus} ${one.DesiredStatus}`,
  );

test('the agent says which node it is and where allocations lie', async () => {
  const { body } = await get('/v1/agent/self');
  expect(readAgent(body)).toMatchObject({ nodeId: node.nodeId, allocDir: join(dataDir, 'alloc') });
  expect((await get(`/v1/node/${node.nodeId}`)).body).toMatchObject({
    ID: node.nodeId,
    Name: 'demo-node',
    Status: 'ready',
  });
});

test('an allocation is pending, then running with its files, then complete, then gone', async () => {
  await node.close();
  node = await createDemoNode({ dataDir, seed: 7, pause });
  const starting = node.startJob(web);
  expect(await states()).toEqual(['pending run']);
  pass();
  const [id = ''] = await starting;
  expect(await states()).toEqual(['running run']);
  expect(readdirSync(join(node.allocDir, id, 'alloc', 'logs')).sort()).toEqual(
    ['app', 'app-sidecar']
      .flatMap((task) => [`.${task}.stderr.fifo`, `.${task}.stdout.fifo`, `${task}.stderr.0`, `${task}.stdout.0`])
      .sort(),
  );
  const stopping = node.stopAllocation(id);
  expect(await states()).toEqual(['running stop']);
  pass();
  await stopping;
  expect(await states()).toEqual(['complete stop']);
  node.removeAllocation(id);
  expect(await states()).toEqual([]);
  expect(existsSync(join(node.allocDir, id))).toBe(false);
  expect(await get(`/v1/allocation/${id}`)).toMatchObject({ status: 404, text: 'alloc not found' });
});

test('an allocation reads like one of Nomad', async () => {
  const [id = ''] = await node.startJob(web);
  const { body } = await get(`/v1/allocation/${id}`);
  expect(readAllocation(body)).toMatchObject({
    id,
    name: 'shop/web.web[0]',
    namespace: 'payments',
    nodeName: 'demo-node',
    job: { id: 'shop/web', type: 'service', meta: { team: 'a' } },
    tasks: [{ name: 'app', logs: { disabled: false }, state: { state: 'running' } }, { name: 'app-sidecar' }],
  });
});

test('a blocking query answers with the next change', async () => {
  const { index, leader } = await list();
  expect(leader).toBe('true');
  const before = performance.now();
  const blocked = list(`?index=${index}&wait=40s`);
  await sleep(50);
  const started = node.startJob(web);
  const news = await blocked;
  expect(news.index).toBeGreaterThan(index);
  expect(news.allocations).toHaveLength(1);
  expect(performance.now() - before).toBeLessThan(30_000);
  await started;
});

test('a blocking query without news answers when its wait is over', async () => {
  const { index } = await list();
  const before = performance.now();
  expect(await list(`?index=${index}&wait=100ms`)).toMatchObject({ allocations: [], index });
  expect(performance.now() - before).toBeGreaterThan(80);
});

test('closing ends blocked queries', async () => {
  const { index } = await list();
  const blocked = list(`?index=${index}&wait=10m`).catch((error: unknown) => error);
  await sleep(50);
  await node.close();
  expect(await blocked).toBeInstanceOf(Error);
});

test('the same seed gives the same node and allocations', async () => {
  const twin = await createDemoNode({ dataDir: join(dataDir, 'twin'), seed: 7, pause: async () => {} });
  expect([twin.nodeId, ...(await twin.startJob({ ...web, count: 2 }))]).toEqual([
    node.nodeId,
    ...(await node.startJob({ ...web, count: 2 })),
  ]);
  await twin.close();
});

test('files rotate, the oldest goes, and a last line can be bare', async () => {
  const [id = ''] = await node.startJob({ id: 'big', tasks: [{ name: 'app', maxFiles: 2, maxFileSizeMB: 1 }] });
  const line = 'x'.repeat(300 * 1024);
  node.writeLines({ id, task: 'app', lines: Array.from({ length: 8 }, () => line) });
  node.writeLines({ id, task: 'app', stream: 'stderr', lines: ['one', 'two'], isLastBare: true });
  const logs = join(node.allocDir, id, 'alloc', 'logs');
  expect(
    readdirSync(logs)
      .filter((name) => name.startsWith('app.stdout'))
      .sort(),
  ).toEqual(['app.stdout.1', 'app.stdout.2']);
  expect(readFileSync(join(logs, 'app.stderr.0'), 'utf8')).toBe('one\ntwo');
});

test('a task without logs has no files', async () => {
  const [id = ''] = await node.startJob({ id: 'quiet', tasks: [{ name: 'app', logsDisabled: true }] });
  node.writeLines({ id, task: 'app', lines: ['nobody hears'] });
  expect(readdirSync(join(node.allocDir, id, 'alloc', 'logs'))).toEqual([]);
});

test('what Nomad does not know is not found, and an unknown node has no allocations', async () => {
  expect((await get('/v1/node/other/allocations')).body).toEqual([]);
  for (const path of ['/v1/node/other', '/v1/jobs', '/v2/agent/self']) expect((await get(path)).status).toBe(404);
});
