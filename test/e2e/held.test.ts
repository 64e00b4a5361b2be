import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { countLines } from '../support/count-lines.ts';
import { readClaims } from '../support/ledger.ts';
import { startNomadAgent } from '../support/nomad-agent.ts';
import { startNvl } from '../support/nvl.ts';
import { needs, nomad, vector } from '../support/programs.ts';
import { readDelivered } from '../support/vector.ts';
import { waitFor, waitUntil } from '../support/wait.ts';
import { writerJob } from '../support/writer-job.ts';

/** Nomad's default; running allocations count, so that a node with more removes a folder the moment its task ends. */
const GC_MAX_ALLOCS = 50;
const RUNNING = 60;
const SHORT_JOBS = 30;
const LINES = 100;

test('a full node, on which Nomad removes the folder of a short job at once: no line of it is lost', {
  ...needs(nomad, vector),
  timeout: 300_000,
}, async () => {
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
  const nvl = await startNvl({
    folder,
    config: { nomad: { address: agent.address }, collect: { removalDelay: '2s' } },
  });
  onTestFinished(() => nvl.end().then(() => {}), 90_000);
  await waitUntil('nvl to collect', async () => existsSync(join(nvl.root, 'live', 'nomad.toml')), {
    timeoutMs: 30_000,
  });

  for (let number = 0; number < SHORT_JOBS; number += 1) {
    const tasks = { app: { lines: LINES, rate: 0 } };
    await agent.run({ job: writerJob({ id: `short-${number}`, type: 'batch', tasks, ledger }) });
  }
  const claims = await waitFor(
    'all short jobs to end',
    async () => {
      const found = await readClaims({ ledger, nodeName: agent.nodeName });
      return found.length === SHORT_JOBS ? found : undefined;
    },
    { timeoutMs: 90_000, everyMs: 250 },
  );
  const count = async () => countLines({ claims, events: await readDelivered(nvl.delivered) });
  await waitUntil('all lines', async () => (await count()).all.lost === 0, { timeoutMs: 60_000, everyMs: 500 }).catch(
    () => undefined,
  );
  const left = (await readdir(agent.allocDir)).length;
  // Long enough for a line to come twice.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const { all, unknown } = await count();
  console.log({ ...all, foldersLeft: left - RUNNING });
  expect(all).toMatchObject({ written: SHORT_JOBS * LINES, lost: 0, repeated: 0, unlabelled: 0, mislabelled: 0 });
  expect(unknown).toEqual([]);
  // The node was as full as it is called.
  expect(left).toBeLessThan(RUNNING + SHORT_JOBS);
});

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
