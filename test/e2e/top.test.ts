import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { TopReport } from '../../lib/top/report.ts';
import { aFolder, aNomad, nvl, put, startNvl } from '../commands/support.ts';
import { aRawAllocation, aTransform, idOf } from '../support/builders.ts';
import { startChild } from '../support/child.ts';
import { daemonFiles } from '../support/daemon-files.ts';
import { nvlProgram } from '../support/nvl.ts';
import { needs, pathOf, vector } from '../support/programs.ts';
import { freePort } from '../support/servers.ts';
import { fileSink, readDelivered } from '../support/vector.ts';
import { waitUntil } from '../support/wait.ts';

// What nvl top counts of a real Vector, beside what was written and what the sink got.

const exporter = (port: number): string => `
[sources.vector_metrics]
type = "internal_metrics"
scrape_interval_secs = 0.2
[sinks.vector_metrics_page]
type = "prometheus_exporter"
inputs = ["vector_metrics"]
address = "127.0.0.1:${port}"
`;

/** Lines that are no JSON are dropped for want of anything better, and those that say so on purpose. */
const STRICT = aTransform('. = object!(parse_json!(.message))\nif .skip == true { abort }').replace(
  'source =',
  'drop_on_error = true\ndrop_on_abort = true\nsource =',
);

const JOBS = { loud: idOf(1), quiet: idOf(2), alone: idOf(3) };
type Job = keyof typeof JOBS;

/** A node where `loud` and `quiet` share a pipeline, and `alone` has one. */
const aNode = async () => {
  const folder = await aFolder();
  const port = await freePort();
  const delivered = join(folder, 'delivered.ndjson');
  const server = await aNomad(folder, []);
  server.setAllocations(
    Object.entries(JOBS).map(([job, id]) =>
      aRawAllocation({ id, job, task: 'app', taskMeta: job === 'alone' ? {} : { nvl_profile: 'web' } }),
    ),
  );
  const files = (metrics: Record<string, unknown>) => ({
    ...daemonFiles({
      folder,
      address: server.address,
      config: { templates: 'templates', ...(Object.keys(metrics).length > 0 && { metrics }) },
      team: exporter(port),
    }),
    'templates/vector/sink.toml.hbs': fileSink({ inputs: ['{{input}}'], file: delivered }),
    'templates/profiles/web/transform.toml.hbs': STRICT,
  });
  const write = async (job: Job, lines: readonly string[]) => {
    const logs = join(server.allocDir, JOBS[job], 'alloc', 'logs');
    await mkdir(logs, { recursive: true });
    await appendFile(join(logs, 'app.stdout.0'), lines.map((line) => `${line}\n`).join(''));
  };
  const vectorArgs = ['--', pathOf(vector), '-c', join(folder, 'team.toml')];
  const arrived = async () => (await readDelivered(delivered)).length;
  const start = async (metrics: Record<string, unknown> = {}) => {
    await put(folder, files(metrics));
    return startNvl(['run', ...vectorArgs], { cwd: folder });
  };
  let calls = 0;
  /** What is counted while these lines are written. */
  const topWhile = async (args: readonly string[], lines: Partial<Record<Job, readonly string[]>>, count: number) => {
    calls += 1;
    const child = await startChild(
      process.execPath,
      [nvlProgram, 'top', '--once', '--json', '--interval', '20s', ...args, ...vectorArgs],
      { cwd: folder, env: { PATH: process.env.PATH, HOME: folder }, logFile: join(folder, `top-${calls}.log`) },
    );
    onTestFinished(async () => void (await child.end()));
    await waitUntil('it to count', async () => (await child.said()).includes('nvl: counts for 20 s'), SLOW);
    const before = await arrived();
    for (const [job, some] of Object.entries(lines)) await write(job as Job, some);
    await waitUntil('the lines to arrive', async () => (await arrived()) === before + count, SLOW);
    await waitUntil('its table', async () => (await child.said()).includes('"rows"'), SLOW);
    const said = await child.said();
    await child.end();
    return JSON.parse(said.split('\n').find((line) => line.startsWith('{')) ?? '') as TopReport;
  };
  return { folder, write, start, arrived, topWhile, vectorArgs };
};

