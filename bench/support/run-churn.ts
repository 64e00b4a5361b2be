import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Claim, type Count, countLines, type Latency, sumUp } from '../../test/support/count-lines.ts';
import { hasBegun, readClaims } from '../../test/support/ledger.ts';
import { type NomadAgent, startNomadAgent } from '../../test/support/nomad-agent.ts';
import { projectFolder, type RunningNvl, startNvl } from '../../test/support/nvl.ts';
import { readDelivered } from '../../test/support/vector.ts';
import { waitFor, waitUntil } from '../../test/support/wait.ts';
import { writerJob } from '../../test/support/writer-job.ts';
import { profiles, type Scenario, scenarios } from './scenarios.ts';

export type Churn = {
  rows: ({ name: string } & Count & Latency)[];
  all: Count & Latency;
  /** Events that hold no line of any writer. */
  unknown: string[];
  /** How many of the rotated task's files begin with the same line as another of them. */
  filesAlike: number;
  /** How many tasks wrote. */
  tasks: number;
  tookMs: number;
  nvlExitCode: number | undefined;
};

/**
 * A real Nomad agent, the real nvl over a real Vector, and writers that say how much they wrote; then what of it was
 * delivered. Everything it starts is ended, and its folder removed unless `keep` says otherwise.
 */
