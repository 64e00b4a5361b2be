import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NodeStatus } from '../../lib/status/status.ts';
import { countLines } from '../support/count-lines.ts';
import { readClaims } from '../support/ledger.ts';
import { type NomadAgent, startNomadAgent } from '../support/nomad-agent.ts';
import { projectFolder, writeNvlProgram } from '../support/nvl.ts';
import { renderPack } from '../support/pack.ts';
import { needs, nomad, pathOf, vector } from '../support/programs.ts';
import { freePort } from '../support/servers.ts';
import { fileSink, readDelivered, readEvents } from '../support/vector.ts';
import { waitFor, waitUntil } from '../support/wait.ts';
import { writerJob } from '../support/writer-job.ts';

// The jobspecs as they stand in the repository, run by `nomad job run` with values for their variables alone.

const NOBODY = 65_534;

let folder: string;
let nvl: string;
let agent: NomadAgent | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nvl-jobspecs-'));
  nvl = await writeNvlProgram(join(folder, 'nvl'));
});
afterEach(async () => {
  await agent?.close();
  agent = undefined;
  await rm(folder, { recursive: true, force: true });
});

const jobspec = (name: string) => join(projectFolder, 'jobspecs', name);
const withVars = (vars: Record<string, string>) => Object.entries(vars).map(([name, value]) => `-var=${name}=${value}`);

const JOBSPECS = ['nvl', 'development', 'sidecar', 'two-tasks', 'aggregator'].map((name) => `${name}.nomad.hcl`);

test('each jobspec is valid', needs(nomad), async () => {
  const { cli } = await startAgent();
  for (const name of JOBSPECS) {
    expect(await cli('job', 'validate', jobspec(name))).toContain('Job validation successful');
    expect(await planOf({ cli, file: jobspec(name) })).toContain('All tasks successfully allocated');
  }
  const tls = withVars({
    nomad_addr: 'https://127.0.0.1:4646',
    nomad_ca_cert: '/etc/nomad.d/ca.pem',
    nomad_client_cert: '/etc/nomad.d/cli.pem',
    nomad_client_key: '/etc/nomad.d/cli-key.pem',
  });
  expect(await planOf({ cli, file: jobspec('nvl.nomad.hcl'), vars: tls })).toContain(
    'All tasks successfully allocated',
  );
  const versioned = ['-var=templates=https://git.example.com/templates.tar.gz', '-var=canary=10'];
  expect(await cli('job', 'validate', ...versioned, jobspec('nvl.nomad.hcl'))).toContain('Job validation successful');
});

test('the job for docker is valid, and all that it lacks here is docker', needs(nomad), async () => {
  const { cli } = await startAgent();
  const vars = ['-var=image=registry.example.com/nvl:0.1.0', '-var=vector_args=["-c", "/etc/vector/team.toml"]'];
  const file = jobspec('nvl-docker.nomad.hcl');
  expect(await cli('job', 'validate', ...vars, file)).toContain('Job validation successful');
  expect(await planOf({ cli, file, vars })).toMatch(/"missing drivers": 1 nodes? excluded/);
});

test.each<[string, Record<string, unknown>]>([
  ['as it stands', {}],
  ['with templates of its own', { templates: 'https://git.example.com/templates.tar.gz', canary: 10 }],
])('Nomad plans the pack: %s', needs(nomad), async (_, values) => {
  const { cli, request } = await startAgent();
  const rendered = join(folder, 'pack.nomad.hcl');
  await writeFile(rendered, renderPack({ file: 'templates/nvl.nomad.tpl', values }));
  const { Job } = JSON.parse(await cli('job', 'run', '-output', rendered));
  const plan = await request<{ Annotations: { DesiredTGUpdates: Record<string, { Place: number }> } }>(
    'POST',
    '/v1/job/nvl/plan',
    { Job, Diff: false },
  );
  expect(plan.Annotations.DesiredTGUpdates.nvl?.Place).toBe(1);
});

