import { afterEach, expect, test, vi } from 'vitest';
import { NvlError } from '../../lib/errors.ts';
import type { ListQuestion, NomadClient } from '../../lib/nomad/client.ts';
import { createListReader } from '../../lib/nomad/list-elements.ts';
import { nomadSource } from '../../lib/nomad/node-source.ts';
import { aRawAllocation, idOf } from '../support/builders.ts';

afterEach(() => void vi.useRealTimers());

/** A client of an agent whose node and folder may change; `asked` names each question. */
const anAgent = () => {
  const agent = {
    node: 'a',
    dir: '/nomad',
    allocations: [aRawAllocation()] as unknown[],
    knownLeader: true,
    index: 1,
    lists: 0,
    isAway: false,
    asked: [] as string[],
    plugins: undefined as unknown,
  };
  const client = {
    agentSelf: async () => {
      agent.asked.push('self');
      return { config: { DataDir: agent.dir, Plugins: agent.plugins }, stats: { client: { node_id: agent.node } } };
    },
    node: async (id: string) => {
      agent.asked.push(`node ${id}`);
      if (id !== agent.node) throw new NvlError('nodeUnknown', { message: 'no such node' });
      return { ID: id };
    },
    nodeAllocations: async (id: string, { onElement }: ListQuestion) => {
      if (agent.isAway) throw new NvlError('nomadAway', { message: 'Nothing listens' });
      const bytes = Buffer.from(JSON.stringify(id === agent.node ? agent.allocations : []));
      const reader = createListReader({ onElement });
      reader.push(bytes);
      reader.end();
      agent.lists += 1;
      return { index: agent.index, knownLeader: agent.knownLeader, bytes: bytes.length };
    },
  } as unknown as NomadClient;
  return { agent, client };
};
const unset = { nodeId: undefined, allocDir: undefined };

test('which node this is, and where its allocations lie, is asked once', async () => {
  const { agent, client } = anAgent();
  const nodeSource = nomadSource({ client, ...unset });
  await nodeSource.ask();
  expect(await nodeSource.ask()).toMatchObject({ node: { id: 'a' }, allocDir: '/nomad/alloc', hasLeader: true });
  expect(agent.asked).toEqual(['self', 'node a', 'node a']);
});

test('an agent that lost its data folder comes back as another node, and is found again', async () => {
  const { agent, client } = anAgent();
  const nodeSource = nomadSource({ client, ...unset });
  await nodeSource.ask();
  agent.node = 'b';
  agent.dir = '/other';
  await expect(nodeSource.ask()).rejects.toMatchObject({ code: 'nodeUnknown' });
  expect(await nodeSource.ask()).toMatchObject({ node: { id: 'b' }, allocDir: '/other/alloc' });
});

test('a node that is configured is that node, whatever the agent says', async () => {
  const { agent, client } = anAgent();
  const nodeSource = nomadSource({ client, nodeId: 'c', allocDir: '/mine' });
  expect(await nodeSource.locate()).toEqual({ nodeId: 'c', allocDir: '/mine' });
  expect(agent.asked).toEqual([]);
  const half = nomadSource({ client, nodeId: undefined, allocDir: '/mine' });
  expect(await half.locate()).toEqual({ nodeId: 'a', allocDir: '/mine' });
});

test.each([
  ['none is configured', undefined, undefined],
  ['a yes', [{ Name: 'docker', Config: { disable_log_collection: true } }], ['docker']],
  // As Nomad 2.0.6 tells a configuration in HCL, which takes both.
  ['a yes in quotes', [{ Name: 'docker', Config: { disable_log_collection: 'true' } }], ['docker']],
  ['a no', [{ Name: 'docker', Config: { disable_log_collection: false } }], undefined],
  ['others', [{ Name: 'raw_exec', Config: { enabled: true } }, { Name: 'docker', Config: null }, null, 3], undefined],
])('drivers that collect no logs: %s', async (_, plugins, expected) => {
  const { agent, client } = anAgent();
  agent.plugins = plugins;
  expect((await nomadSource({ client, ...unset }).ask()).driversWithoutLogs).toEqual(expected);
});

test('where node and folder are configured, the agent is asked of its drivers alone, and only where that matters', async () => {
  const { agent, client } = anAgent();
  agent.plugins = [{ Name: 'docker', Config: { disable_log_collection: true } }];
  const where = { client, nodeId: 'a', allocDir: '/mine' };
  expect((await nomadSource(where).ask()).driversWithoutLogs).toBeUndefined();
  expect(agent.asked).not.toContain('self');
  expect(await nomadSource({ ...where, asksDrivers: true }).ask()).toMatchObject({
    allocDir: '/mine',
    driversWithoutLogs: ['docker'],
  });
});

