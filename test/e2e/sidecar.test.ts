import { existsSync, realpathSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Claim, countLines } from '../support/count-lines.ts';
import { readClaims } from '../support/ledger.ts';
import { type NomadAgent, startNomadAgent } from '../support/nomad-agent.ts';
import { projectFolder, writeNvlProgram } from '../support/nvl.ts';
import { writePackage } from '../support/package.ts';
import { needs, nomad, pathOf, vector } from '../support/programs.ts';
import { fileSink, readDelivered } from '../support/vector.ts';
import { waitFor, waitUntil } from '../support/wait.ts';
import { type WriterOptions, writerJob } from '../support/writer-job.ts';

// Jobs as `nvl sidecar` prints them, on a real Nomad: an nvl and a Vector within each allocation, and no other on the node.

let folder: string;
let nvl: string;
let agent: NomadAgent | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nvl-sidecar-'));
  nvl = await writeNvlProgram(join(folder, 'nvl'));
});
afterEach(async () => {
  await agent?.close();
  agent = undefined;
  await rm(folder, { recursive: true, force: true });
});

const aSite = async ({ client = {}, ...options }: Parameters<typeof startNomadAgent>[0] = {}) => {
  agent = await startNomadAgent({ ...options, client: { max_kill_timeout: '3m', ...client } });
  const { cli, env, nodeName, allocDir, allocationsOf, request } = agent;
  const [ledger, delivered, templates] = ['ledger', 'delivered.ndjson', 'templates'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  await mkdir(ledger);
  await mkdir(join(templates, 'vector'), { recursive: true });
  await writeFile(join(templates, 'vector', 'sink.toml.hbs'), fileSink({ file: delivered }));
  const flags = ['--nvl', nvl, '--vector-binary', pathOf(vector), '--templates', templates];
  const job = (id: string, type: 'batch' | 'service', tasks: Record<string, WriterOptions>) =>
    writerJob({ id, type, tasks, ledger });
  return {
    agent,
    delivered,
    job,
    /** The job with its sidecars, by nvl's own command; `text` is its jobspec. */
    withSidecar: async (text: string, more: readonly string[] = []) => {
      const given = { cwd: folder, input: text, env, extendEnv: true };
      return patient((await execa(nvl, ['sidecar', '-', ...flags, ...more], given)).stdout);
    },
    runJson: async (json: string) => {
      const file = join(folder, 'job.json');
      await writeFile(file, json);
      await cli('job', 'run', '-detach', '-json', file);
    },
    allocation: (jobId: string) => waitFor('its allocation', async () => (await allocationsOf({ jobId }))[0]?.ID),
    hasEnded: async (jobId: string) => {
      const all = await allocationsOf({ jobId });
      return all.length > 0 && all.every(({ ClientStatus }) => ClientStatus === 'complete');
    },
    seen: async () => JSON.stringify(await request('GET', '/v1/allocations?task_states=true')),
    /** What nvl said of itself, for the reader of a failure. */
    saidBy: async (jobId: string) => {
      const id = (await allocationsOf({ jobId }))[0]?.ID ?? '';
      const text = await readFile(join(allocDir, id, 'alloc', 'logs', 'nvl.stderr.0'), 'utf8').catch(String);
      return text
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .join('\n');
    },
    /** What became of the lines of one job; lines of any other are in `unknown`. */
    countOf: async (jobName: string, file = delivered) => {
      const claims = await readClaims({ ledger, nodeName });
      const ofJob = claims.filter(({ labels }: Claim) => labels.job_name === jobName);
      return countLines({ claims: ofJob, events: await readDelivered(file) });
    },
  };
};

/** The same job with minutes for its start and its end: on a machine that runs other tests beside, seconds may be too short. */
const patient = (json: string): string => {
  const spec = JSON.parse(json) as { Job: { TaskGroups: { Tasks: { Name: string; Env?: object }[] }[] } };
  for (const task of spec.Job.TaskGroups.flatMap(({ Tasks }) => Tasks))
    if (task.Name === 'nvl')
      Object.assign(task, {
        KillTimeout: 180e9,
        ShutdownDelay: 30e9,
        Env: { ...task.Env, NVL_COLLECT_LINGER: '150s' },
      });
  return JSON.stringify(spec);
};

const NOTHING_WRONG = { lost: 0, repeated: 0, unlabelled: 0, mislabelled: 0 };

test(
  "a group's lines, and no others, under access control, over restarts of the sidecar and of the agent, to the last one without a newline",
  needs(nomad, vector),
  async () => {
    const site = await aSite({ acl: true });
    const { cli, run } = site.agent;
    const policy = join(projectFolder, 'jobspecs', 'sidecar-acl-policy.hcl');
    await cli('acl', 'policy', 'apply', '-namespace', 'default', '-job', 'web', 'nvl-sidecar', policy);
    await run({ job: site.job('other', 'batch', { app: { lines: 400, rate: 20 } }) });
    const tasks = { app: { lines: 300, rate: 15, last: 'bare' }, errors: { lines: 200, rate: 10, stream: 'stderr' } };
    const spec = JSON.stringify({ Job: site.job('web', 'batch', tasks as Record<string, WriterOptions>) });
    await site.runJson(await site.withSidecar(spec));
    const id = await site.allocation('web');
    await waitUntil('some lines', async () => (await readDelivered(site.delivered)).length > 20, {
      timeoutMs: 60_000,
      seen: site.seen,
    });
    await cli('alloc', 'restart', '-task', 'nvl', id);
    await site.agent.stopClient();
    await site.agent.startClient();
    await waitUntil('the job to end', () => site.hasEnded('web'), { timeoutMs: 240_000, seen: site.seen });
    const { all, unknown } = await site.countOf('web');
    expect(unknown).toEqual([]);
    expect(all, await site.saidBy('web')).toMatchObject({ written: 500, ...NOTHING_WRONG });
  },
);

test(
  'a service that gets a new version, and is stopped: what each says last, in a burst, is delivered before its sidecar ends',
  needs(nomad, vector),
  async () => {
    const site = await aSite();
    const hcl = serviceHcl({ ledger: join(folder, 'ledger') });
    await site.runJson(await site.withSidecar(hcl));
    await waitUntil('some lines', async () => (await readDelivered(site.delivered)).length > 20, {
      timeoutMs: 60_000,
      seen: site.seen,
    });
    // Its next version is another allocation, with a sidecar of its own.
    const first = await site.allocation('shop');
    await site.runJson(await site.withSidecar(serviceHcl({ ledger: join(folder, 'ledger'), memory: 12 })));
    const ofNext = async () => (await readDelivered(site.delivered)).filter((line) => !line.includes(first));
    await waitUntil('lines of the next version', async () => (await ofNext()).length > 20, {
      timeoutMs: 180_000,
      seen: site.seen,
    });
    await site.agent.stop({ jobId: 'shop' });
    await waitUntil('the job to end', () => site.hasEnded('shop'), { timeoutMs: 240_000, seen: site.seen });
    const { all, unknown } = await site.countOf('shop');
    expect(unknown).toEqual([]);
    // A burst of each version.
    expect(all.written).toBeGreaterThan(4_000);
    expect(all, await site.saidBy('shop')).toMatchObject(NOTHING_WRONG);
  },
);

test('a job that is over before its sidecar is up is delivered all the same', needs(nomad, vector), async () => {
  const site = await aSite();
  const spec = JSON.stringify(site.job('quick', 'batch', { app: { lines: 40, last: 'bare' } }));
  await site.runJson(await site.withSidecar(spec));
  await waitUntil('the job to end', () => site.hasEnded('quick'), { timeoutMs: 240_000, seen: site.seen });
  const { all, unknown } = await site.countOf('quick');
  expect(unknown).toEqual([]);
  expect(all, await site.saidBy('quick')).toMatchObject({ written: 40, ...NOTHING_WRONG });
});

test(
  'with the driver exec: in a root of its own, as nobody, it delivers the lines of its group',
  needs(nomad, vector),
  async () => {
    const published = join(folder, 'published');
    const program = await writeNvlProgram(join(folder, 'nvl'), writePackage(published));
    const site = await aSite({ client: { chroot_env: await ownRoot({ published, program }) } });
    const { allocDir } = site.agent;
    // A task of that driver sees no folder of the node's: it says on stdout what it delivers.
    const templates = join(folder, 'printing');
    await mkdir(join(templates, 'vector'), { recursive: true });
    const sink = '[sinks.printed]\ntype = "console"\ninputs = ["nomad_logs"]\nencoding.codec = "json"\n';
    await writeFile(join(templates, 'vector', 'sink.toml.hbs'), `${sink}acknowledgements.enabled = true\n`);
    const spec = JSON.stringify({ Job: site.job('web', 'batch', { app: { lines: 200, rate: 10, last: 'bare' } }) });
    await site.runJson(await site.withSidecar(spec, ['--driver', 'exec', '--templates', templates]));
    const id = await site.allocation('web');
    const printed = join(allocDir, id, 'alloc', 'logs', 'nvl.stdout.0');
    const count = async () => (existsSync(printed) ? (await readDelivered(printed)).length : 0);
    await waitUntil('some lines', async () => (await count()) > 20, { timeoutMs: 90_000, seen: site.seen });
    expect((await stat(join(allocDir, id, 'alloc', 'nvl'))).uid).toBe(65_534);
    await waitUntil('the job to end', () => site.hasEnded('web'), { timeoutMs: 240_000, seen: site.seen });
    const { all, unknown } = await site.countOf('web', printed);
    expect(unknown).toEqual([]);
    expect(all, await site.saidBy('web')).toMatchObject({ written: 200, ...NOTHING_WRONG });
  },
);

/** What a root needs in which nvl and Vector run, and no more: where it lies on the node, and where it is to lie. */
const ownRoot = async ({ published, program }: { published: string; program: string }) => {
  const programs = [process.execPath, pathOf(vector), '/bin/sh'];
  const { stdout } = await execa('ldd', programs);
  const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, file = '']) => file);
  const lock = JSON.parse(await readFile(join(projectFolder, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>;
  };
  // Nomad makes folders there with the rights that they have here.
  await chmod(folder, 0o755);
  // Without what only tests and builds need: Nomad links each file into the task's root.
  await rm(join(published, 'node_modules'));
  for (const [name, { dev }] of Object.entries(lock.packages)) {
    const found = join(projectFolder, name);
    if (name !== '' && dev !== true && existsSync(found))
      await cp(found, join(published, name), { recursive: true, dereference: true });
  }
  return Object.fromEntries([
    ...[...programs, ...libraries].map((file) => [realpathSync(file), file]),
    [published, published],
    [program, program],
  ]) as Record<string, string>;
};

/** A jobspec as a person writes it. */
const serviceHcl = ({ ledger, memory = 10 }: { ledger: string; memory?: number }): string => `
job "shop" {
  group "writers" {
    restart {
      attempts = 0
      mode     = "fail"
    }
    task "app" {
      driver      = "raw_exec"
      kill_signal  = "SIGTERM"
      kill_timeout = "60s"
      config {
        command = "${join(projectFolder, 'test', 'support', 'log-writer')}"
        args    = ["ledger=${ledger}", "lines=0", "rate=20", "burst=2000", "last=bare"]
      }
      resources {
        cpu    = 10
        memory = ${memory}
      }
    }
  }
}
`;
