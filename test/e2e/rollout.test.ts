import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startNomadAgent } from '../support/nomad-agent.ts';
import { projectFolder, writeNvlProgram } from '../support/nvl.ts';
import { needs, nomad, pathOf, vector } from '../support/programs.ts';
import { readDelivered } from '../support/vector.ts';
import { waitUntil } from '../support/wait.ts';

// docs/rollout.md: templates as a version of the system job, on three client agents.

const NODES = ['node-1', 'node-2', 'node-3'];
/** Canaries are of three nodes one. The times are shorter than the jobspec's own, so that nobody waits for them. */
const UPDATE = { canary: 30, max_parallel: 2, min_healthy_time: '15s', healthy_deadline: '180s' };
/** Of a version that will not be well: how soon Nomad knows. */
const SOON = { ...UPDATE, min_healthy_time: '10s', healthy_deadline: '45s' };
const MANY_MS = 240_000;

test('bad templates reach one node, and are taken back; good ones reach all', {
  ...needs(nomad, vector),
  timeout: 900_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-rollout-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const nvl = await writeNvlProgram(join(folder, 'nvl'));
  await mkdir(join(folder, 'out'));
  const linesOf = async (version: string): Promise<number[]> =>
    Promise.all(
      NODES.map(async (node) => (await readDelivered(join(folder, 'out', `${node}-${version}.ndjson`))).length),
    );
  const versions = await serve({
    folder,
    sinksAt: (address) => ({
      ...Object.fromEntries(['good', 'bad', 'better'].map((name) => [name, sinkOf({ folder, name })])),
      dropping: dropping(address),
    }),
  });

  const agent = await startNomadAgent({ nodeName: 'node-1' });
  onTestFinished(() => agent.close(), 120_000);
  for (const name of NODES.slice(1)) await agent.addClient(name);
  const { cli, request } = agent;
  const logs = join(folder, 'logs.nomad.hcl');
  await writeFile(logs, LOGGING_JOB);
  await cli('job', 'run', '-detach', logs);
  const config = join(folder, 'nvl.yaml');
  await writeFile(config, 'nomad:\n  interval: 2s\ncollect:\n  removalDelay: 1s\n');
  const runWith = (name: string, update: Record<string, number | string> = UPDATE) =>
    cli(
      'job',
      'run',
      '-detach',
      `-var=nvl=${nvl}`,
      `-var=vector=${pathOf(vector)}`,
      '-var=vector_user=',
      `-var=config=${config}`,
      `-var=root=${folder}/root-$\{node.unique.name}`,
      ...Object.entries(update).map(([key, value]) => `-var=${key}=${value}`),
      `-var=templates=${versions}/${name}.tar.gz`,
      join(projectFolder, 'jobspecs/nvl.nomad.hcl'),
    );
  const allocations = async () => (await request<Stub[]>('GET', '/v1/job/nvl/allocations')) ?? [];
  const deployments = async () => (await request<Deployment[]>('GET', '/v1/job/nvl/deployments')) ?? [];
  const seen = async () => JSON.stringify({ allocations: await allocations(), deployments: await deployments() });
  const wait = (what: string, isSo: () => Promise<boolean>) =>
    waitUntil(what, isSo, { timeoutMs: MANY_MS, everyMs: 500, seen });
  const isLastDeployment = async (status: string) => (await deployments()).toSorted(byIndex)[0]?.Status === status;
  const waitForLines = async (version: string) => {
    const before = await linesOf(version);
    await wait(`lines of all nodes by ${version}`, async () =>
      (await linesOf(version)).every((count, index) => count > (before[index] ?? 0)),
    );
  };

  await runWith('good');
  await waitForLines('good');
  await wait('the first version to be well', () => isLastDeployment('successful'));
  const running = async () => (await allocations()).filter(({ ClientStatus }) => ClientStatus === 'running');
  expect((await running()).map(({ NodeName }) => NodeName).toSorted()).toEqual(NODES);

  /** Runs a bad version: it reaches one node, which gets the good one back; the others go on as if nothing had been. */
  const runBad = async (name: string): Promise<Stub | undefined> => {
    const before = await running();
    await runWith(name, SOON);
    await wait(`${name} to be taken back`, async () => (await deployments()).some(({ Status }) => Status === 'failed'));
    const version = (await deployments()).find(({ Status }) => Status === 'failed')?.JobVersion;
    const isGone = async () => (await running()).filter(({ JobVersion }) => JobVersion !== version).length === 3;
    await wait('the good version everywhere', isGone);
    await waitForLines('good');
    const bad = (await allocations()).filter(({ JobVersion }) => JobVersion === version);
    expect(bad.map(({ ClientStatus }) => ClientStatus)).toEqual(['complete']);
    const others = (stubs: Stub[]) => stubs.filter(({ NodeName }) => NodeName !== bad[0]?.NodeName).map(lifeOf);
    expect(others(await running()).sort(byId)).toEqual(others(before).sort(byId));
    expect(others(before)).toHaveLength(2);
    return bad[0];
  };

  // What Vector refuses does not even start.
  expect((await runBad('bad'))?.TaskStates.nvl.StartedAt).toBeNull();
  expect(await linesOf('bad')).toEqual([0, 0, 0]);

  // Nomad 2.0.6 keeps a failed deployment as the current one: the way out of it, as the page says.
  await runWith('better', { ...UPDATE, canary: 0, max_parallel: 0 });
  await waitForLines('better');
  await wait('the failed one to be forgotten', async () => {
    await cli('system', 'gc');
    return (await deployments()).every(({ Status }) => Status !== 'failed');
  });

  await runWith('good');
  await wait('a version to be well everywhere', () => isLastDeployment('successful'));
  await waitForLines('good');

  // Vector accepts it, and what reads its lines does not: nvl's health says so.
  expect((await runBad('dropping'))?.TaskStates.nvl.StartedAt).not.toBeNull();
});