export const runChurn = async ({
  batchJobs = 50,
  atOnce = 10,
  restartBy,
  keep = false,
  say = () => {},
}: {
  batchJobs?: number;
  atOnce?: number;
  /** At half time nvl gets this signal and is started again. */
  restartBy?: 'SIGTERM' | 'SIGKILL';
  keep?: boolean;
  say?: (words: string) => void;
} = {}): Promise<Churn> => {
  const began = Date.now();
  // With a purge Nomad deletes the log files at once: whoever is away just then cannot read them.
  const all = scenarios({ batchJobs }).filter(({ isPurged }) => restartBy === undefined || isPurged !== true);
  const folder = await mkdtemp(join(tmpdir(), 'nvl-churn-'));
  const ledger = join(folder, 'ledger');
  await mkdir(ledger);
  const templates = await writeTemplates(folder);
  const agent = await startNomadAgent();
  const run = ({ jobs }: Scenario) => Promise.all(jobs.map((job) => agent.run({ job: writerJob({ ...job, ledger }) })));
  let nvl: RunningNvl | undefined;
  try {
    say('a service that is older than nvl');
    for (const scenario of all.filter(({ isOlder }) => isOlder)) await run(scenario);
    await waitUntil('the older service to run', async () => (await statesOf(agent)).includes('running'));
    await sleep(2_000);

    say('nvl starts');
    const config = { nomad: { address: agent.address }, templates, collect: { removalDelay: '2s' } };
    const first = await startNvl({ folder, config });
    nvl = first;
    const delivered = () => readDelivered(first.delivered);
    await waitUntil('the first line', async () => first.hasEnded() || (await delivered()).length > 0, {
      timeoutMs: 30_000,
    });
    if (first.hasEnded()) throw new Error(`nvl ended\n${await first.said()}`);

    say('services and single batch jobs start');
    const many = all.filter(({ jobs }) => jobs.length > 1);
    for (const scenario of all.filter((one) => !one.isOlder && !many.includes(one))) await run(scenario);

    say(`${batchJobs} batch jobs, ${atOnce} at a time`);
    const early = all.filter(({ isStoppedEarly }) => isStoppedEarly);
    const jobs = many.flatMap((scenario) => scenario.jobs);
    await runInWaves({
      agent,
      jobs: jobs.map((job) => writerJob({ ...job, ledger })),
      atOnce,
      atHalf: async () => {
        say('services are stopped in the middle of it');
        for (const scenario of early) await stop({ agent, ledger, scenario });
        if (restartBy === undefined) return;
        say(`nvl gets a ${restartBy} and is started again`);
        if (restartBy === 'SIGKILL') nvl?.kill(restartBy);
        await nvl?.end();
        nvl = await startNvl({ folder, config });
      },
    });

    say('everything stops');
    for (const scenario of all)
      if (scenario.jobs.some(({ type }) => type === 'service') && !early.includes(scenario))
        await stop({ agent, ledger, scenario });
    const claims = await readAllClaims({ agent, ledger, all });
    const filesAlike = await countFilesAlike(agent);

    say('the rest is delivered');
    const deliveredAll = async () => countLines({ claims, events: await delivered() }).all.lost === 0;
    await waitUntil('all lines', deliveredAll, { timeoutMs: 45_000, everyMs: 500 }).catch(() =>
      say('not all lines came'),
    );
    // Long enough for a line to come twice.
    await sleep(3_000);
    const nvlExitCode = await nvl.end();
    return {
      ...judge({ all, claims, events: await delivered() }),
      filesAlike,
      tasks: claims.length,
      tookMs: Date.now() - began,
      nvlExitCode,
    };
  } finally {
    await nvl?.end();
    await agent.close();
    if (keep) say(`kept: ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  }
};

const writeTemplates = async (folder: string): Promise<string> => {
  const templates = join(folder, 'templates');
  await cp(join(projectFolder, 'templates'), templates, { recursive: true });
  for (const [name, transform] of Object.entries(profiles)) {
    await mkdir(join(templates, 'profiles', name), { recursive: true });
    await writeFile(join(templates, 'profiles', name, 'transform.toml.hbs'), transform);
  }
  return templates;
};

const statesOf = async (agent: NomadAgent) => (await agent.allocations()).map(({ ClientStatus }) => ClientStatus);

/** Keeps so many of the jobs unfinished at a time, until all are done. */
const runInWaves = async ({
  agent,
  jobs,
  atOnce,
  atHalf,
}: {
  agent: NomadAgent;
  jobs: Record<string, unknown>[];
  atOnce: number;
  atHalf: () => Promise<void>;
}): Promise<void> => {
  const waiting = [...jobs];
  const ids = new Set(jobs.map(({ ID }) => ID));
  let isHalf = false;
  const step = async () => {
    const mine = (await agent.allocations()).filter(({ JobID }) => ids.has(JobID));
    const failed = mine.find(({ ClientStatus }) => ClientStatus === 'failed');
    if (failed !== undefined) throw new Error(`${failed.Name} failed`);
    const done = mine.filter(({ ClientStatus }) => ClientStatus === 'complete').length;
    if (!isHalf && done >= jobs.length / 2) {
      isHalf = true;
      await atHalf();
    }
    const open = jobs.length - waiting.length - done;
    for (const job of waiting.splice(0, atOnce - open)) await agent.run({ job });
    return done === jobs.length;
  };
  await waitUntil('all batch jobs to be done', step, { timeoutMs: 120_000, everyMs: 100 });
};

const stop = async ({
  agent,
  ledger,
  scenario,
}: {
  agent: NomadAgent;
  ledger: string;
  scenario: Scenario;
}): Promise<void> => {
  for (const { id, tasks } of scenario.jobs) {
    await waitUntil(`the writers of ${id} to begin`, () => hasBegun({ ledger, jobId: id, tasks: Object.keys(tasks) }));
    await agent.stop({ jobId: id, purge: scenario.isPurged ?? false });
  }
};

/** Fails with the writers that did not say what they wrote, and what Nomad says became of them. */
const readAllClaims = async ({
  agent,
  ledger,
  all,
}: {
  agent: NomadAgent;
  ledger: string;
  all: Scenario[];
}): Promise<Claim[]> => {
  const writers = all.flatMap(({ jobs }) =>
    jobs.flatMap(({ id, tasks }) => Object.keys(tasks).map((task) => [id, task])),
  );
  const read = () => readClaims({ ledger, nodeName: agent.nodeName });
  const readAll = async () => {
    const found = await read();
    return found.length >= writers.length ? found : undefined;
  };
  return waitFor('the writers to say what they wrote', readAll, {
    timeoutMs: 60_000,
    everyMs: 250,
    seen: async () => {
      const said = new Set((await read()).map(({ labels }) => `${labels.job_name} ${labels.task_name}`));
      const silent = writers.filter((writer) => !said.has(writer.join(' '))).map(([id]) => id);
      const allocations = await agent.request<{ JobID: string }[]>('GET', '/v1/allocations?task_states=true');
      return JSON.stringify(allocations.filter(({ JobID }) => silent.includes(JobID)));
    },
  });
};

/** Whether the scenario really was what it is called; Nomad decides where a file ends. */
const countFilesAlike = async (agent: NomadAgent): Promise<number> => {
  const [rotated] = await agent.allocationsOf({ jobId: 'rotated' });
  const logs = join(agent.allocDir, String(rotated?.ID), 'alloc', 'logs');
  const names = (await readdir(logs)).filter((name) => name.startsWith('app.stdout.'));
  const firstLines = await Promise.all(
    names.map(async (name) => (await readFile(join(logs, name), 'utf8')).split('\n', 1)[0]),
  );
  return firstLines.filter((line, index) => firstLines.some((other, at) => at !== index && other === line)).length;
};

const judge = ({ all, claims, events }: { all: Scenario[]; claims: Claim[]; events: string[] }) => {
  const counts = countLines({ claims, events });
  const rows = all.map(({ name, jobs, isOlder }) => {
    const ids = new Set(jobs.map(({ id }) => id));
    const mine = claims.filter(({ labels }) => ids.has(String(labels.job_name)));
    const sum = sumUp(mine.flatMap(({ key }) => counts.byKey.get(key) ?? []));
    // The first line of a service older than nvl waited for nvl to be started.
    return { name, ...sum, ...(isOlder === true ? { firstLineMs: [] } : {}) };
  });
  return { rows, all: sumUp(rows), unknown: counts.unknown };
};
