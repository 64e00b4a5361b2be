import { globSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { rowsOf } from '../../lib/pipelines/table.ts';
import { aFolder, aNomad, put, startNvl as startNvlHere } from '../commands/support.ts';
import { aRawAllocation, aTransform, idOf } from '../support/builders.ts';
import { daemonFiles } from '../support/daemon-files.ts';
import { readClaims } from '../support/ledger.ts';
import { startNomadAgent } from '../support/nomad-agent.ts';
import { startNvl } from '../support/nvl.ts';
import { needs, nomad, pathOf, vector } from '../support/programs.ts';
import { type DeliveredEvent, fileSink, readEvents } from '../support/vector.ts';
import { waitUntil } from '../support/wait.ts';
import { writerJob } from '../support/writer-job.ts';

// Slips of jobs' and templates' authors, on a real Vector: every line arrives, labelled and marked; fixed live, the task goes
// on under its own profile, and no line is lost, nor sent again from before Vector's last checkpoint.

/** A profile that says that it ran. */
const parsing = (name: string) => aTransform(`.parsed_by = "${name}"`);
const profile = (name: string, files: Record<string, string>) =>
  Object.fromEntries(Object.entries(files).map(([file, text]) => [`templates/profiles/${name}/${file}`, text]));
const WIDTH = 'parameters:\n  width: { type: number, minimum: 1, default: 80 }\n';
const sinkOf = (id: string, file: string) => fileSink({ id, file }).replace('["nomad_logs"]', '["{{input}}"]');

type Slip = {
  job: string;
  meta: Record<string, string>;
  /** What the templates folder has of it, at first and when it is fixed. */
  broken: Record<string, string>;
  fixed: Record<string, string>;
  mark: string;
};

const slips: Slip[] = [
  {
    job: 'unknown',
    meta: { nvl_profile: 'jsn' },
    broken: {},
    fixed: profile('jsn', { 'transform.toml.hbs': parsing('unknown') }),
    mark: 'profile "jsn" is unknown',
  },
  {
    job: 'parameter',
    meta: { nvl_profile: 'param', nvl_width: 'wide' },
    broken: profile('param', { 'transform.toml.hbs': parsing('parameter'), 'profile.yaml': WIDTH }),
    fixed: profile('param', { 'profile.yaml': WIDTH.replace('number, minimum: 1', 'string').replace('80', '"80"') }),
    mark: 'a parameter does not fit profile "param"',
  },
  {
    job: 'template',
    meta: { nvl_profile: 'template' },
    broken: profile('template', { 'transform.toml.hbs': '{{jobb.name}}' }),
    fixed: profile('template', { 'transform.toml.hbs': parsing('template') }),
    mark: 'profile "template" is refused',
  },
  {
    job: 'gate',
    meta: { nvl_profile: 'gate' },
    broken: profile('gate', { 'transform.toml.hbs': `data_dir = "/tmp"\n${parsing('gate')}` }),
    fixed: profile('gate', { 'transform.toml.hbs': parsing('gate') }),
    mark: 'profile "gate" is refused',
  },
  {
    job: 'vrl',
    meta: { nvl_profile: 'vrl' },
    broken: profile('vrl', { 'transform.toml.hbs': aTransform('.a = nothing_such(.message)') }),
    fixed: profile('vrl', { 'transform.toml.hbs': parsing('vrl') }),
    mark: 'profile "vrl" is refused',
  },
  {
    job: 'option',
    meta: { nvl_profile: 'option' },
    broken: profile('option', { 'transform.toml.hbs': parsing('option').replace('remap', 'nothing_such') }),
    fixed: profile('option', { 'transform.toml.hbs': parsing('option') }),
    mark: 'profile "option" is refused',
  },
];

const linesOf = (job: string, from: number, count: number) =>
  Array.from({ length: count }, (_, at) => `${job} ${from + at}`);

const messagesOf = (events: readonly DeliveredEvent[], job: string) =>
  events.filter(({ nomad: labels }) => labels?.job_name === job).map(({ message }) => String(message));

const markOf = ({ nvl }: DeliveredEvent) => (nvl as { profile_error?: string } | undefined)?.profile_error;

test(
  'all lines arrive, marked, beside a good job; fixed live they are parsed, and none comes twice',
  needs(vector),
  async () => {
    const folder = await aFolder();
    const good: Slip = {
      job: 'good',
      meta: { nvl_profile: 'good' },
      broken: profile('good', { 'transform.toml.hbs': parsing('good') }),
      fixed: {},
      mark: '',
    };
    const jobs = [...slips, good];
    const allocations = jobs.map(({ job, meta }, at) => aRawAllocation({ id: idOf(at + 1), job, taskMeta: meta }));
    const site = await aNomad(folder, allocations);
    const delivered = join(folder, 'delivered.ndjson');
    const write = async (from: number) => {
      for (const [at, { job }] of jobs.entries()) {
        const logs = join(site.allocDir, idOf(at + 1), 'alloc', 'logs');
        await mkdir(logs, { recursive: true });
        await appendFile(join(logs, 'app.stdout.0'), `${linesOf(job, from, 100).join('\n')}\n`);
      }
    };
    await put(folder, {
      ...daemonFiles({ folder, address: site.address, config: { templates: 'templates' } }),
      'templates/vector/sink.toml.hbs': sinkOf('ours', delivered),
      ...Object.assign({}, ...jobs.map(({ broken }) => broken)),
    });
    await write(0);
    // So that it says of each file that it watches it, and not of some alone.
    const unlimited = ['--internal-log-rate-limit', '0'];
    const vectorCommand = [pathOf(vector), ...unlimited, '-c', join(folder, 'team.toml')];
    const daemon = startNvlHere(['run', '--', ...vectorCommand], { cwd: folder });
    const events = async () => readEvents(delivered);
    await waitUntil('the first lines', async () => (await events()).length >= jobs.length * 100, { timeoutMs: 40_000 });
    const first = await events();
    for (const { job, mark } of jobs) {
      expect(messagesOf(first, job).sort()).toEqual(linesOf(job, 0, 100).sort());
      const own = first.filter(({ nomad: labels }) => labels?.job_name === job);
      expect(new Set(own.map(markOf))).toEqual(new Set([mark === '' ? undefined : mark]));
      expect(new Set(own.map(({ parsed_by: by }) => by))).toEqual(new Set([mark === '' ? 'good' : undefined]));
      expect(own.every(({ nomad: labels }) => labels?.stream === 'stdout' && labels.task_name === 'app')).toBe(true);
    }

    await put(folder, Object.assign({}, ...jobs.map(({ fixed }) => fixed)));
    const isFixed = async () => {
      const rows = rowsOf(await readFile(join(folder, 'root/rows/tasks.csv'), 'utf8'));
      return jobs.every((_, at) =>
        rows.some(({ stem, mark }) => mark === '' && stem.startsWith(`nvl_${idOf(at + 1).slice(0, 8)}_`)),
      );
    };
    await waitUntil('all to be fixed', isFixed, { timeoutMs: 60_000 });
    const pipelinesOf = (at: number) =>
      globSync(`root/links/*/nvl_${idOf(at + 1).slice(0, 8)}_*`, { cwd: folder }).map((link) => link.split('/')[2]);
    const haveMoved = () =>
      slips.every(({ meta }, at) => {
        const found = new Set(pipelinesOf(at).map((id) => id?.startsWith(`nvl_${meta.nvl_profile}_`)));
        return found.size === 1 && found.has(true);
      });
    await waitUntil('the links of all to lie with their new pipelines', haveMoved, { timeoutMs: 60_000 });
    // Vector reads on by the old link until it looks for files again, and it sleeps for up to 2 s where nothing is written.
    const saysOf = (words: string, link: string) =>
      daemon
        .said()
        .split('\n')
        .filter((line) => line.includes(words) && line.includes(`/links/${link}`)).length;
    await waitUntil(
      'Vector to read by the new links alone',
      () =>
        saysOf('Stopped watching file', 'nvl_default_') === slips.length &&
        slips.every(({ meta }) => saysOf('to watch', `nvl_${meta.nvl_profile}_`) > 0),
      { timeoutMs: 40_000 },
    );
    await write(100);
    await waitUntil('the other lines', async () => (await events()).length >= jobs.length * 200, { timeoutMs: 40_000 });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const all = await events();
    for (const { job } of jobs) {
      expect(messagesOf(all, job).sort()).toEqual(linesOf(job, 0, 200).sort());
      const later = all.slice(first.length).filter(({ nomad: labels }) => labels?.job_name === job);
      expect(new Set(later.map(({ parsed_by: by }) => by))).toEqual(new Set([job]));
      expect(new Set(later.map(markOf))).toEqual(new Set([undefined]));
    }
  },
);

test('a sink of a profile that Vector refuses, and labels that it refuses, cost no line', needs(vector), async () => {
  const folder = await aFolder();
  const site = await aNomad(folder, [
    aRawAllocation({ id: idOf(1), job: 'tenant', taskMeta: { nvl_profile: 'tenant' } }),
    aRawAllocation({ id: idOf(2), job: 'plain' }),
  ]);
  for (const [digit, job] of [
    [1, 'tenant'],
    [2, 'plain'],
  ] as const) {
    const logs = join(site.allocDir, idOf(digit), 'alloc', 'logs');
    await mkdir(logs, { recursive: true });
    await writeFile(join(logs, 'app.stdout.0'), `${linesOf(job, 0, 50).join('\n')}\n`);
  }
  const [ours, theirs] = [join(folder, 'ours.ndjson'), join(folder, 'theirs.ndjson')];
  await put(folder, {
    ...daemonFiles({ folder, address: site.address, config: { templates: 'templates' } }),
    'templates/vector/sink.toml.hbs': sinkOf('ours', ours),
    'templates/vector/labels.toml.hbs':
      '[transforms.{{id}}_out]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = ".nomad = nothing_such()"\n',
    ...profile('tenant', {
      'transform.toml.hbs': parsing('tenant'),
      'sink.toml.hbs': sinkOf('theirs', theirs).replace('"file"', '"nothing_such"'),
    }),
  });
  const daemon = startNvlHere(['run', '--', pathOf(vector), '-c', join(folder, 'team.toml')], { cwd: folder });
  await waitUntil('all lines', async () => (await readEvents(ours)).length >= 100, { timeoutMs: 40_000 });
  const first = await readEvents(ours);
  expect(messagesOf(first, 'tenant').sort()).toEqual(linesOf('tenant', 0, 50).sort());
  expect(messagesOf(first, 'plain').sort()).toEqual(linesOf('plain', 0, 50).sort());
  const ofTenant = first.filter(({ nomad: labels }) => labels?.job_name === 'tenant');
  expect(new Set(ofTenant.map(markOf))).toEqual(new Set(['the labels template is refused; sink "tenant" is refused']));
  expect(ofTenant.every(({ parsed_by: by }) => by === 'tenant')).toBe(true);

  const loads = () => daemon.log().filter(({ msg }) => msg === 'Vector has loaded the new config').length;
  const before = loads();
  await put(folder, profile('tenant', { 'sink.toml.hbs': sinkOf('theirs', theirs) }));
  await waitUntil('the mended sink to be loaded', () => loads() > before, { timeoutMs: 40_000 });
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await appendFile(
    join(site.allocDir, idOf(1), 'alloc', 'logs', 'app.stdout.0'),
    `${linesOf('tenant', 50, 50).join('\n')}\n`,
  );
  await waitUntil('the rest', async () => (await readEvents(theirs)).length >= 50, { timeoutMs: 40_000 });
  expect(messagesOf(await readEvents(theirs), 'tenant').sort()).toEqual(linesOf('tenant', 50, 50).sort());
  expect(await readEvents(ours)).toHaveLength(100);
});

/** A few seconds of a job that writes 20 lines a second. */
const MOST_REPEATED = 100;
/** They write for half a minute: on a busy machine the mended templates go live late. */
const LINES = 600;

test('on a real Nomad, while they write', needs(nomad, vector), async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-slips-'));
  const agent = await startNomadAgent();
  onTestFinished(async () => {
    await agent.close();
    await rm(folder, { recursive: true, force: true });
  });
  await put(folder, {
    'ledger/.keep': '',
    ...profile('good', { 'transform.toml.hbs': parsing('good') }),
    ...Object.assign({}, ...slips.map(({ broken }) => broken)),
  });
  const nvl = await startNvl({
    folder,
    config: {
      templates: 'templates',
      nomad: { address: agent.address, interval: '1s' },
      reload: { settle: '5ms:20ms' },
    },
  });
  onTestFinished(async () => {
    await nvl.end();
  });
  const jobs = [...slips.map(({ job, meta }) => ({ job, meta })), { job: 'good', meta: { nvl_profile: 'good' } }];
  for (const { job, meta } of jobs) {
    const tasks = { app: { lines: LINES, rate: 20 } };
    await agent.run({ job: writerJob({ id: job, type: 'batch', meta, tasks, ledger: join(folder, 'ledger') }) });
  }
  const events = () => readEvents(nvl.delivered);
  await waitUntil(
    'lines of all',
    async () => new Set((await events()).map(({ nomad: labels }) => labels?.job_name)).size === jobs.length,
    { timeoutMs: 60_000 },
  );
  await put(folder, Object.assign({}, ...slips.map(({ fixed }) => fixed)));
  // On a busy machine a writer takes longer than its rate says.
  const ended = async () => (await readClaims({ ledger: join(folder, 'ledger'), nodeName: '' })).length;
  await waitUntil('the ends of all writers', async () => (await ended()) === jobs.length, { timeoutMs: 240_000 });
  await waitUntil(
    'all lines',
    async () =>
      new Set((await events()).map(({ nomad: labels, message }) => `${labels?.job_name} ${message}`)).size >=
      jobs.length * LINES,
    { timeoutMs: 90_000 },
    // What is missing is said below, line by line.
  ).catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const all = await events();
  for (const { job } of jobs) {
    const numbers = messagesOf(all, job).map((message) => Number(message.split(' ')[1]));
    expect([...new Set(numbers)].sort((a, b) => a - b)).toEqual(Array.from({ length: LINES }, (_, at) => at + 1));
    // What came between Vector's last checkpoint and the move to its own pipeline; the good job stays where it is.
    expect(numbers.length - LINES).toBeLessThanOrEqual(job === 'good' ? 0 : MOST_REPEATED);
    const own = all.filter(({ nomad: labels }) => labels?.job_name === job);
    // Marked until it was fixed, parsed from then on, and never both or neither.
    expect(own.every((event) => (markOf(event) === undefined) === (event.parsed_by === job))).toBe(true);
    if (job !== 'good')
      expect(own.some((event) => markOf(event) !== undefined) && own.some(({ parsed_by: by }) => by === job)).toBe(
        true,
      );
  }
});
