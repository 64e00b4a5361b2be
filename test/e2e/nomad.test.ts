import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { configSchema } from '../../lib/config/schema.ts';
import { createNomadClient, type NomadClient } from '../../lib/nomad/client.ts';
import { wholeLists } from '../nomad/fake-nomad.ts';
import { mountsIn, processesIn } from '../support/leftovers.ts';
import { type NomadAgent, type NomadAgentOptions, startNomadAgent } from '../support/nomad-agent.ts';
import { projectFolder } from '../support/nvl.ts';
import { needs, nomad } from '../support/programs.ts';
import { waitFor, waitUntil } from '../support/wait.ts';

// What nvl leans on, asked of a real Nomad through nvl's own client.

let agent: NomadAgent | undefined;
const clients: NomadClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await agent?.close();
  agent = undefined;
});

const start = async (options?: NomadAgentOptions) => {
  agent = await startNomadAgent(options);
  return agent;
};

const clientOf = ({ address, token }: { address: string; token?: string | undefined }) => {
  const client = createNomadClient({
    ...configSchema.parse({}).nomad,
    address,
    ...(token === undefined ? {} : { token }),
  });
  clients.push(client);
  return wholeLists(client);
};

/** A job that says when it was told to end, and takes a second over it. */
const slowToEnd = ({ id, namespace = 'default' }: { id: string; namespace?: string }) => ({
  ID: id,
  Name: id,
  Namespace: namespace,
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
          Config: {
            command: '/bin/sh',
            args: [
              '-c',
              'trap "echo told by INT; sleep 1; echo bye; exit" INT; trap "exit 9" TERM; echo hello; while :; do sleep 0.1; done',
            ],
          },
          LogConfig: { MaxFiles: 2, MaxFileSizeMB: 5 },
          Resources: { CPU: 10, MemoryMB: 10 },
        },
      ],
    },
  ],
});

const runs = async (place: { jobId: string; namespace: string }) =>
  waitFor(
    `${place.jobId} to run`,
    async () => (await agent?.allocationsOf(place))?.find(({ ClientStatus }) => ClientStatus === 'running'),
    {
      timeoutMs: 20_000,
    },
  );

test('the agent of the tests leaves nothing behind', needs(nomad), async () => {
  const { dataDir, allocDir, run, close } = await start();
  const { ID } = await runs(await run({ job: slowToEnd({ id: 'a/b' }) }));
  const folder = join(dataDir, '..');
  expect(readFileSync(join(allocDir, ID, 'alloc', 'logs', 't.stdout.0'), 'utf8')).toBe('hello\n');
  expect([processesIn(folder).length, mountsIn(folder).length].every((count) => count > 0)).toBe(true);
  await close();
  agent = undefined;
  expect([processesIn(folder), mountsIn(folder), existsSync(folder)]).toEqual([[], [], false]);
});

// On a busy machine the answer may be read late: of several jobs one must have been seen so.
test('a blocking query brings an allocation before its task writes', needs(nomad), async () => {
  const { address, nodeId, allocDir, run } = await start();
  const client = clientOf({ address });
  const known = new Set<string>();
  let { index } = await client.nodeAllocations(nodeId);
  const isSeenEarly = async (job: string): Promise<boolean> => {
    const started = run({ job: slowToEnd({ id: job }) });
    const seen = await waitFor('news', async () => {
      const answer = await client.nodeAllocations(nodeId, { index: Math.max(1, index), waitMs: 10_000 });
      index = answer.index;
      const allocations = answer.allocations as { ID: string; ClientStatus: string }[];
      return allocations.find(({ ID }) => !known.has(ID));
    });
    known.add(seen.ID);
    const isEarly =
      seen.ClientStatus === 'pending' && !existsSync(join(allocDir, seen.ID, 'alloc', 'logs', 't.stdout.0'));
    await runs(await started);
    return isEarly;
  };
  const early: boolean[] = [];
  while (!early.includes(true) && early.length < 5) early.push(await isSeenEarly(`web-${early.length}`));
  expect(early).toContain(true);
});

test('raw_exec sends SIGINT by default', needs(nomad), async () => {
  const { allocDir, run, stop } = await start();
  const place = await run({ job: slowToEnd({ id: 'web' }) });
  const { ID } = await runs(place);
  await stop(place);
  const log = join(allocDir, ID, 'alloc', 'logs', 't.stdout.0');
  await waitUntil('the last words', () => readFileSync(log, 'utf8') === 'hello\ntold by INT\nbye\n');
});

test('a purge takes an allocation out of the list while its task still writes', needs(nomad), async () => {
  const { address, nodeId, allocDir, run, stop } = await start();
  const place = await run({ job: slowToEnd({ id: 'web' }) });
  const { ID } = await runs(place);
  const client = clientOf({ address });
  await stop({ ...place, purge: true });
  const { allocations } = await client.nodeAllocations(nodeId);
  expect(allocations).toEqual([]);
  expect(await client.allocationExists(ID)).toBe('gone');
  const log = join(allocDir, ID, 'alloc', 'logs', 't.stdout.0');
  await waitUntil('the order to end', () => readFileSync(log, 'utf8').includes('told by INT'));
  expect(readFileSync(log, 'utf8')).not.toContain('bye');
  await waitUntil('the folder to go', () => !readdirSync(allocDir).includes(ID));
});

test(
  'what a token may not read is left out in silence, and the shipped policy lets nvl see it all',
  needs(nomad),
  async () => {
    const { address, nodeId, run, createNamespace, createPolicy, createToken } = await start({ acl: true });
    await createNamespace('payments');
    const place = await run({ job: slowToEnd({ id: 'web', namespace: 'payments' }) });
    const { ID } = await runs(place);

    await createPolicy({
      name: 'half',
      rules: 'node { policy = "read" }\nnamespace "default" { capabilities = ["read-job"] }',
    });
    const half = clientOf({ address, token: await createToken({ policies: ['half'] }) });
    expect((await half.nodeAllocations(nodeId)).allocations).toEqual([]);
    expect(await half.allocationExists(ID)).toBe('hidden');
    await expect(half.agentSelf()).rejects.toMatchObject({ code: 'nomadRefused' });

    await createPolicy({ name: 'nvl', rules: readFileSync(join(projectFolder, 'jobspecs', 'acl-policy.hcl'), 'utf8') });
    const whole = clientOf({ address, token: await createToken({ policies: ['nvl'] }) });
    expect((await whole.nodeAllocations(nodeId)).allocations).toMatchObject([{ ID, Namespace: 'payments' }]);
    expect(await whole.allocationExists(ID)).toBe('present');
    expect(await whole.agentSelf()).toMatchObject({ stats: { client: { node_id: nodeId } } });
    expect(await whole.node(nodeId)).toMatchObject({ ID: nodeId, Name: 'node-1' });
  },
);

test('a client whose servers are gone says so, and finds them again', needs(nomad), async () => {
  const { address, nodeId, stopServer, startServer } = await start();
  const client = clientOf({ address });
  await stopServer();
  await expect(client.nodeAllocations(nodeId)).rejects.toMatchObject({ code: 'nomadAway' });
  await startServer();
  await waitUntil('an answer', async () => (await client.nodeAllocations(nodeId)).knownLeader, { timeoutMs: 40_000 });
});
