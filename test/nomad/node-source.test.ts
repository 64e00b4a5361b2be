import { expect, test } from 'vitest';
import { NvlError } from '../../lib/errors.ts';
import type { NomadClient } from '../../lib/nomad/client.ts';
import { nomadSource } from '../../lib/nomad/node-source.ts';
import { aRawAllocation, idOf } from '../support/builders.ts';

/** A client of an agent whose node and folder may change; `asked` names each question. */
const anAgent = () => {
  const agent = {
    node: 'a',
    dir: '/nomad',
    allocations: [aRawAllocation()] as unknown[],
    knownLeader: true,
    asked: [] as string[],
  };
  const client = {
    agentSelf: async () => {
      agent.asked.push('self');
      return { config: { DataDir: agent.dir }, stats: { client: { node_id: agent.node } } };
    },
    node: async (id: string) => {
      agent.asked.push(`node ${id}`);
      if (id !== agent.node) throw new NvlError('nodeUnknown', { message: 'no such node' });
      return { ID: id };
    },
    nodeAllocations: async (id: string) => ({
      allocations: id === agent.node ? agent.allocations : [],
      index: 1,
      knownLeader: agent.knownLeader,
    }),
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