test('an agent that is no client has no node to collect from', async () => {
  const { agent, client } = anAgent();
  agent.node = '';
  await expect(nomadSource({ client, ...unset }).ask()).rejects.toMatchObject({ code: 'nodeUnknown' });
});

test('an entry that is no allocation does not stop the others', async () => {
  const { agent, client } = anAgent();
  agent.allocations = [null, { ID: 'x' }, 'y', aRawAllocation({ id: idOf(2) })];
  const { allocations } = await nomadSource({ client, ...unset }).ask();
  expect(allocations.map(({ id }) => id)).toEqual([idOf(2)]);
});

test('an answer without a leader says so', async () => {
  const { agent, client } = anAgent();
  agent.knownLeader = false;
  expect((await nomadSource({ client, ...unset }).ask()).hasLeader).toBe(false);
});

/** A source whose list is followed: `answer` ends the question that waits. */
const aFollowed = async ({ intervalMs = 30_000 } = {}) => {
  const { agent, client } = anAgent();
  const source = nomadSource({ client, ...unset, intervalMs });
  const { signal } = new AbortController();
  const follow = () => source.follow({ index: 1, signal });
  return { agent, source, follow };
};
const idsIn = async (source: ReturnType<typeof nomadSource>) => (await source.ask()).allocations.map(({ id }) => id);

test('a list that is followed is known, and not asked for again', async () => {
  const { agent, source, follow } = await aFollowed();
  expect(await follow()).toMatchObject({ isChanged: true, isEmpty: false });
  for (let times = 0; times < 3; times += 1) expect(await idsIn(source)).toEqual([idOf(1)]);
  expect(agent.lists).toBe(1);
  agent.allocations = [aRawAllocation({ id: idOf(2) })];
  expect(await follow()).toMatchObject({ isChanged: true });
  expect(await idsIn(source)).toEqual([idOf(2)]);
  expect(agent.lists).toBe(2);
});

test('a list that nobody follows is asked for each time', async () => {
  const { agent, client } = anAgent();
  const source = nomadSource({ client, ...unset, intervalMs: 30_000 });
  await idsIn(source);
  agent.allocations = [];
  expect(await idsIn(source)).toEqual([]);
  expect(agent.lists).toBe(2);
});

test.each<[string, (agent: ReturnType<typeof anAgent>['agent']) => void]>([
  ['the question failed', (agent) => Object.assign(agent, { isAway: true })],
  ['the answer had no index to go on with', (agent) => Object.assign(agent, { index: 0 })],
])('a list that was followed is asked for again when %s', async (_, happens) => {
  const { agent, source, follow } = await aFollowed();
  await follow();
  happens(agent);
  await follow().catch(() => {});
  agent.isAway = false;
  const { lists } = agent;
  await idsIn(source);
  expect(agent.lists).toBe(lists + 1);
});

test.each([
  [10_000, 12_600, 12_700],
  [1_000, 1_500, 1_600],
])(
  'a list that is older than a question may wait is asked for again, whoever follows it: interval of %i ms',
  async (intervalMs, known, old) => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const { agent, source, follow } = await aFollowed({ intervalMs });
    await follow();
    vi.advanceTimersByTime(known);
    await idsIn(source);
    expect(agent.lists).toBe(1);
    vi.advanceTimersByTime(old - known);
    await idsIn(source);
    expect(agent.lists).toBe(2);
  },
);

test('what is followed of one node says nothing of another', async () => {
  const { agent, source, follow } = await aFollowed();
  await follow();
  agent.node = 'b';
  agent.allocations = [aRawAllocation({ id: idOf(3) })];
  await expect(source.ask()).rejects.toMatchObject({ code: 'nodeUnknown' });
  expect(await idsIn(source)).toEqual([idOf(3)]);
});

test('the interval grows with the list', async () => {
  const { agent, source, follow } = await aFollowed({ intervalMs: 50 });
  expect(source.intervalMs()).toBe(50);
  agent.allocations = Array.from({ length: 100 }, (_, at) => aRawAllocation({ job: `job-${at}` }));
  const { bytes } = await follow();
  expect(source.intervalMs()).toBeCloseTo((bytes / 1e6) * 15_000, 5);
});