test(
  'the system job collects under access control, over restarts of the agent, nvl and Vector, a stop and a start, and its next version',
  needs(nomad, vector),
  async () => {
    const { cli, run, request, stop, stopClient, startClient, allocationsOf, nodeName } = await startAgent({
      acl: true,
    });
    const [root, data, out, ledger] = ['root', 'data', 'out', 'ledger'].map((name) => join(folder, name)) as [
      root: string,
      data: string,
      out: string,
      ledger: string,
    ];
    for (const name of [data, out, ledger]) await mkdir(name);
    // Vector's user, and no other, writes what it remembers and what it delivers.
    await chmod(folder, 0o755);
    for (const name of [data, out]) await chown(name, NOBODY, NOBODY);
    const delivered = join(out, 'delivered.ndjson');
    const team = join(folder, 'team.toml');
    await writeFile(team, `data_dir = ${JSON.stringify(data)}\n${fileSink({ file: delivered })}`);
    const config = join(folder, 'nvl.yaml');
    await writeFile(config, 'sinks: none\ncollect:\n  removalDelay: 1s\n');
    const vars = {
      nvl,
      vector: pathOf(vector),
      vector_args: JSON.stringify(['-c', team]),
      vector_user: 'nobody',
      config,
      root,
    };

    const runJob = (more: Record<string, string> = {}) =>
      cli('job', 'run', '-detach', ...withVars({ ...vars, ...more }), jobspec('nvl.nomad.hcl'));
    const seen = async () => JSON.stringify(await request('GET', '/v1/allocations?task_states=true'));
    const until = (what: string, isSo: () => Promise<boolean>) => waitUntil(what, isSo, { timeoutMs: 60_000, seen });
    const count = async () => (await readDelivered(delivered)).length;
    const moreLines = async () => {
      const before = await count();
      await until(`more than ${before} lines`, async () => (await count()) > before);
    };
    const vectorOf = async () => {
      const { stdout } = await execa(nvl, ['status', '--json', '--root', root], { cwd: folder });
      return (JSON.parse(stdout) as NodeStatus).vector.pid as number;
    };
    const place = { jobId: 'nvl' };
    const states = async () => (await allocationsOf(place)).map(({ ClientStatus }) => ClientStatus).sort();
    await cli('acl', 'policy', 'apply', '-namespace', 'default', '-job', 'nvl', 'nvl', jobspec('acl-policy.hcl'));
    await runJob();
    await run({
      job: writerJob({ id: 'web', type: 'batch', tasks: { app: { lines: 1_000, rate: 20, last: 'bare' } }, ledger }),
    });
    await moreLines();
    const [first] = await allocationsOf(place);
    await stopClient();
    await moreLines();
    await startClient();
    await moreLines();
    await cli('alloc', 'restart', '-task', 'nvl', String(first?.ID));
    await moreLines();
    process.kill(await vectorOf(), 'SIGTERM');
    await moreLines();
    // The agent has found its tasks again: none was started anew but what was restarted.
    expect(await states()).toEqual(['running']);
    await stop(place);
    await until('its end', async () => (await states()).join() === 'complete');
    await runJob();
    await moreLines();
    await runJob({ memory: '600' });
    await until('the next version', async () => (await states()).join() === 'complete,complete,running');
    await moreLines();
    const claim = await waitFor('the writer to end', async () => (await readClaims({ ledger, nodeName }))[0], {
      timeoutMs: 90_000,
    });
    const counted = async () => countLines({ claims: [claim], events: await readDelivered(delivered) });
    await waitUntil('all lines', async () => (await counted()).all.lost === 0, { timeoutMs: 40_000, everyMs: 200 });
    const counts = await counted();
    expect(counts.unknown).toEqual([]);
    expect((await stat(delivered)).uid).toBe(NOBODY);
    expect(counts.all).toMatchObject({ written: 1_000, lost: 0, repeated: 0, unlabelled: 0, mislabelled: 0 });
  },
);

test(
  'the development job prints the lines of its service with their labels, each once, over restarts, and no line of its own',
  needs(nomad, vector),
  async () => {
    const { cli, allocDir, allocationsOf, stopClient, startClient, nodeName } = await startAgent();
    const runJob = (more: Record<string, string> = {}) =>
      cli(
        'job',
        'run',
        '-detach',
        ...withVars({ nvl, vector: pathOf(vector), ...more }),
        jobspec('development.nomad.hcl'),
      );
    const running = () =>
      waitFor('the allocation', async () => {
        const all = await allocationsOf({ jobId: 'development' });
        return all.find(({ ClientStatus, DesiredStatus }) => ClientStatus === 'running' && DesiredStatus === 'run')?.ID;
      });
    const logOf = (id: string, task: string) => join(allocDir, id, 'alloc', 'logs', `${task}.stdout.0`);
    const eventsOf = async (id: string) => (existsSync(logOf(id, 'nvl')) ? await readEvents(logOf(id, 'nvl')) : []);
    const moreLines = async (id: string) => {
      const before = (await eventsOf(id)).length;
      await waitUntil('more lines', async () => (await eventsOf(id)).length >= before + 2, { timeoutMs: 60_000 });
    };
    await runJob();
    const ID = await running();
    await moreLines(ID);
    await cli('alloc', 'restart', '-task', 'nvl', ID);
    await moreLines(ID);
    await stopClient();
    await moreLines(ID);
    await startClient();
    await moreLines(ID);
    for (const event of await eventsOf(ID)) {
      expect(event.message).toMatch(/^192\.168\.29\.76 - - \[\d\d\/\w{3}\/\d{4} [\d:]{8}\] "GET \/ HTTP\/1\.1" 200 -$/);
      expect(event.nomad).toEqual({
        namespace: 'default',
        node_name: nodeName,
        job_name: 'development',
        group_name: 'development',
        task_name: 'web',
        alloc_id: ID,
        stream: 'stdout',
      });
    }
    const printed = (await eventsOf(ID)).map(({ message }) => message);
    const written = (await readFile(logOf(ID, 'web'), 'utf8')).trimEnd().split('\n');
    // What was written before somebody looked, in its order.
    expect(printed).toEqual(written.slice(0, printed.length));
    await writeNvlProgram(`${nvl}-next`);
    await runJob({ nvl: `${nvl}-next` });
    await waitUntil('the next version', async () => (await running()) !== ID, { timeoutMs: 60_000 });
    await moreLines(await running());
  },
);

