import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { type Claim, type Counts, countLines } from '../support/count-lines.ts';
import { readClaims } from '../support/ledger.ts';
import { type NomadAgent, startNomadAgent } from '../support/nomad-agent.ts';
import { type RunningNvl, startNvl } from '../support/nvl.ts';
import { needs, nomad, vector } from '../support/programs.ts';
import { aReceiver } from '../support/receiver.ts';
import { readDelivered } from '../support/vector.ts';
import { waitFor, waitUntil } from '../support/wait.ts';
import { writerJob } from '../support/writer-job.ts';

/** Nomad's default; running allocations count, so that a node with more removes a folder the moment its task ends. */
const GC_MAX_ALLOCS = 50;
const RUNNING = 60;
const SHORT_JOBS = 30;
const LINES = 100;

test(
  'a full node, on which Nomad removes the folder of a short job at once: no line of it is lost',
  needs(nomad, vector),
  async () => {
    const { folder, ledger, agent } = await aFullNode();
    const nvl = await startCollecting({ folder, agent });
    await runShortJobs({ agent, ledger, from: 0, count: SHORT_JOBS });
    const claims = await claimsOf({ agent, ledger, count: SHORT_JOBS });
    const counted = await countAll({ claims, read: () => readDelivered(nvl.delivered) });
    const left = (await readdir(agent.allocDir)).length;
    console.log({ ...counted.all, foldersLeft: left - RUNNING });
    expect(counted.all).toMatchObject(NONE_LOST);
    expect(counted.unknown).toEqual([]);
    // The node was as full as it is called.
    expect(left).toBeLessThan(RUNNING + SHORT_JOBS);
  },
);

test('the same, and the sink is away for a minute in the middle', needs(nomad, vector), async () => {
  const { folder, ledger, agent } = await aFullNode();
  const receiver = await aReceiver();
  const nvl = await startCollecting({
    folder,
    agent,
    sink: () => `[sinks.away]
type = "http"
inputs = ["nomad_logs"]
uri = "${receiver.address}"
encoding.codec = "json"
framing.method = "newline_delimited"
acknowledgements.enabled = true
batch.timeout_secs = 0.2
request.retry_max_duration_secs = 2
`,
  });
  const third = SHORT_JOBS / 3;
  await runShortJobs({ agent, ledger, from: 0, count: third });
  await waitUntil('some lines', () => receiver.lines.length > LINES, { timeoutMs: 60_000 });
  await receiver.leave();
  const leftAt = Date.now();
  await runShortJobs({ agent, ledger, from: third, count: third });
  await claimsOf({ agent, ledger, count: 2 * third });
  await waitUntil(
    'their folders to be removed',
    async () => (await readdir(agent.allocDir)).length <= RUNNING + third,
    { timeoutMs: 60_000, everyMs: 500 },
  );
  const atLeave = receiver.lines.length;
  await sleep(Math.max(0, AWAY_MS - (Date.now() - leftAt)));
  expect(receiver.lines).toHaveLength(atLeave);
  await receiver.comeBack();
  await runShortJobs({ agent, ledger, from: 2 * third, count: third });
  const claims = await claimsOf({ agent, ledger, count: SHORT_JOBS });
  const counted = await countAll({ claims, read: async () => receiver.lines });
  const { firstLineMs: _, ...counts } = counted.all;
  console.log(counts);
  expect(counts).toMatchObject(NONE_LOST);
  expect(counted.unknown).toEqual([]);
  expect(await nvl.end()).toBe(0);
});

const AWAY_MS = 60_000;
const NONE_LOST = { written: SHORT_JOBS * LINES, lost: 0, repeated: 0, unlabelled: 0, mislabelled: 0 };

const aFullNode = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-held-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const ledger = join(folder, 'ledger');
  await mkdir(ledger);
  const agent = await startNomadAgent({ gcMaxAllocs: GC_MAX_ALLOCS });
  onTestFinished(() => agent.close(), 120_000);
  await agent.run({ job: sleepers() });
  await waitUntil(
    'the node to be full',
    async () => (await agent.allocations()).filter(({ ClientStatus }) => ClientStatus === 'running').length === RUNNING,
    { timeoutMs: 120_000, everyMs: 500 },
  );
  return { folder, ledger, agent };
};

const startCollecting = async ({
  folder,
  agent,
  sink,
}: {
  folder: string;
  agent: NomadAgent;
  sink?: () => string;
}): Promise<RunningNvl> => {
  const nvl = await startNvl({
    folder,
    config: { nomad: { address: agent.address }, collect: { removalDelay: '2s' } },
    ...(sink === undefined ? {} : { sink }),
  });
  onTestFinished(() => nvl.end().then(() => {}), 90_000);
  await waitUntil('nvl to collect', async () => existsSync(join(nvl.root, 'live', 'nomad.toml')), {
    timeoutMs: 30_000,
  });
  return nvl;
};

const runShortJobs = async ({
  agent,
  ledger,
  from,
  count,
}: {
  agent: NomadAgent;
  ledger: string;
  from: number;
  count: number;
}): Promise<void> => {
  for (let number = from; number < from + count; number += 1) {
    const tasks = { app: { lines: LINES, rate: 0 } };
    await agent.run({ job: writerJob({ id: `short-${number}`, type: 'batch', tasks, ledger }) });
  }
};

const claimsOf = ({ agent, ledger, count }: { agent: NomadAgent; ledger: string; count: number }): Promise<Claim[]> =>
  waitFor(
    'short jobs to end',
    async () => {
      const found = await readClaims({ ledger, nodeName: agent.nodeName });
      return found.length === count ? found : undefined;
    },
    { timeoutMs: 90_000, everyMs: 250 },
  );

/** Once all lines came, or did not come for a minute; and long enough after that for a line to come twice. */
const countAll = async ({ claims, read }: { claims: Claim[]; read: () => Promise<string[]> }): Promise<Counts> => {
  const count = async () => countLines({ claims, events: await read() });
  await waitUntil('all lines', async () => (await count()).all.lost === 0, { timeoutMs: 60_000, everyMs: 500 }).catch(
    () => undefined,
  );
  await sleep(3_000);
  return count();
};

const sleepers = () => ({
  ID: 'sleepers',
  Name: 'sleepers',
  Type: 'service',
  Datacenters: ['*'],
  TaskGroups: [
    {
      Name: 'sleepers',
      Count: RUNNING,
      EphemeralDisk: { SizeMB: 10 },
      Tasks: [
        {
          Name: 'sleeper',
          Driver: 'raw_exec',
          Config: { command: '/bin/sleep', args: ['100000'] },
          LogConfig: { MaxFiles: 1, MaxFileSizeMB: 1, Disabled: true },
          Resources: { CPU: 1, MemoryMB: 10 },
        },
      ],
    },
  ],
});