type Stub = {
  ID: string;
  NodeName: string;
  JobVersion: number;
  ClientStatus: string;
  TaskStates: { nvl: { StartedAt: string | null; Restarts: number } };
};

/** An allocation that was neither replaced nor restarted has the same one. */
const lifeOf = ({ ID, TaskStates: { nvl } }: Stub) => ({ ID, startedAt: nvl.StartedAt, restarts: nvl.Restarts });

const byId = (a: { ID: string }, b: { ID: string }): number => (a.ID < b.ID ? -1 : 1);

type Deployment = { Status: string; StatusDescription: string; JobVersion: number; CreateIndex: number };

const byIndex = (a: Deployment, b: Deployment): number => b.CreateIndex - a.CreateIndex;

/** A sink that says which version of the templates it is of. The bad one takes what is not there. */
const sinkOf = ({ folder, name }: { folder: string; name: string }): string => `
[sinks.out]
type = "file"
inputs = ["${name === 'bad' ? 'nonsense' : 'nomad_logs'}"]
path = "${folder}/out/{{node.name}}-${name}.ndjson"
encoding.codec = "json"
acknowledgements.enabled = true
`;

/** Its server has no use for any line. */
const dropping = (address: string): string => `
[sinks.out]
type = "http"
inputs = ["nomad_logs"]
uri = "${address}/refused"
encoding.codec = "json"
framing.method = "newline_delimited"
acknowledgements.enabled = true
batch.timeout_secs = 0.2
`;

const LOGGING_JOB = `
job "app" {
  type = "system"
  group "app" {
    task "app" {
      driver = "raw_exec"
      config {
        command = "/bin/sh"
        args    = ["-c", "i=0; while :; do i=$((i+1)); echo line $i; sleep 0.5; done"]
      }
      resources {
        cpu    = 20
        memory = 20
      }
    }
  }
}
`;

/** Templates as archives, over HTTP, as a repository's releases are. What is sent there is refused. */
const serve = async ({
  folder,
  sinksAt,
}: {
  folder: string;
  sinksAt: (address: string) => Record<string, string>;
}): Promise<string> => {
  const archives = new Set<string>();
  const server = createServer(async (incoming, answer) => {
    const name = /^\/(\w+)\.tar\.gz/.exec(incoming.url ?? '')?.[1] ?? '';
    if (!archives.has(name)) answer.writeHead(incoming.method === 'POST' ? 400 : 404).end();
    else answer.writeHead(200).end(await readFile(join(folder, `${name}.tar.gz`)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const [name, sink] of Object.entries(sinksAt(address))) {
    await mkdir(join(folder, name, 'vector'), { recursive: true });
    await writeFile(join(folder, name, 'vector/sink.toml.hbs'), sink);
    execFileSync('tar', ['-czf', join(folder, `${name}.tar.gz`), '-C', join(folder, name), 'vector']);
    archives.add(name);
  }
  return address;
};