const SLOW = { timeoutMs: 120_000 };

const json = (count: number, more = '') => Array.from({ length: count }, (_, n) => `{"n":${n}${more}}`);
const text = (count: number) => Array.from({ length: count }, (_, n) => `text ${n}`);

/** Counts, of rates. */
const countsOf = ({ rows, seconds }: TopReport) =>
  Object.fromEntries(
    rows.map(({ job, pipelines, lines, dropped, estimated }) => [
      job ?? pipelines[0]?.replace(/_[0-9a-f]{8}$/, ''),
      {
        lines: Math.round(lines * seconds),
        meant: Math.round(dropped.meant * seconds),
        failed: Math.round(dropped.failed * seconds),
        estimated,
      },
    ]),
  );

test(
  'jobs of one pipeline, counted by their tasks: lines to the one, drops and time by share; a pipeline’s own to the one',
  needs(vector),
  async () => {
    const { folder, write, start, arrived, topWhile, vectorArgs } = await aNode();
    const first = await start();
    for (const job of Object.keys(JOBS) as Job[]) await write(job, json(1));
    await waitUntil('the jobs', async () => (await arrived()) === 3, SLOW);

    // By what they write: both have written as much.
    const shared = await topWhile([], { loud: json(40), quiet: json(40), alone: text(30) }, 110);
    const counted = countsOf(shared);
    expect(counted.alone).toEqual({ lines: 30, meant: 0, failed: 0, estimated: { lines: false, others: false } });
    expect(counted.loud?.estimated).toEqual({ lines: true, others: true });
    expect((counted.loud?.lines ?? 0) + (counted.quiet?.lines ?? 0)).toBe(80);
    expect(shared.rows.every(({ cpuPercent }) => cpuPercent === null)).toBe(true);
    expect(shared.node).toBe('node-1');
    expect(shared.vectorCpuPercent).toBeGreaterThan(0);
    await first.end();

    // Every part of the pipelines is another now: nothing is lost or repeated over that.
    await write('loud', json(10));
    const second = await start({ byTask: true });
    await waitUntil('what was written meanwhile', async () => (await arrived()) === 123, SLOW);
    const lines = { loud: [...json(900), ...text(60)], quiet: [...json(100), ...json(40, ',"skip":true')], alone: [] };
    const measured = await topWhile(['--sort', 'cpu'], lines, 1_000);
    // 1,100 lines, of which 100 were dropped.
    expect(countsOf(measured)).toEqual({
      loud: {
        lines: 960,
        meant: Math.round((40 * 960) / 1_100),
        failed: Math.round((60 * 960) / 1_100),
        estimated: SHARED,
      },
      quiet: {
        lines: 140,
        meant: Math.round((40 * 140) / 1_100),
        failed: Math.round((60 * 140) / 1_100),
        estimated: SHARED,
      },
      alone: { lines: 0, meant: 0, failed: 0, estimated: COUNTED },
    });
    expect(measured.rows.map(({ job }) => job)).toEqual(['loud', 'quiet', 'alone']);
    expect(measured.rows[0]?.cpuPercent).toBeGreaterThan(0);
    const whole = await topWhile(['--by', 'pipeline'], { loud: text(5), quiet: json(20) }, 20);
    expect(countsOf(whole)).toEqual({
      nvl_web: { lines: 25, meant: 0, failed: 5, estimated: COUNTED },
      nvl_default: { lines: 0, meant: 0, failed: 0, estimated: COUNTED },
    });
    expect(whole.sinks.map(({ sink, events }) => [sink, Math.round(events * whole.seconds)])).toContainEqual([
      'delivered',
      20,
    ]);
    const shown = await nvl(['top', '--once', '--interval', '1s', ...vectorArgs], { cwd: folder });
    expect(shown.out).toMatch(/^JOB +TASKS +LINES\/S +BYTES\/S +DROPS\/S +ERRORS\/S +CPU$/m);
    await second.end();
    expect(await arrived()).toBe(123 + 1_020);
  },
);

const SHARED = { lines: false, others: true };
const COUNTED = { lines: false, others: false };