test(
  'the sidecar job prints the lines of its service under access control, and none of any other job',
  needs(nomad, vector),
  async () => {
    const { cli, run, allocDir, allocationsOf, nodeName } = await startAgent({ acl: true });
    const policy = jobspec('sidecar-acl-policy.hcl');
    await cli('acl', 'policy', 'apply', '-namespace', 'default', '-job', 'sidecar', 'nvl-sidecar', policy);
    const ledger = join(folder, 'ledger');
    await mkdir(ledger);
    await run({ job: writerJob({ id: 'other', type: 'batch', tasks: { app: { lines: 200, rate: 20 } }, ledger }) });
    await cli('job', 'run', '-detach', ...withVars({ nvl, vector: pathOf(vector) }), jobspec('sidecar.nomad.hcl'));
    const ID = await waitFor('the allocation', async () => (await allocationsOf({ jobId: 'sidecar' }))[0]?.ID);
    const printed = join(allocDir, ID, 'alloc', 'logs', 'nvl.stdout.0');
    await waitUntil('some lines', async () => (await readDelivered(printed)).length >= 4, { timeoutMs: 40_000 });
    for (const { message, nomad: labels } of await readEvents(printed)) {
      expect(message).toMatch(/"GET \/ HTTP\/1\.1" 200 -$/);
      expect(labels).toMatchObject({ job_name: 'sidecar', group_name: 'site', task_name: 'web', node_name: nodeName });
    }
  },
);

test(
  'nvl and Vector as two tasks: no line is lost or repeated when the agent or either is restarted, over a stop and a start, nor over the next version',
  needs(nomad, vector),
  async () => {
    const { cli, run, request, stop, dataDir, stopClient, startClient, allocationsOf, nodeName } = await startAgent({
      acl: true,
    });
    const [root, data, out, ledger] = ['root', 'data', 'out', 'ledger'].map((name) => join(folder, name)) as [
      root: string,
      data: string,
      out: string,
      ledger: string,
    ];
    for (const name of [data, out, ledger]) await mkdir(name);
    // Vector's user reaches its own folders, and the allocation's that Nomad gives it.
    for (const name of [folder, dirname(dataDir)]) await chmod(name, 0o755);
    for (const name of [data, out]) await chown(name, NOBODY, NOBODY);
    const delivered = join(out, 'delivered.ndjson');
    const team = join(folder, 'team.toml');
    await writeFile(team, fileSink({ file: delivered }));
    const config = join(folder, 'nvl.yaml');
    await writeFile(config, 'sinks: none\ncollect:\n  removalDelay: 1s\n');
    const vars = {
      nvl,
      vector: pathOf(vector),
      vector_args: JSON.stringify(['-c', team]),
      vector_user: 'nobody',
      vector_group: String(NOBODY),
      data_dir: data,
      metrics: `127.0.0.1:${await freePort()}`,
      config,
      root,
    };
    const runJob = () => cli('job', 'run', '-detach', ...withVars(vars), jobspec('two-tasks.nomad.hcl'));
    const seen = async () => JSON.stringify(await request('GET', '/v1/allocations?task_states=true'));
    await cli('acl', 'policy', 'apply', '-namespace', 'default', '-job', 'nvl', 'nvl', jobspec('acl-policy.hcl'));
    await runJob();
    await run({
      job: writerJob({ id: 'web', type: 'batch', tasks: { app: { lines: 1_200, rate: 15, last: 'bare' } }, ledger }),
    });
    const count = async () => (await readDelivered(delivered)).length;
    const moreThan = async (lines: number) =>
      waitUntil(`more than ${lines} lines`, async () => (await count()) > lines, { timeoutMs: 90_000, seen });
    await moreThan(0);
    const [first] = await allocationsOf({ jobId: 'nvl' });
    await stopClient();
    await moreThan(await count());
    await startClient();
    await moreThan(await count());
    for (const task of ['vector', 'nvl']) {
      await cli('alloc', 'restart', '-task', task, String(first?.ID));
      await moreThan(await count());
    }
    const states = async () => (await allocationsOf({ jobId: 'nvl' })).map(({ ClientStatus }) => ClientStatus).sort();
    await stop({ jobId: 'nvl' });
    await waitUntil('its end', async () => (await states()).join() === 'complete', { timeoutMs: 60_000, seen });
    await runJob();
    await moreThan(await count());
    vars.metrics = `127.0.0.1:${await freePort()}`;
    await runJob();
    const claim = await waitFor('the writer to end', async () => (await readClaims({ ledger, nodeName }))[0], {
      timeoutMs: 120_000,
    });
    const counted = async () => countLines({ claims: [claim], events: await readDelivered(delivered) });
    await waitUntil('all lines', async () => (await counted()).all.lost === 0, {
      timeoutMs: 60_000,
      everyMs: 200,
      seen,
    });
    const counts = await counted();
    expect(counts.unknown).toEqual([]);
    expect((await stat(delivered)).uid).toBe(NOBODY);
    expect(counts.all).toMatchObject({ written: 1_200, lost: 0, repeated: 0, unlabelled: 0, mislabelled: 0 });
  },
);

test('what an agent collects arrives at the aggregator, whole and labelled', needs(nomad, vector), async () => {
  const { cli, run, request, stop, dataDir, nodeName } = await startAgent();
  const [data, aggregated, out, ledger] = ['data', 'aggregated', 'out', 'ledger'].map((name) => join(folder, name)) as [
    data: string,
    aggregated: string,
    out: string,
    ledger: string,
  ];
  for (const name of [data, aggregated, out, ledger]) await mkdir(name);
  for (const name of [folder, dirname(dataDir)]) await chmod(name, 0o755);
  for (const name of [data, aggregated, out]) await chown(name, NOBODY, NOBODY);
  const port = String(await freePort());
  const delivered = join(out, 'delivered.ndjson');
  const sinks = join(folder, 'sinks.toml');
  await writeFile(sinks, fileSink({ inputs: ['nodes'], file: delivered }));
  const shared = { vector: pathOf(vector), vector_user: 'nobody' };
  const aggregator = { ...shared, sinks, address: '127.0.0.1', port, data_dir: aggregated };
  await cli('job', 'run', '-detach', ...withVars(aggregator), jobspec('aggregator.nomad.hcl'));

  // As `nvl init --sink vector` writes it, with the aggregator's address.
  const sink = await readFile(join(projectFolder, 'templates', 'init', 'vector.toml.hbs'), 'utf8');
  await mkdir(join(folder, 'templates', 'vector'), { recursive: true });
  await writeFile(join(folder, 'templates', 'vector', 'sink.toml.hbs'), sink.replace(':6000', `:${port}`));
  const config = join(folder, 'nvl.yaml');
  await writeFile(config, 'templates: templates\ncollect:\n  removalDelay: 1s\n');
  const agents = { ...shared, nvl, config, root: join(folder, 'root') };
  await cli('job', 'run', '-detach', ...withVars(agents), jobspec('nvl.nomad.hcl'));
  await run({
    job: writerJob({ id: 'web', type: 'batch', tasks: { app: { lines: 200, rate: 20, last: 'bare' } }, ledger }),
  });
  const claim = await waitFor('the writer to end', async () => (await readClaims({ ledger, nodeName }))[0], {
    timeoutMs: 60_000,
  });
  const counted = async () => {
    const events = (await readDelivered(delivered)).filter((line) => line.includes('"job_name":"web"'));
    return countLines({ claims: [claim], events });
  };
  const seen = async () => JSON.stringify(await request('GET', '/v1/allocations?task_states=true'));
  await waitUntil('all lines', async () => (await counted()).all.lost === 0, { timeoutMs: 90_000, everyMs: 200, seen });
  expect((await counted()).all).toMatchObject({ written: 200, lost: 0, repeated: 0, unlabelled: 0, mislabelled: 0 });
  // An agent whose aggregator is gone takes its time to give up.
  await stop({ jobId: 'nvl' });
});

/** `nomad job plan` ends with 1 where there is something to do. */
const planOf = async ({
  cli,
  file,
  vars = [],
}: {
  cli: NomadAgent['cli'];
  file: string;
  vars?: readonly string[];
}): Promise<string> =>
  cli('job', 'plan', ...vars, file).catch((error: { code?: number; stdout?: string }) =>
    error.code === 1 ? String(error.stdout) : Promise.reject(error),
  );

const startAgent = async (options?: { acl?: boolean }): Promise<NomadAgent> => {
  agent = await startNomadAgent(options);
  return agent;
};
